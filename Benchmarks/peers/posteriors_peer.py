"""SGLD of the package posteriors, on PyTorch: in place, rows gathered by index, eager as the package is."""


import numpy as np
import posteriors
import torch
from torch.nn import functional as F

import data
from problems import PROBLEMS
from timing import clock

torch.set_num_threads(1)


def sgld(name, batch, rows, thin, seed):
    """Draws of a chain after a tenth of its length, and their seconds. The regression only."""
    problem = PROBLEMS[name]
    x, y, _, _ = data.load(problem.recipe)
    x, y = torch.from_numpy(x), torch.from_numpy(y).float()
    torch.manual_seed(seed)

    def log_posterior(theta, batch):
        inputs, targets = batch
        logits = inputs @ theta[:-1] + theta[-1]
        loss = F.binary_cross_entropy_with_logits(logits, targets)
        return -len(x) * loss - 0.5 * torch.dot(theta, theta), torch.tensor([])

    transform = posteriors.sgmcmc.sgld.build(log_posterior, lr=problem.sgld_step)
    state = transform.init(0.1 * torch.randn(problem.count))
    draws = np.empty((rows, problem.count), dtype=np.float32)
    warmup = rows // 10
    for row in range(-warmup, rows):
        if row == 0:
            start = clock()
        for _ in range(thin):
            chosen = torch.randint(len(x), (batch,))
            state, _ = transform.update(state, (x.index_select(0, chosen), y.index_select(0, chosen)), inplace=True)
        if row >= 0:
            draws[row] = state.params.numpy()
    return draws, clock() - start
