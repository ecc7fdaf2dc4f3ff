#!/usr/bin/env python3
"""Plants small defects and asks whether the tests notice.

    Benchmarks/mutants/mutants.py --seed 1 --count 200

All defects are built at once into a copy of the tree, each behind a number in the environment (rules.py says how). A first
round runs every test alone and notes which defects it reaches and how long it takes. Then each defect is switched on by
itself and the tests that reach it run, the quickest first, until one fails. Printed are the share killed by module and the
lines of the survivors. The same command goes on where it was stopped; another seed plants others.

A defect that no test reaches, or whose tests run out of the time given to one defect, counts as a survivor.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading

import rules

HEADER = """
#pragma once
extern int mutant_active, mutant_noting;
void mutant_note(int number);
static inline int mutant_is(int number) {
  if (__builtin_expect(mutant_noting, 0)) mutant_note(number);
  return mutant_active == number;
}
"""
SOURCE = """
#include "CMutant.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int mutant_active = 0, mutant_noting = 0;
static int file = -1;
static unsigned char noted[100000];
__attribute__((constructor)) static void begin(void) {
  const char *active = getenv("MUTANT"), *path = getenv("MUTANTS_REACHED");
  mutant_active = active ? atoi(active) : 0;
  if (path && (file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644)) >= 0) mutant_noting = 1;
}
void mutant_note(int number) {
  if (noted[number]) return;
  noted[number] = 1;
  char text[16];
  int length = snprintf(text, sizeof text, "%d\\n", number);
  if (write(file, text, length) != length) _exit(70);
}
"""
PACKAGE = """
package.targets.append(.target(name: "CMutant", path: "CMutant"))
for target in package.targets where target.name != "CMutant" { target.dependencies.append("CMutant") }
"""
MODULES = [
    "CLangevinKernels", "LangevinCore", "LangevinData", "LangevinSamplers", "LangevinDiagnostics", "LangevinRuns",
    "LangevinCLI", "LangevinTheory",
]


def chosen(root: pathlib.Path, seed: int, count: int) -> list[rules.Defect]:
    """Defects drawn by the seed, equally many for each module, at most one on a line, more than asked for: some will not
    compile."""
    draw = random.Random(seed)
    out = []
    for module in MODULES:
        by_line = collections.defaultdict(list)
        files = subprocess.run(["git", "ls-files", f"Sources/{module}"], cwd=root, text=True, capture_output=True, check=True)
        for file in sorted(files.stdout.split()):
            if file.endswith((".swift", ".c", ".h")) and "/include/" not in file:
                for defect in rules.defects_of(file, (root / file).read_text()):
                    by_line[defect.file, defect.line].append(defect)
        lines = sorted(by_line)
        draw.shuffle(lines)
        wanted = 2 * -(-count // len(MODULES))
        out += [draw.choice(by_line[line]) for line in lines[:wanted]]
    return out


def plant(root: pathlib.Path, work: pathlib.Path, defects: dict[int, rules.Defect]):
    """Writes the files of the copy with the defects in them."""
    by_file = collections.defaultdict(list)
    for number, defect in defects.items():
        by_file[defect.file].append((number, defect))
    touched = json.loads((work / "touched.json").read_text()) if (work / "touched.json").exists() else []
    for file in {*touched, *by_file}:
        lines = (root / file).read_text().split("\n")
        for number, defect in by_file.get(file, []):
            lines[defect.line] = defect.planted.replace("NUMBER", str(number))
        text = "\n".join(lines)
        if file in by_file:
            head = "import CMutant; " if file.endswith(".swift") else '#include "../../CMutant/include/CMutant.h"\n'
            text = head + text if file.endswith(".swift") else head + "#line 1\n" + text
        if (work / "tree" / file).read_text() != text:
            (work / "tree" / file).write_text(text)
    (work / "touched.json").write_text(json.dumps(sorted(by_file)))


def build(root, work, defects) -> dict[int, rules.Defect]:
    """Builds the copy; defects whose lines do not compile are left out until it does."""
    at = {(d.file, d.line): n for n, d in defects.items()}
    while True:
        plant(root, work, defects)
        run = subprocess.run(
            ["swift", "build", "--build-tests", "-Xswiftc", "-continue-building-after-errors"], cwd=work / "tree", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        (work / "build.log").write_text(run.stdout)
        if run.returncode == 0:
            return defects
        bad = set()
        for m in re.finditer(r"(?:^|/)(Sources/[\w/+.-]+):(\d+):\d+: error:", run.stdout, re.M):
            here = at.get((m[1], int(m[2]) - 1))
            if here in defects:
                bad.add(here)
            else:  # a declaration around it suffers from a defect in the same file, the nearest above
                near = [n for n, d in defects.items() if d.file == m[1] and abs(d.line + 1 - int(m[2])) < 40]
                bad.update(near[:1])
        if not bad:
            sys.exit(f"the copy does not build, and no defect is to blame: {work / 'build.log'}")
        print(f"  {len(bad)} defects do not compile", flush=True)
        defects = {n: d for n, d in defects.items() if n not in bad}


def run_tests(work, tests, environment, limit) -> tuple[bool, float]:
    """Whether the tests pass, and the processor seconds they took. Past the limit they are killed, which is no pass; in
    processor seconds, so that other work on the machine kills nothing, and ten times that on the clock for what hangs."""
    program = next((work / "tree/.build/debug").glob("*PackageTests.xctest"))
    filters = [word for test in tests for word in ("--filter", "^" + re.escape(test) + "/")]
    process = subprocess.Popen(
        [program, "--testing-library", "swift-testing", *filters], cwd=work / "tree", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, env={**os.environ, **environment},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 2)))
    watch = threading.Timer(10 * limit + 60, os.killpg, (process.pid, signal.SIGKILL))
    watch.start()
    _, status, usage = os.wait4(process.pid, 0)
    watch.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    try:
        os.killpg(process.pid, signal.SIGKILL)  # what the tests have started
    except ProcessLookupError:
        pass
    return process.returncode == 0, usage.ru_utime + usage.ru_stime


def reach(work, jobs) -> dict[str, dict]:
    """For every test: the defects that it reaches and its seconds."""
    listing = subprocess.run(["swift", "test", "list", "--skip-build"], cwd=work / "tree", text=True, capture_output=True)
    tests = [line for line in listing.stdout.split("\n") if re.match(r"\w+Tests\.", line)]
    known = json.loads((work / "reach.json").read_text()) if (work / "reach.json").exists() else {}

    def one(test):
        notes = work / f"reached-{abs(hash(test))}"
        notes.unlink(missing_ok=True)
        passed, seconds = run_tests(work, [test], {"MUTANTS_REACHED": str(notes)}, 600)
        numbers = sorted({int(n) for n in notes.read_text().split()}) if notes.exists() else []
        notes.unlink(missing_ok=True)
        return test, {"passes": passed, "seconds": seconds, "reaches": numbers}

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for i, (test, entry) in enumerate(pool.map(one, [t for t in tests if t not in known])):
            known[test] = entry
            if i % 20 == 0:
                (work / "reach.json").write_text(json.dumps(known))
    (work / "reach.json").write_text(json.dumps(known))
    failing = [test for test, entry in known.items() if not entry["passes"]]
    if len(failing) > len(known) / 10:
        sys.exit(f"{len(failing)} of {len(known)} tests fail without a defect, {failing[0]} for one")
    for test in failing:
        print(f"  fails without a defect, left out: {test}")
    return known


def try_defect(work, number, tests, limit) -> dict:
    """Runs the tests that reach a defect, the quickest first and in groups of growing length, until one fails."""
    mine = sorted((e["seconds"], t) for t, e in tests.items() if e["passes"] and number in e["reaches"])
    spent, group, group_time, size = 0.0, [], 0.0, 2.0
    for i, (seconds, test) in enumerate(mine):
        group.append(test)
        group_time += seconds
        if group_time < size and i + 1 < len(mine) and len(group) < 60:
            continue
        passed, took = run_tests(work, group, {"MUTANT": str(number)}, 5 * group_time + 20)
        spent += took
        if not passed:
            return {"number": number, "killed": True, "seconds": spent, "by": group[0] if len(group) == 1 else len(group)}
        group, group_time, size = [], 0.0, size * 2
        if spent > limit:
            return {"number": number, "killed": False, "seconds": spent, "why": f"{i + 1} of {len(mine)} tests in the time given"}
    return {"number": number, "killed": False, "seconds": spent, "why": f"passes {len(mine)} tests" if mine else "not reached"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=float, default=120, help="processor seconds of tests for one defect")
    parser.add_argument("--work", type=pathlib.Path, help="where the copy is built; .build/mutants-SEED by default")
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    work = (options.work or root / f".build/mutants-{options.seed}").resolve()

    planted = work / "defects.json"
    if not planted.exists():
        shutil.rmtree(work, ignore_errors=True)
        (work / "tree").mkdir(parents=True)
        copy = f"git ls-files -z | tar --null -T - -cf - | tar -xf - -C '{work / 'tree'}'"
        subprocess.run(copy, shell=True, cwd=root, check=True)
        for path, text in (("CMutant.c", SOURCE), ("include/CMutant.h", HEADER)):
            (work / "tree/CMutant" / path).parent.mkdir(parents=True, exist_ok=True)
            (work / "tree/CMutant" / path).write_text(text)
        with open(work / "tree/Package.swift", "a") as package:
            package.write(PACKAGE)
        print("building", flush=True)
        all_defects = dict(enumerate(chosen(root, options.seed, options.count), 1))
        kept = build(root, work, all_defects)
        planted.write_text(json.dumps({n: vars(d) for n, d in kept.items()}))
    defects = {int(n): d for n, d in json.loads(planted.read_text()).items()}
    print(f"{len(defects)} defects are in the build; noting what each test reaches", flush=True)
    tests = reach(work, options.jobs)

    results = work / "results.jsonl"
    done = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    numbers, per_module = [], collections.Counter()
    for n in defects:
        module = defects[n]["file"].split("/")[1]
        if per_module[module] < -(-options.count // len(MODULES)):
            per_module[module] += 1
            numbers.append(n)
    random.Random(options.seed).shuffle(numbers)
    left = [n for n in numbers if n not in {r["number"] for r in done}]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool, open(results, "a") as out:
        for result in pool.map(lambda n: try_defect(work, n, tests, options.limit), left):
            done.append(result)
            print(json.dumps(result), file=out, flush=True)
            if not result["killed"]:
                d = defects[result["number"]]
                print(f"survives: {d['file']}:{d['line'] + 1} ({d['rule']}; {result['why']})\n    {d['changed']}", flush=True)

    killed, total = collections.Counter(), collections.Counter()
    for result in done:
        module = defects[result["number"]]["file"].split("/")[1]
        for key in (module, "all"):
            total[key] += 1
            killed[key] += result["killed"]
    print(f"\n{'module':22} {'planted':>8} {'killed':>8} {'share':>7}")
    for module in [*MODULES, "all"]:
        if total[module]:
            print(f"{module:22} {total[module]:8} {killed[module]:8} {killed[module] / total[module]:7.2f}")


if __name__ == "__main__":
    main()
