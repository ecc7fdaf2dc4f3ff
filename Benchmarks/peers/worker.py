"""A peer in a process of its own, held to one core: what it has compiled or prepared stays there between rounds."""

import importlib
import multiprocessing
import os
import warnings
from concurrent.futures import ProcessPoolExecutor


def hold_to(core):
    """Before the peer's library is imported: one core, one thread, and no noise on standard error."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    flags = ["--xla_cpu_multi_thread_eigen=false", "intra_op_parallelism_threads=1", os.environ.get("PEERS_XLA_FLAGS", "")]
    os.environ["XLA_FLAGS"] = " ".join(flags).strip()
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.simplefilter("ignore")


def call(module, function, arguments):
    """A function of a peer's module, which is imported here and not in the driver."""
    return getattr(importlib.import_module(module), function)(*arguments)


class Workers:
    """One process on each of the cores; work is given to all of them at once."""

    def __init__(self, cores):
        context = multiprocessing.get_context("spawn")
        self.pools = [ProcessPoolExecutor(1, context, hold_to, (core,)) for core in cores]

    def run(self, module, function, *arguments):
        """The results of the same call in every process, side by side."""
        calls = [pool.submit(call, module, function, arguments) for pool in self.pools]
        return [call.result() for call in calls]

    def close(self):
        for pool in self.pools:
            pool.shutdown()
