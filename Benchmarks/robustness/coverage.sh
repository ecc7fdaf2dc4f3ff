#!/usr/bin/env bash
# Whether intervals hold what they promise: data sets whose truth is drawn from the prior, sampled and predicted by the command
# alone. Of 90 % intervals nine in ten contain the truth, on average over the prior; nothing in that is asymptotic.
#
#   Benchmarks/robustness/coverage.sh          SETS=50 makes fewer data sets of each kind than 200; LANGEVIN=PROGRAM is built already
#
# Regression: a line in two inputs, one learnt scale, 30 examples; intervals of the four parameters and of 20 new targets.
# Logistic: two inputs, 40 examples; intervals of the three parameters and of the probabilities at 20 new inputs.
# Prints each coverage with its standard error over data sets; exits with 1 if one is further from 0.9 than 0.02 and than 3.3 of
# these. Two minutes on one core. Needs python3, no packages.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${LANGEVIN:-}
if [ -z "$program" ]; then
  swift build -c release --product langevin >&2
  program=$(swift build -c release --show-bin-path)/langevin
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$program" "$work" "${SETS:-200}" <<'PYTHON'
import array, csv, math, random, statistics, subprocess, sys

program, work, sets = sys.argv[1], sys.argv[2], int(sys.argv[3])

def langevin(*arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode: sys.exit(f"langevin {' '.join(arguments)}\n{done.stderr}")

def draws(run):
    """The rows of all chains, for each parameter a sorted list."""
    rows = []
    for chain in (1, 2):
        with open(f"{run}/draws-{chain}.npy", "rb") as file:
            header = file.read(128).decode("latin-1")
            width = int(header.split("(")[1].split(")")[0].split(",")[1])
            numbers = array.array("d", file.read())
        rows += [numbers[i:i + width] for i in range(0, len(numbers), width)]
    return rows

def holds(values, truth):
    values = sorted(values)
    return values[int(0.05 * len(values))] <= truth <= values[int(0.95 * len(values))]

def rows(random, truth, count, target):
    for _ in range(count):
        x = random.gauss(0, 1), random.gauss(0, 1)
        yield (*x, target(truth[0] * x[0] + truth[1] * x[1] + truth[2], truth))

def write(path, lines):
    with open(path, "w") as file:
        file.write("a,b,y\n")
        for line in lines: file.write(",".join(map(str, line)) + "\n")

sigmoid = lambda x: 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
deviation = lambda s: math.log1p(math.exp(-abs(s))) + max(s, 0) + 1e-6
usual = ["--sampler", "hmc", "--prior", "normal:scale=1", "--precision", "double", "--steps", "3000", "--warmup", "1000",
         "--thin", "4", "--network", "2-1", "--set", "data.test-fraction=0", "--set", "data.standardise=none",
         "--set", "data.standardise-targets=false", "--set", "start.steps=0", "--quiet", "--no-report", "--force"]

def regression(number):
    source = random.Random(1000 + number)
    truth = [source.gauss(0, 1) for _ in range(4)]
    target = lambda mean, truth: mean + deviation(truth[3]) * source.gauss(0, 1)
    write(f"{work}/train.csv", rows(source, truth, 30, target))
    write(f"{work}/new.csv", rows(source, truth, 20, target))
    langevin("sample", "--data", f"{work}/train.csv", "--loss", "gaussian", "--noise", "common", "--seed", str(number),
             "--out", f"{work}/run", *usual)
    langevin("predict", f"{work}/run", "--data", f"{work}/new.csv", "--draws", "1000", "--out", f"{work}/out.csv")
    with open(f"{work}/out.csv") as file:
        inside = [float(row["lower_90"]) <= float(row["y"]) <= float(row["upper_90"]) for row in csv.DictReader(file)]
    columns = list(zip(*draws(f"{work}/run")))
    return [holds(column, value) for column, value in zip(columns, truth)], inside

def logistic(number):
    source = random.Random(2000 + number)
    truth = [source.gauss(0, 1) for _ in range(3)]
    label = lambda logit, truth: "yes" if source.random() < sigmoid(logit) else "no"
    write(f"{work}/train.csv", rows(source, truth, 40, label))
    langevin("sample", "--data", f"{work}/train.csv", "--set", 'data.class-names=["no", "yes"]', "--seed", str(number),
             "--out", f"{work}/run", *usual)
    kept = draws(f"{work}/run")
    new = [(source.gauss(0, 1), source.gauss(0, 1)) for _ in range(20)]
    at = lambda w, x: sigmoid(w[0] * x[0] + w[1] * x[1] + w[2])
    return ([holds(column, value) for column, value in zip(zip(*kept), truth)],
            [holds([at(w, x) for w in kept], at(truth, x)) for x in new])

failed = False
for name, study, what in (("regression", regression, "new targets"), ("logistic", logistic, "probabilities")):
    found = [study(number) for number in range(sets)]
    for part, title in ((0, "parameters"), (1, what)):
        shares = [statistics.fmean(result[part]) for result in found]
        mean, error = statistics.fmean(shares), statistics.stdev(shares) / math.sqrt(sets)
        bad = abs(mean - 0.9) > max(0.02, 3.3 * error)
        failed = failed or bad
        print(f"{name}: 90 % intervals of {title} hold {mean:.4f} +- {error:.4f}{'   WRONG' if bad else ''}", flush=True)
sys.exit(1 if failed else 0)
PYTHON
