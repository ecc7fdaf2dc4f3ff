"""Two posteriors that all samplers can draw from: the sum of losses over all data, plus |theta|^2/2, at temperature 1.

Parameters lie in one flat vector: for each layer the weights, [outputs, inputs], and then the biases.
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Problem:
    """A network on a recipe's data, and the lengths of trajectories that hybrid Monte Carlo chooses from.

    A fixed length can hit the period of a direction, which then hardly moves; each side uses the length that is best
    for it.
    """

    recipe: str
    network: str
    leapfrog_steps: tuple
    sgld_step: float = 0.0
    activation: str = "tanh"

    @property
    def widths(self):
        return [int(width) for width in self.network.split("-")]

    @property
    def count(self):
        return sum((inputs + 1) * outputs for inputs, outputs in zip(self.widths, self.widths[1:]))

    def layers(self, theta):
        """Weights and biases as views of a flat vector, of any library."""
        at = 0
        for inputs, outputs in zip(self.widths, self.widths[1:]):
            end = at + inputs * outputs
            yield theta[at:end].reshape(outputs, inputs), theta[end : end + outputs]
            at = end + outputs

    def settings(self):
        """The same posterior as settings of `langevin sample`."""
        return {
            "data": self.recipe, "network": self.network, "activation": self.activation,
            "output_activation": "identity", "normalisation": "sum", "prior": 1.0, "sampler__temperature": 1.0,
            "start__steps": 0,
        }

    def quantities(self, draws, x_test):
        """What is compared: coefficients of the regression; for the network, whose units may change places, the
        log-odds of its classes at ten test points, and |theta|^2."""
        if len(self.widths) == 2:
            return draws.astype(np.float64)
        columns = []
        for theta in draws:
            h = x_test[:10]
            for index, (weight, bias) in enumerate(self.layers(theta)):
                h = h @ weight.T + bias
                if index < len(self.widths) - 2:
                    h = np.tanh(h)
            columns.append(np.append((h[:, 1:] - h[:, :1]).ravel(), np.dot(theta, theta)))
        return np.array(columns, dtype=np.float64)


PROBLEMS = {
    "logistic regression": Problem(
        "mixture:classes=2,dimension=10,separation=0.5,train=1000", "10-1", leapfrog_steps=(3, 5, 7), sgld_step=1e-3),
    "2-layer network": Problem("kspin:spins=16,classes=4,train=500,test=1000", "16-32-4", leapfrog_steps=(10, 20, 40)),
}
