"""The same steps in PyTorch as a careful user writes them for speed, eager, on one thread.

One flat vector of parameters with views for the layers, everything in place, rows gathered by index, noise in a buffer.
Gradients are written out by hand: that skips the graph and is faster than autograd (`gradient_by_autograd` is the other
way; the faster of the two, measured at the start, is used).
"""

import functools
import math

import torch
from torch.nn import functional as F

import data
from timing import clock, steps_per_second

torch.set_num_threads(1)


def instruction_set():
    """What the operators were chosen for, and what oneDNN and MKL may use."""
    import os

    held = [f"{name} {os.environ[name]}" for name in ("ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS") if name in os.environ]
    return ", ".join([torch.backends.cpu.get_cpu_capability(), *held])


class Network:
    """A ReLU network with its gradient of the mean loss on a minibatch."""

    def __init__(self, sizes, batch, recipe=None, autograd=False):
        widths = [int(width) for width in sizes.split("-")]
        self.binary = widths[-1] == 1
        x, y, _, _ = data.load(recipe or data.recipe(sizes))
        self.x, self.y = torch.from_numpy(x), torch.from_numpy(y)
        self.batch = batch
        count = sum((inputs + 1) * outputs for inputs, outputs in zip(widths, widths[1:]))
        self.theta, self.slope = torch.empty(count), torch.zeros(count)
        self.layers, self.slopes = [], []
        at = 0
        for inputs, outputs in zip(widths, widths[1:]):
            bound = inputs**-0.5
            self.theta[at : at + (inputs + 1) * outputs].uniform_(-bound, bound)
            for vector, views in ((self.theta, self.layers), (self.slope, self.slopes)):
                weight = vector[at : at + inputs * outputs].view(outputs, inputs)
                bias = vector[at + inputs * outputs : at + (inputs + 1) * outputs]
                views.append((weight, bias))
            at += (inputs + 1) * outputs
        self.rows = torch.empty(batch, dtype=torch.int64)
        self.range = torch.arange(batch)
        # Leaves that share the memory of theta and slope, for autograd.
        self.leaves = []
        for layer, slopes in zip(self.layers, self.slopes):
            for view, slope in zip(layer, slopes):
                leaf = view.detach().requires_grad_()
                leaf.grad = slope
                self.leaves.append(leaf)
        speeds = {}
        for gradient in (self.gradient_by_hand, self.gradient_by_autograd):
            start, calls = clock(), 0
            while clock() - start < 0.2:
                gradient()
                calls += 1
            speeds[gradient] = calls
        self.gradient = self.gradient_by_autograd if autograd else max(speeds, key=speeds.get)

    def draw(self):
        torch.randint(len(self.x), (self.batch,), out=self.rows)
        return self.x.index_select(0, self.rows), self.y.index_select(0, self.rows)

    @torch.inference_mode()
    def gradient_by_hand(self, batch=None):
        x, y = batch or self.draw()
        values = [x]
        for index, (weight, bias) in enumerate(self.layers):
            out = torch.addmm(bias, values[-1], weight.t())
            if not (self.binary and index == len(self.layers) - 1):
                out.relu_()
            values.append(out)
        out = values[-1]
        if self.binary:
            delta = torch.sigmoid(out).sub_(y[:, None]).div_(len(x))
        else:
            delta = torch.softmax(out, 1)
            delta[self.range[: len(x)] if len(x) <= self.batch else torch.arange(len(x)), y] -= 1
            delta.mul_(out > 0).div_(len(x))
        for index in reversed(range(len(self.layers))):
            slope, bias = self.slopes[index]
            torch.mm(delta.t(), values[index], out=slope)
            torch.sum(delta, 0, out=bias)
            if index:
                delta = torch.mm(delta, self.layers[index][0]).mul_(values[index] > 0)

    def gradient_by_autograd(self, batch=None):
        x, y = batch or self.draw()
        h = x
        for index in range(0, len(self.leaves), 2):
            h = F.linear(h, self.leaves[index], self.leaves[index + 1])
            if not (self.binary and index == len(self.leaves) - 2):
                h = torch.relu(h)
        if self.binary:
            loss = F.binary_cross_entropy_with_logits(h, y.float()[:, None])
        else:
            loss = F.cross_entropy(h, y)
        self.slope.zero_()
        loss.backward()


# Each maker returns a function that does n steps.


@functools.cache
def sgld(sizes, batch, autograd=False):
    network = Network(sizes, batch, autograd=autograd)
    theta, slope, noise = network.theta, network.slope, torch.empty_like(network.theta)
    h, precision, temperature = 1e-3, 1e-4, 1e-4
    amplitude = math.sqrt(2 * h * temperature)

    def advance(steps):
        for _ in range(steps):
            network.gradient()
            theta.mul_(1 - h * precision).add_(slope, alpha=-h).add_(noise.normal_(), alpha=amplitude)

    return advance


