"""The same work in PyTorch and numpy, on one thread: gradients of networks and normal numbers.

Run from the top of the package, after `swift build -c release`:

    python3 -m venv Benchmarks/peers/.venv
    Benchmarks/peers/.venv/bin/pip install -r Benchmarks/peers/requirements.txt
    Benchmarks/peers/.venv/bin/python Benchmarks/peers/core.py

Ours and theirs are measured in turn; the ratio is the median over rounds of theirs' time over ours.
"""

import json
import statistics
import subprocess
import time

import numpy as np
import torch
from torch.nn import functional as F

OURS = ".build/release/langevin-benchmarks"


def seconds_per_call(work, wanted=0.4):
    """The median over batches of calls that take about 20 ms each."""
    work()
    start = time.perf_counter()
    work()
    once = max(time.perf_counter() - start, 1e-7)
    calls = max(1, int(0.02 / once))
    samples = []
    end = time.perf_counter() + wanted
    while time.perf_counter() < end or len(samples) < 3:
        start = time.perf_counter()
        for _ in range(calls):
            work()
        samples.append((time.perf_counter() - start) / calls)
    return statistics.median(samples)


def gradient(sizes, batch, binary=False, examples=10_000, full=False):
    """One gradient by autograd as a careful user writes it: flat views, rows gathered by index, gradients reused."""
    widths = [int(s) for s in sizes.split("-")]
    torch.manual_seed(0)
    x = torch.sign(torch.randn(examples, widths[0]))
    y = torch.randint(0, 2 if binary else widths[-1], (examples,))
    target = y.float()[:, None] if binary else y
    parameters = []
    for inputs, outputs in zip(widths, widths[1:]):
        bound = inputs**-0.5
        parameters.append(torch.empty(outputs, inputs).uniform_(-bound, bound).requires_grad_())
        parameters.append(torch.empty(outputs).uniform_(-bound, bound).requires_grad_())

    def loss(inputs, target):
        h = inputs
        for layer in range(0, len(parameters), 2):
            h = F.linear(h, parameters[layer], parameters[layer + 1])
            if not binary or layer < len(parameters) - 2:
                h = torch.relu(h)
        return F.binary_cross_entropy_with_logits(h, target) if binary else F.cross_entropy(h, target)

    def step():
        if full:
            for start in range(0, examples, 5000):
                torch.autograd.grad(loss(x[start : start + 5000], target[start : start + 5000]), parameters)
        else:
            rows = torch.randint(0, examples, (batch,))
            torch.autograd.grad(loss(x.index_select(0, rows), target.index_select(0, rows)), parameters)

    return step


def normals():
    """numpy's ziggurat in single precision, 4096 at a time, in place."""
    generator = np.random.default_rng(0)
    out = np.empty(4096, dtype=np.float32)
    return lambda: generator.standard_normal(out=out, dtype=np.float32)


def ours(name):
    """Seconds for one piece of work, by our own benchmark."""
    text = subprocess.run([OURS, "--json", "--filter", name], capture_output=True, text=True, check=True).stdout
    rows = [row for row in json.loads(text) if row["name"] == name]
    return rows[0]["seconds"]


def main():
    torch.set_num_threads(1)
    rows = [
        ("gradient 100-5000-100-10 batch 128", gradient("100-5000-100-10", 128), 2),
        ("gradient 100-5000-100-10 batch 512", gradient("100-5000-100-10", 512), 2),
        ("gradient 100-500-100-10 batch 128", gradient("100-500-100-10", 128), 2),
        ("gradient 100-50-100-10 batch 128", gradient("100-50-100-10", 128), 4),
        ("gradient 2-100-1 batch 25", gradient("2-100-1", 25, binary=True), 10),
        (
            "gradient 100-50-100-10 on 100000 examples",
            gradient("100-50-100-10", 0, examples=100_000, full=True),
            2,
        ),
        ("normals, single precision", normals(), 6),
    ]
    print(f"torch {torch.__version__}, numpy {np.__version__}, one thread")
    print(f"{'work':46}{'ours':>12}{'theirs':>12}{'ratio':>8}{'aim':>6}")
    for name, work, aim in rows:
        pairs = [(ours(name), seconds_per_call(work)) for _ in range(3)]
        mine, other = (statistics.median(column) for column in zip(*pairs))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{name:46}{mine * 1e6:9.1f} us{other * 1e6:9.1f} us{ratio:8.1f}{aim:6}")


if __name__ == "__main__":
    main()
