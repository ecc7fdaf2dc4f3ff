"""How fast a step is, by repeating it."""

import statistics
import time


def steps_per_second(advance, wanted=0.5):
    """The median over samples of about 30 ms; `advance(n)` does n steps and returns when they are done."""
    advance(1)
    steps, taken = 1, 0.0
    while taken < 0.03:
        steps = max(2 * steps, int(steps * 0.03 / max(taken, 1e-4))) if taken else 2
        steps = min(steps, 1 << 20)
        # Twice, as a compiled loop is compiled anew for a new length.
        for _ in range(2):
            start = time.perf_counter()
            advance(steps)
            taken = time.perf_counter() - start
    speeds = []
    end = time.perf_counter() + wanted
    while time.perf_counter() < end or len(speeds) < 3:
        start = time.perf_counter()
        advance(steps)
        speeds.append(steps / (time.perf_counter() - start))
    return statistics.median(speeds)
