"""Our own numbers, through the commands that everyone has."""

import json
import os
import pathlib
import resource
import subprocess
import tempfile

import numpy as np

BENCHMARKS = ".build/release/langevin-benchmarks"
LANGEVIN = ".build/release/langevin"


def on_core(core):
    """What holds a child process to a core."""
    return (lambda: os.sched_setaffinity(0, {core})) if hasattr(os, "sched_setaffinity") else None


def steps_per_second(name, cores, suite="samplers"):
    """Pieces of work per second of a row of `langevin-benchmarks`, on each of the cores, added up."""
    command = [BENCHMARKS, "--suite", suite, "--filter", name, "--json"]
    if os.environ.get("PEERS_CPU_TIME"):
        command.append("--cpu-time")
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=on_core(core)) for core in cores]
    total = 0.0
    for run in runs:
        text, _ = run.communicate()
        rows = [row for row in json.loads(text) if row["name"] == name]
        total += 1 / rows[0]["seconds"]
    return total


def instruction_set():
    """The set that our kernels run on: the first line of the benchmarks says it."""
    text = subprocess.run([BENCHMARKS, "--filter", "nothing of this name"], check=True, capture_output=True, text=True).stdout
    return text.splitlines()[0].removeprefix("instruction set ")


def at_work():
    """Seconds that finished child processes were at work."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def sample(core, **settings):
    """A run of `langevin sample` on one core: the draws of its one chain, and the seconds that they took.

    Its steps take equal times, so those of the warm-up are taken off by their share.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "run"
        command = [LANGEVIN, "sample", "--out", str(folder), "--quiet", "--no-report", "--chains", "1",
                   "--threads", "1", "--observables", "minibatch"]
        for name, value in settings.items():
            key = name.replace("__", ".").replace("_", "-")
            command += ["--set", f"{key}={value}"]
        before = at_work()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       preexec_fn=on_core(core))
        seconds = at_work() - before if os.environ.get("PEERS_CPU_TIME") else json.loads((folder / "summary.json").read_text())["seconds"]
        draws = np.load(folder / "draws-1.npy")
    return draws, seconds * (1 - settings["warmup"] / settings["steps"])
