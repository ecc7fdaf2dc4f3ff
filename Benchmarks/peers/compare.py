"""Runs ours and theirs in turn, pair by pair, and prints medians, spread and ratios beside what is asked for.

From the top of the package, after Benchmarks/peers/setup.sh and `swift build -c release`:

    Benchmarks/peers/.venv/bin/python Benchmarks/peers/compare.py [--only TEXT] [--rounds N] [--threads 1|all]
        [--isa avx2] [--cpu-time] [--json FILE] [--markdown FILE]

With `--isa avx2` both sides are held to AVX2, as on a processor without AVX-512; what each really ran on is printed.

One thread means that both sides are held to the same core. With `--threads all` both run a chain on every core, which
is the best that either can do with more than one, and speeds are added up.

A ratio above 1 says that ours is faster. It is the median over rounds of the ratio of measurements taken one after the
other, so that a machine that changes its speed changes both.
"""

import argparse
import json
import os
import statistics

import data
import effective
import ours
from problems import PROBLEMS
from worker import Workers

SMALL, N1, N2, N3 = "2-100-1", "100-50-100-10", "100-500-100-10", "100-5000-100-10"


def speed_pairs():
    """What is compared by speed: name, our row, their module, function and arguments, the ratio asked for."""
    for sizes, batch, with_torch, with_jax in [
        (SMALL, 25, 30, 4), (N1, 128, 5, 2.5), (N2, 128, None, 2), (N3, 128, 3, 3),
    ]:
        row = f"sgld {sizes} batch {batch}"
        yield f"SGLD {sizes}, batch {batch}: PyTorch", row, ("torch_peer", "speed", "sgld", sizes, batch), with_torch
        yield (f"SGLD {sizes}, batch {batch}: PyTorch by autograd", row,
               ("torch_peer", "speed", "sgld", sizes, batch, True), with_torch)
        yield f"SGLD {sizes}, batch {batch}: JAX", row, ("jax_peer", "speed", "sgld", sizes, batch), with_jax
    yield (f"AdLaLa {SMALL}, batch 25: PyTorch", f"adlala {SMALL} batch 25",
           ("torch_peer", "speed", "adlala", SMALL, 25), None)
    for sizes, aim in [(N1, 5), (N2, 3), (N3, 3)]:
        for batch in [128, 512]:
            yield (f"pL {sizes}, batch {batch}: PyTorch", f"pl {sizes} batch {batch}",
                   ("torch_peer", "speed", "pseudo_langevin", sizes, batch), aim)
    yield (f"full gradient {N1}, 100000 examples: PyTorch", f"gradient {N1} on 100000 examples",
           ("torch_peer", "speed", "full_gradient", N1, 100_000), 3)


def compare_speeds(name, row, call, workers, cores, rounds):
    suite = "gradients" if row.startswith("gradient") else "samplers"
    pairs = []
    for _ in range(rounds):
        mine = ours.steps_per_second(row, cores, suite)
        pairs.append((mine, sum(workers.run(*call))))
    return {"unit": "steps/s"}, pairs


# MARK: Effective samples per second


def hmc_pair(name, moves=1000, warmup=500):
    problem = PROBLEMS[name]

    def mine(core, seed, length):
        return ours.sample(
            core, **problem.settings(), sampler="hmc", sampler__leapfrog_steps=length, sampler__adapts_mass="true",
            sampler__step_size=0.05, steps=moves + warmup, warmup=warmup, thin=1, seed=seed)

    def theirs(workers, seed, length):
        return workers.run("blackjax_peer", "hmc", name, length, moves, warmup, seed)[0]

    return problem, mine, theirs, problem.leapfrog_steps


