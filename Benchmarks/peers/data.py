"""Data sets that ours makes and theirs reads: the same numbers for both."""

import functools
import pathlib
import subprocess
import tempfile

import numpy as np

LANGEVIN = ".build/release/langevin"


@functools.cache
def load(recipe):
    """Inputs and classes of a recipe, and of its test part."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([LANGEVIN, "data", recipe, "--out", folder], check=True, stdout=subprocess.DEVNULL)
        path = pathlib.Path(folder)
        parts = [np.load(file) if file.exists() else None for file in
                 (path / f"{name}.npy" for name in ("x_train", "y_train", "x_test", "y_test"))]
    x, y, x_test, y_test = (part if part is None else np.ascontiguousarray(part) for part in parts)
    return x.astype(np.float32), y.astype(np.int64).ravel(), x_test, y_test


def recipe(sizes):
    """The data of a network of the speed comparison."""
    return "spirals" if sizes == "2-100-1" else "kspin:train=55800,test=1000"
