"""Opens what a run leaves behind with the programs that people use, and compares the diagnostics.

Usage: python check_clients.py RUN_FOLDER LANGEVIN
with the packages arviz==0.23.4, numpy, pandas, xarray, zarr and safetensors. Exits with 1 at the first disagreement.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import arviz
import numpy
import pandas
import xarray
from safetensors.numpy import load_file

folder, langevin = pathlib.Path(sys.argv[1]), sys.argv[2]
summary = json.loads(subprocess.check_output([langevin, "summary", str(folder), "--json"]))
run = json.loads((folder / "run.json").read_text())

# Traces: ArviZ reads the CmdStan dialect and finds the same diagnostics.
traces = sorted(folder.glob("chain-*.csv"))
data = arviz.from_cmdstan([str(path) for path in traces])
worst = 0.0
for name, ours in summary["observables"].items():
    theirs = arviz.summary(data, var_names=[name], round_to="none").iloc[0]
    pairs = {"mean": "mean", "mcse": "mcse_mean", "ess_bulk": "ess_bulk", "ess_tail": "ess_tail", "rhat": "r_hat"}
    for key, column in pairs.items():
        if ours[key] is None:
            continue
        if key == "rhat" and (ours["sd"] == 0 or not numpy.isfinite(theirs[column])):
            continue
        error = abs(ours[key] - theirs[column]) / max(abs(theirs[column]), 1e-300)
        worst = max(worst, error)
        assert error < 1e-9, f"{name} {key}: {ours[key]} here, {theirs[column]} in ArviZ"
print(f"ArviZ: {len(summary['observables'])} observables, largest relative difference {worst:.1e}")
assert pandas.read_csv(traces[0], comment="#")["energy"].notna().all()

# Draws: mapped, and the norm of each is the trace's.
draws = [numpy.load(path, mmap_mode="r") for path in sorted(folder.glob("draws-*.npy"))]
every = run["draw-every"]
for path, chain in zip(traces, draws):
    table = pandas.read_csv(path, comment="#")
    kept = table[table["step__"] > run["warmup"]]["norm2"].to_numpy()[::every]
    norms = (chain.astype(float) ** 2).sum(axis=1)
    numpy.testing.assert_allclose(norms, kept, rtol=1e-6)
print(f"NumPy: {len(draws)} chains of {draws[0].shape} draws, norms as in the traces")

# Exports: all three hold the same numbers.
with tempfile.TemporaryDirectory() as temporary:
    paths = {name: f"{temporary}/draws.{name}" for name in ("zarr", "npz", "safetensors")}
    for name, path in paths.items():
        subprocess.check_call([langevin, "export", str(folder), "--format", name, "--out", path], stdout=subprocess.DEVNULL)
    archive, tensors = numpy.load(paths["npz"]), load_file(paths["safetensors"])
    tree = xarray.open_datatree(paths["zarr"], engine="zarr")
    block = "layer1.weight"
    expected = archive[block]
    assert expected.shape[0] == len(draws)
    first = expected[0].reshape(expected.shape[1], -1)
    numpy.testing.assert_array_equal(first, draws[0][: expected.shape[1], : first.shape[1]])
    numpy.testing.assert_array_equal(tensors[block].reshape(expected.shape), expected)
    numpy.testing.assert_array_equal(tree["posterior"][block].to_numpy(), expected)
    numpy.testing.assert_array_equal(tree["sample_stats"]["energy"].to_numpy(), archive["energy"])
    inference = arviz.from_datatree(tree)
    numpy.testing.assert_array_equal(inference.posterior[block].to_numpy(), expected)
    print("exports: Zarr, NumPy archive and safetensors agree;", *tree["posterior"].data_vars)
