"""SGLD in JAX with the whole loop compiled: jit of lax.scan, random minibatch and noise inside, on one thread.

The generators of random numbers that JAX offers are tried once, and the fastest is used.
"""

import functools
import os

import jax
import jax.numpy as jnp

import data
from timing import clock, steps_per_second


def instruction_set():
    """What its compiler was held to: it has no way to ask what it chose."""
    limits = [flag for flag in os.environ["XLA_FLAGS"].split() if "max_isa" in flag]
    return ", ".join(limits) or "no limit"


def start(widths, key):
    """Weights and biases, uniform within 1/sqrt(inputs)."""
    parameters = []
    for inputs, outputs in zip(widths, widths[1:]):
        key, a, b = jax.random.split(key, 3)
        bound = inputs**-0.5
        parameters.append(
            (jax.random.uniform(a, (inputs, outputs), minval=-bound, maxval=bound),
             jax.random.uniform(b, (outputs,), minval=-bound, maxval=bound)))
    return parameters


def mean_loss(parameters, x, y, binary):
    h = x
    for index, (weight, bias) in enumerate(parameters):
        h = h @ weight + bias
        if not (binary and index == len(parameters) - 1):
            h = jax.nn.relu(h)
    if binary:
        return jnp.mean(jax.nn.softplus(h[:, 0]) - y * h[:, 0])
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], 1))


def loop(sizes, batch, generator):
    widths = [int(width) for width in sizes.split("-")]
    binary = widths[-1] == 1
    x, y, _, _ = data.load(data.recipe(sizes))
    x, y = jnp.asarray(x), jnp.asarray(y.astype("int32"))
    h, precision, temperature = 1e-3, 1e-4, 1e-4
    amplitude = (2 * h * temperature) ** 0.5
    parameters = start(widths, jax.random.key(0))
    leaves, structure = jax.tree.flatten(parameters)

    @functools.partial(jax.jit, static_argnums=1, donate_argnums=0)
    def advance(state, steps):
        def step(state, _):
            leaves, key = state
            key, rows_key, *keys = jax.random.split(key, 2 + len(leaves))
            rows = jax.random.randint(rows_key, (batch,), 0, len(x))
            slope = jax.grad(lambda leaves: mean_loss(jax.tree.unflatten(structure, leaves), x[rows], y[rows], binary))
            leaves = [
                leaf - h * (g + precision * leaf) + amplitude * jax.random.normal(k, leaf.shape)
                for leaf, g, k in zip(leaves, slope(leaves), keys)
            ]
            return (leaves, key), None

        return jax.lax.scan(step, state, None, length=steps)[0]

    state = [(leaves, jax.random.key(1, impl=generator))]

    def run(steps):
        state[0] = jax.block_until_ready(advance(state[0], steps))

    return run


@functools.cache
def sgld(sizes, batch):
    times = {}
    for generator in ("threefry2x32", "rbg", "unsafe_rbg"):
        run = loop(sizes, batch, generator)
        steps = 2000 if sizes == "2-100-1" else 20
        run(steps)
        begin = clock()
        run(steps)
        times[run] = clock() - begin
    return min(times, key=times.get)


def speed(name, *arguments):
    """Steps per second."""
    return steps_per_second(globals()[name](*arguments))
