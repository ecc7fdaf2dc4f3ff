"""BlackJAX with the whole chain compiled: warm-up by its own window adaptation, then jit of lax.scan over the moves.

Only the compiled chain is timed, neither compilation nor warm-up.
"""

import functools

import blackjax
import jax
import jax.numpy as jnp
import numpy as np

import data
from problems import PROBLEMS
from timing import clock


def energy(problem, theta, x, y):
    """The sum of losses."""
    h = x
    for index, (weight, bias) in enumerate(problem.layers(theta)):
        h = h @ weight.T + bias
        if index < len(problem.widths) - 2:
            h = jnp.tanh(h)
    if problem.widths[-1] == 1:
        return jnp.sum(jax.nn.softplus(h[:, 0]) - y * h[:, 0])
    return -jnp.sum(jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], 1))


def arrays(problem):
    x, y, _, _ = data.load(problem.recipe)
    return jnp.asarray(x), jnp.asarray(y.astype(np.int32))


def origin(problem):
    """The start: small weights."""
    return 0.1 * jax.random.normal(jax.random.key(0), (problem.count,))


@functools.cache
def hmc_chain(name, length, moves, warmup):
    problem = PROBLEMS[name]
    x, y = arrays(problem)

    def log_density(theta):
        return -energy(problem, theta, x, y) - 0.5 * jnp.dot(theta, theta)

    adaptation = blackjax.window_adaptation(
        blackjax.hmc, log_density, num_integration_steps=length, target_acceptance_rate=0.8)

    @jax.jit
    def adapt(key):
        (state, parameters), _ = adaptation.run(key, origin(problem), warmup)
        return state, parameters

    @jax.jit
    def sample(key, state, step_size, inverse_mass):
        move = blackjax.hmc(log_density, step_size, inverse_mass, length).step

        def once(state, key):
            state, _ = move(key, state)
            return state, state.position

        return jax.lax.scan(once, state, jax.random.split(key, moves))[1]

    return adapt, sample


def hmc(name, length, moves, warmup, seed):
    """Draws of a chain, and the seconds of the moves after warm-up."""
    adapt, sample = hmc_chain(name, length, moves, warmup)
    first, second = jax.random.split(jax.random.key(seed))
    state, parameters = adapt(first)
    arguments = (second, state, parameters["step_size"], parameters["inverse_mass_matrix"])
    jax.block_until_ready(sample(*arguments))  # compiled at the first call
    start = clock()
    draws = jax.block_until_ready(sample(*arguments))
    return np.asarray(draws), clock() - start


@functools.cache
def sgld_chain(name, batch, rows, thin):
    problem = PROBLEMS[name]
    x, y = arrays(problem)
    gradient = blackjax.sgmcmc.gradients.grad_estimator(
        lambda theta: -0.5 * jnp.dot(theta, theta),
        lambda theta, example: -energy(problem, theta, example[0][None], example[1][None]), len(x))
    move = blackjax.sgld(gradient).step

    @jax.jit
    def sample(key, theta):
        def step(theta, key):
            rows_key, noise_key = jax.random.split(key)
            chosen = jax.random.randint(rows_key, (batch,), 0, len(x))
            return move(noise_key, theta, (x[chosen], y[chosen]), problem.sgld_step), None

        def row(theta, key):
            theta, _ = jax.lax.scan(step, theta, jax.random.split(key, thin))
            return theta, theta

        return jax.lax.scan(row, theta, jax.random.split(key, rows))

    theta, _ = sample(jax.random.key(0), origin(problem))
    return sample, jax.block_until_ready(theta)


def sgld(name, batch, rows, thin, seed):
    """Draws of a chain that goes on where one of the same length ended, and their seconds."""
    sample, theta = sgld_chain(name, batch, rows, thin)
    start = clock()
    _, draws = jax.block_until_ready(sample(jax.random.key(seed), theta))
    return np.asarray(draws), clock() - start