@functools.cache
def adlala(sizes, batch):
    """A C D E D C A for the two blocks of the first layer, A O A for the rest, then B for both."""
    network = Network(sizes, batch)
    theta, slope = network.theta, network.slope
    p, noise = torch.zeros_like(theta), torch.empty_like(theta)
    h, temperature, precision, friction, coupling, driving = 0.25, 1e-4, 1e-4, 0.1, 0.05, 0.01
    weight, bias = network.layers[0]
    first = weight.numel() + bias.numel()
    blocks = [p[: weight.numel()], p[weight.numel() : first]]
    counts = [block.numel() for block in blocks]
    rest, noise_first, noise_rest = p[first:], noise[:first], noise[first:]
    xi = [0.1, 0.1]
    keep = math.exp(-friction * h)
    amplitude = math.sqrt((1 - keep * keep) * temperature)
    driven = driving * math.sqrt(h / 2)

    def advance(steps):
        for _ in range(steps):
            theta.add_(p, alpha=h / 2)
            # C D before the feedback, D C after it, the D's each with a normal of its own.
            for index, block in enumerate(blocks):
                block.mul_(math.exp(-xi[index] * h / 2))
            p[:first].add_(noise_first.normal_(), alpha=driven)
            for index, block in enumerate(blocks):
                xi[index] += coupling * h * (torch.dot(block, block).item() - counts[index] * temperature)
            p[:first].add_(noise_first.normal_(), alpha=driven)
            for index, block in enumerate(blocks):
                block.mul_(math.exp(-xi[index] * h / 2))
            rest.mul_(keep).add_(noise_rest.normal_(), alpha=amplitude)
            theta.add_(p, alpha=h / 2)
            network.gradient()
            p.add_(slope, alpha=-h).add_(theta, alpha=-h * precision)

    advance.network = network
    return advance


@functools.cache
def pseudo_langevin(sizes, batch):
    """Middle updates with masses measured before; rows drawn with replacement, which is cheaper than distinct ones."""
    network = Network(sizes, batch)
    theta, slope, noise = network.theta, network.slope, torch.empty_like(network.theta)
    temperature, ratio, loss, precision = 3e-5, 0.01, 0.1, 9.015e-4
    train(network)
    mean, square = torch.zeros_like(theta), torch.zeros_like(theta)
    draws = 100
    for _ in range(draws):
        network.gradient()
        mean.add_(slope, alpha=1 / draws)
        square.addcmul_(slope, slope, value=1 / draws)
    variance = square.sub_(mean * mean).clamp_(min=1e-8)
    mass = variance / (4 * ratio * temperature * loss**2)
    inverse = 1 / mass
    keep = 1 - loss**2
    spread = ((1 + keep) * mass * temperature * loss**2 * (1 - (1 + keep) * ratio)).sqrt_()
    pi = torch.randn_like(theta).mul_((mass * temperature).sqrt())

    def advance(steps):
        for _ in range(steps):
            theta.addcmul_(pi, inverse)
            network.gradient()
            slope.add_(theta, alpha=precision)
            pi.mul_(keep).add_(slope, alpha=-(1 + keep) / 2).addcmul_(noise.normal_(), spread)

    return advance


def train(network):
    """A few steps down the slope, away from the plateau of the start."""
    for _ in range(300):
        network.gradient()
        network.theta.add_(network.slope, alpha=-0.1)


@functools.cache
def full_gradient(sizes, examples):
    """All examples in blocks, of the size that is the fastest; gradients are added up."""
    network = Network(sizes, 5000, recipe=f"kspin:train={examples},test=1000")
    total = torch.zeros_like(network.slope)

    def once(block):
        total.zero_()
        for start in range(0, examples, block):
            network.gradient_by_hand((network.x[start : start + block], network.y[start : start + block]))
            total.add_(network.slope, alpha=block / examples)

    times = {}
    for block in (500, 1000, 2000, 5000):
        once(block)
        start = clock()
        once(block)
        times[block] = clock() - start
    best = min(times, key=times.get)

    def advance(steps):
        for _ in range(steps):
            once(best)

    return advance


def speed(name, *arguments):
    """Steps per second of one of the makers above."""
    return steps_per_second(globals()[name](*arguments))


def epochs(count):
    """Seconds for so many epochs of AdLaLa on the spirals, and the test error then."""
    advance = adlala.__wrapped__("2-100-1", 25)
    network = advance.network
    start = clock()
    advance(count * len(network.x) // 25)
    seconds = clock() - start
    _, _, x, y = data.load("spirals")
    h = torch.from_numpy(x).float()
    for index, (weight, bias) in enumerate(network.layers):
        h = torch.addmm(bias, h, weight.t())
        if index == 0:
            h.relu_()
    return seconds, ((h[:, 0] > 0).long() != torch.from_numpy(y).long().ravel()).float().mean().item()
