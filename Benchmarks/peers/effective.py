"""Effective samples by ArviZ, the same for all samplers, and whether two of them agree on the means."""

import arviz
import numpy as np


def smallest(quantities):
    """The effective sample size of the slowest of the quantities of one chain, [draws, quantities]."""
    return min(arviz.ess(column[None, :], method="bulk") for column in quantities.T)


def largest_z(ours, theirs):
    """The largest difference of the means of a quantity in combined standard errors; lists of chains."""
    largest = 0.0
    for index in range(ours[0].shape[1]):
        a, b = (np.array([chain[:, index] for chain in chains]) for chains in (ours, theirs))
        error = sum(chains.var() / arviz.ess(chains, method="mean") for chains in (a, b)) ** 0.5
        largest = max(largest, abs(a.mean() - b.mean()) / error)
    return float(largest)
