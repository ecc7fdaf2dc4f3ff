"""How fast a step is, by repeating it."""

import os
import statistics
import time


def clock():
    """Seconds; of the process at work where that was asked for, which a busy machine changes less."""
    return time.process_time() if os.environ.get("PEERS_CPU_TIME") else time.perf_counter()


def steps_per_second(advance, wanted=0.5):
    """The median over samples of about 30 ms; `advance(n)` does n steps and returns when they are done."""
    advance(1)
    steps, taken = 1, 0.0
    while taken < 0.03:
        steps = max(2 * steps, int(steps * 0.03 / max(taken, 1e-4))) if taken else 2
        steps = min(steps, 1 << 20)
        # Twice, as a compiled loop is compiled anew for a new length.
        for _ in range(2):
            start = clock()
            advance(steps)
            taken = clock() - start
    speeds = []
    end = clock() + wanted
    while clock() < end or len(speeds) < 3:
        start = clock()
        advance(steps)
        speeds.append(steps / (clock() - start))
    return statistics.median(speeds)
