"""Opens an export with ArviZ and compares its numbers with those of the command, to 1e-9 (loo of arviz-stats to 1e-3).

Usage: check_arviz.py RUN_FOLDER LANGEVIN
with either arviz 0.2x or arviz-base and arviz-stats, and xarray and zarr. Exits with 1 at the first disagreement.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import xarray

try:
    import arviz
    NAME = f"arviz {arviz.__version__}"
except ImportError:
    import arviz_base
    import arviz_stats
    arviz = None
    NAME = f"arviz-base {arviz_base.__version__}, arviz-stats {arviz_stats.__version__}"

folder, langevin = pathlib.Path(sys.argv[1]), sys.argv[2]


def said(*words):
    return json.loads(subprocess.check_output([langevin, *map(str, words)]))


def agree(what, ours, theirs, tolerance=1e-9):
    error = abs(ours - theirs) / max(abs(theirs), 1e-300)
    assert error < tolerance, f"{what}: {ours} here, {theirs} in {NAME}"
    return error


summary, loo, run = said("summary", folder, "--json"), said("loo", folder, "--json")[0], json.loads((folder / "run.json").read_text())
with tempfile.TemporaryDirectory() as temporary:
    path = pathlib.Path(temporary) / "run.zarr"
    subprocess.check_call([langevin, "export", folder, "--format", "zarr", "--with", "all", "--out", path],
                          stdout=subprocess.DEVNULL)
    tree = xarray.open_datatree(path, engine="zarr").load()

groups = {"posterior", "sample_stats", "log_likelihood", "posterior_predictive", "observed_data", "constant_data"}
assert set(tree.children) == groups, tree.children
assert json.loads(tree.attrs["run"])["network"] == run["network"]
stats = tree["sample_stats"]
for name in ("lp", "acceptance_rate", "energy", "diverging", "potential_energy"):
    if name in ("energy", "diverging") and run["sampler"]["name"] != "hmc":
        continue
    assert name in stats, f"{name} is missing: {list(stats.data_vars)}"
temperature = run["law"]["temperature"]
np.testing.assert_array_equal(stats["lp"], -stats["potential_energy"] / temperature)
if "diverging" in stats:
    assert stats["diverging"].dtype == bool
if "energy" in stats:
    # K/T is chi-squared with as many degrees of freedom as there are parameters, over 2.
    count = sum(int(np.prod(block.shape[2:])) for block in tree["posterior"].data_vars.values())
    kinetic = (stats["energy"] + stats["lp"]).to_numpy()
    assert (kinetic > 0).all() and abs(kinetic.mean() - count / 2) < 0.2 * count, (kinetic.mean(), count)
y, x = tree["observed_data"]["y"], tree["constant_data"]["x"]
assert tree["log_likelihood"]["y"].dims == ("chain", "draw", "y_dim_0") and x.dims == ("y_dim_0", "feature")
np.testing.assert_array_equal(y["y_dim_0"], tree["log_likelihood"]["y"]["y_dim_0"])
predictive = tree["posterior_predictive"]["y"]
assert predictive.shape == tree["log_likelihood"]["y"].shape
print(NAME, "opened", *sorted(groups), "-", len(y), "examples of", *x["feature"].to_numpy()[:4])

# The summary of the trace.
names = {"energy": "potential_energy", "acceptance": "acceptance_rate"}
worst = 0.0
for ours, found in summary["observables"].items():
    name = names.get(ours, ours)
    table = arviz.summary(arviz.from_datatree(tree), group="sample_stats", var_names=[name], round_to="none") if arviz else \
        arviz_stats.summary(tree, group="sample_stats", var_names=[name], round_to="none")
    row = table.iloc[0]
    pairs = {"mean": "mean", "sd": "sd", "mcse": "mcse_mean", "ess_bulk": "ess_bulk", "ess_tail": "ess_tail", "rhat": "r_hat"}
    for key, column in pairs.items():
        if key == "sd" and not arviz:
            # arviz-stats divides by the number of draws, ArviZ 0.2x and the command by one less.
            count = stats[name].size
            row = row.copy()
            row[column] *= np.sqrt(count / (count - 1))
        if key == "ess_tail" and not arviz:
            # The tails of arviz-stats begin at 5.5 and 94.5 %; those of ArviZ 0.2x, Stan and the command at 5 and 95 %.
            from arviz_stats.base import array_stats
            row = row.copy()
            row[column] = array_stats.ess(stats[name].to_numpy(), method="tail", prob=(0.05, 0.95))
        if found[key] is not None and found["sd"] > 0 and np.isfinite(row[column]):
            worst = max(worst, agree(f"{ours} {key}", found[key], row[column]))
print(f"summary: {len(summary['observables'])} observables, largest relative difference {worst:.1e}")

# Leave-one-out and WAIC, where the likelihood is sampled as it is.
if abs(loo["power"] - 1) < 1e-9:
    result = arviz.loo(arviz.from_datatree(tree), reff=loo["reff"], pointwise=True) if arviz else \
        arviz_stats.loo(tree, reff=loo["reff"], pointwise=True)
    value, error, parameters = (result.elpd_loo, result.se, result.p_loo) if arviz else (result.elpd, result.se, result.p)
    # arviz-stats smooths a slightly different tail.
    tolerance = 1e-9 if arviz else 1e-3
    worst = agree("elpd_loo", loo["elpd_loo"]["value"], float(value), tolerance)
    agree("se", loo["elpd_loo"]["se"], float(error), tolerance)
    agree("p_loo", loo["p_loo"], float(parameters), 100 * tolerance if arviz else 0.01)
    print(f"loo: {value:.6f}, se {error:.6f}, p_loo {parameters:.6f}; the command's elpd_loo differs by {worst:.1e} of it")
else:
    assert "warning" in tree["log_likelihood"].attrs
    print("loo: a power of the likelihood was sampled, and the export says so")