def sgld_pair(name, peer, rows=2000, thin=20, batch=32):
    problem = PROBLEMS[name]

    def mine(core, seed, _):
        return ours.sample(
            core, **problem.settings(), sampler="sgld", sampler__step_size=problem.sgld_step, batch=batch,
            batch_scheme="with-replacement", steps=rows * thin * 11 // 10, warmup=rows * thin // 10, thin=thin, seed=seed)

    def theirs(workers, seed, _):
        return workers.run(peer, "sgld", name, batch, rows, thin, seed)[0]

    return problem, mine, theirs, (None,)


def sample_pairs():
    """What is compared by effective samples: name, the pair, the ratio asked for."""
    regression, network = PROBLEMS
    yield f"hMC, {regression}: BlackJAX", hmc_pair(regression), None
    yield f"hMC, {network}: BlackJAX", hmc_pair(network), 3
    yield f"SGLD, {regression}: BlackJAX", sgld_pair(regression, "blackjax_peer"), None
    yield f"SGLD, {regression}: posteriors", sgld_pair(regression, "posteriors_peer", rows=400), None


def compare_samples(pair, workers, cores, rounds):
    problem, mine, theirs, choices = pair
    _, _, x_test, _ = data.load(problem.recipe)

    def measure(sample, place, seed, choice):
        draws, seconds = sample(place, seed, choice)
        quantities = problem.quantities(draws, x_test)
        return quantities, effective.smallest(quantities) / seconds

    def best(sample, place):
        return max(choices, key=lambda choice: measure(sample, place, 0, choice)[1]) if len(choices) > 1 else choices[0]

    choice, other_choice = best(mine, cores[0]), best(theirs, workers)
    pairs, all_mine, all_theirs = [], [], []
    for seed in range(1, rounds + 1):
        quantities, speed = measure(mine, cores[0], seed, choice)
        other, other_speed = measure(theirs, workers, seed, other_choice)
        all_mine.append(quantities)
        all_theirs.append(other)
        pairs.append((speed, other_speed))
    result = {"unit": "ESS/s", "z": effective.largest_z(all_mine, all_theirs)}
    if len(choices) > 1:
        result["note"] = f"leapfrog steps {choice} and {other_choice}"
    return result, pairs


# MARK: Training


def compare_epochs(workers, cores, rounds, epochs=2000):
    pairs, errors = [], []
    for seed in range(1, rounds + 1):
        steps = 20 * epochs
        draws, seconds = ours.sample(
            cores[0], data="spirals", network=SMALL, sampler="adlala", batch=25, batch_scheme="with-replacement",
            sampler__temperature=1e-4, sampler__second_temperature=1e-4, prior=1e-4,
            steps=steps, warmup=0, thin=steps // 8, seed=seed)
        other, error = workers.run("torch_peer", "epochs", epochs)[0]
        _, _, x, y = data.load("spirals")
        theta = draws[-1]
        hidden = (x @ theta[:200].reshape(100, 2).T + theta[200:300]).clip(min=0)
        wrong = (hidden @ theta[300:400] + theta[400] > 0) != y.ravel().astype(bool)
        errors.append((float(wrong.mean()), error))
        pairs.append((epochs / seconds, epochs / other))
    note = ", ".join(f"{a:.2f} and {b:.2f}" for a, b in errors)
    return {"unit": "epochs/s", "note": f"test errors {note}"}, pairs


# MARK: Instruction sets

# What holds each library to a set, before it is loaded.
LIMITS = {
    "native": {},
    "avx2": {
        "LANGEVIN_ISA": "avx2", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2", "PEERS_XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    },
}


def print_instruction_sets(core):
    workers = Workers([core])
    print(f"instruction sets: ours {ours.instruction_set()}; "
          f"PyTorch {workers.run('torch_peer', 'instruction_set')[0]}; "
          f"JAX {workers.run('jax_peer', 'instruction_set')[0]}")
    workers.close()


# MARK: Driver


def short(x):
    return f"{x:.4g}" if x < 1e4 else f"{x:.0f}"


def summarise(name, aim, result, pairs):
    ratios = sorted(a / b for a, b in pairs)
    result |= {
        "name": name, "aim": aim, "ours": statistics.median(a for a, _ in pairs),
        "theirs": statistics.median(b for _, b in pairs), "ratio": statistics.median(ratios),
        "lowest": ratios[0], "highest": ratios[-1],
    }
    extra = f"  z {result['z']:.1f}" if "z" in result else ""
    print(f"{name:58}{short(result['ours']):>10}{short(result['theirs']):>10} {result['unit']:9}"
          f"{result['ratio']:7.2f} ({result['lowest']:.2f} to {result['highest']:.2f}){aim or '':>6}{extra}"
          f"  {result.get('note', '')}", flush=True)
    return result


def markdown(rows):
    lines = ["| pair | ours | theirs | unit | ratio | spread | asked |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        name = row["name"] + (f" (means agree: z {row['z']:.1f})" if "z" in row else "")
        lines.append(f"| {name} | {short(row['ours'])} | {short(row['theirs'])} | {row['unit']} | {row['ratio']:.2f} | "
                     f"{row['lowest']:.2f} to {row['highest']:.2f} | {row['aim'] or ''} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="pairs whose names contain this")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", choices=["1", "all"], default="1")
    parser.add_argument("--isa", choices=LIMITS, default="native", help="the instruction set that both sides may use")
    parser.add_argument("--cpu-time", action="store_true", help="time at work, for a busy machine")
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    options = parser.parse_args()
    if options.cpu_time:
        os.environ["PEERS_CPU_TIME"] = "1"
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count()))
    cores = cores[-1:] if options.threads == "1" else cores

    os.environ.update(LIMITS[options.isa])
    print_instruction_sets(cores[-1])

    work = []
    for name, row, call, aim in speed_pairs():
        work.append((name, aim, lambda w, c, r, name=name, row=row, call=call: compare_speeds(name, row, call, w, c, r)))
    # Effective samples and training are of one chain, and so for one thread only.
    if options.threads == "1":
        for name, pair, aim in sample_pairs():
            work.append((name, aim, lambda w, c, r, pair=pair: compare_samples(pair, w, c, r)))
        work.append((f"AdLaLa on spirals, {SMALL}, 2000 epochs: PyTorch", None, compare_epochs))

    print(f"{'pair':58}{'ours':>10}{'theirs':>10} {'unit':9}{'ratio':>7} (spread){'asked':>6}")
    rows = []
    for name, aim, compare in work:
        if options.only not in name:
            continue
        # Fresh processes for each pair: nothing that one keeps in memory slows the next.
        workers = Workers(cores)
        rows.append(summarise(name, aim, *compare(workers, cores, options.rounds)))
        workers.close()
    if options.json:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=2)
    if options.markdown:
        with open(options.markdown, "w") as file:
            file.write(markdown(rows))


if __name__ == "__main__":
    main()
