#!/usr/bin/env bash
# A sampler of another package, on a potential of another package: its run, killed with -9 ten times and resumed each time, ends
# with the bytes of a run that nothing has disturbed.
#
#   Benchmarks/robustness/own-sampler.sh       KILLS=20 kills twenty times; OWN=PROGRAM is built already
#   Benchmarks/robustness/own-sampler.sh --source     prints that program
#
# The sampler and the potential are those of the page "A sampler of your own", of which the first block and the banana are
# taken; the package depends on this one by path. Compared are run.json, traces, draws, the checkpoints but for their clocks,
# and summary.json but for the times and the command in it. Exits with 1 if anything differs.
set -uo pipefail
cd "$(dirname "$0")/../.."
kills=${KILLS:-10}
page=Sources/Langevin/Langevin.docc/Tutorials/OwnSampler.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Makes the package and prints its program.
build() {
  mkdir -p "$work/Sources/Own"
  cat > "$work/Package.swift" <<SWIFT
// swift-tools-version: 6.2
import PackageDescription
let package = Package(
  name: "Own",
  platforms: [.macOS(.v13)],
  dependencies: [.package(name: "langevin", path: "$PWD")],
  targets: [.executableTarget(name: "Own", dependencies: [.product(name: "Langevin", package: "langevin")])]
)
SWIFT
  program > "$work/Sources/Own/main.swift"
  swift build -c release --package-path "$work" > "$work/build.log" 2>&1 || { grep -A 5 'error:' "$work/build.log" >&2; return 1; }
  echo "$(swift build -c release --package-path "$work" --show-bin-path)/Own"
}

# The program: FOLDER STEPS.
program() {
  awk '/^```swift$/ { inside = !done; next } /^```$/ { if (inside) done = 1; inside = 0 } inside' "$page"
  sed -n '/^let banana = /,/^}/p' "$page"
  cat <<'SWIFT'
let folder = RunFolder(CommandLine.arguments[1])
var plan = RunPlan()
plan.steps = Int(CommandLine.arguments[2])
plan.warmup = 10_000
plan.thin = 1_000
plan.seed = 7
plan.checkpointEvery = 0.02
let opening: SamplingRun.Opening =
  FileManager.default.fileExists(atPath: folder.path + "/run.json") ? .resuming : .replacing
let run = try SamplingRun(
  banana, sampler: AdjustedLangevin(stepSize: 0.05, temperature: 1), plan: plan, in: folder, opening: opening,
  name: "banana"
) { _ in Tensor(zeros: 2) }
try run.advance()
try RunResults(run).write(report: false)
SWIFT
}
if [ "${1:-}" = --source ]; then program; exit; fi
own=${OWN:-$(build)} || exit 1

# As many steps as take about two seconds.
run() { exec "$own" "$1" "$2" > /dev/null 2> "$work/errors"; }
begin=$(date +%s%N)
(run "$work/trial" 100000) || { cat "$work/errors"; exit 1; }
steps=$((200000000000000 / ($(date +%s%N) - begin) / 1000 * 1000 + 100000))
begin=$(date +%s%N)
(run "$work/whole" "$steps")
nanoseconds=$(($(date +%s%N) - begin))

landed=0 status=137
while [ $status -eq 137 ]; do
  run "$work/cut" "$steps" &
  process=$!
  if [ $landed -lt "$kills" ]; then
    sleep "$(awk -v random=$((RANDOM * 32768 + RANDOM)) -v n="$nanoseconds" 'BEGIN { printf "%.4f", random / 2^30 * n / 8e9 }')"
    kill -9 $process 2> /dev/null
  fi
  wait $process 2> /dev/null
  status=$?
  [ $status -eq 137 ] && landed=$((landed + 1))
done
[ $status -eq 0 ] || { cat "$work/errors"; exit 1; }
[ $landed -eq "$kills" ] || { echo "only $landed kills of $kills"; exit 1; }

# A checkpoint without the seconds that the run took, which its second field holds, and the checksum over them.
checkpoint() { tail -c +83 "$1" | head -c -8; }
different=""
for file in run.json chain-1.csv chain-2.csv draws-1.npy draws-2.npy; do
  [ -s "$work/whole/$file" ] && cmp -s "$work/whole/$file" "$work/cut/$file" || different+=" $file"
done
for file in checkpoint-1 checkpoint-2; do
  [ -s "$work/whole/$file" ] && cmp -s <(checkpoint "$work/whole/$file") <(checkpoint "$work/cut/$file") || different+=" $file"
done
cmp -s <(grep -vE 'second|"command"' "$work/whole/summary.json") <(grep -vE 'second|"command"' "$work/cut/summary.json") || different+=" summary.json"
echo "$steps steps, $landed kills: ${different:-the same bytes}"
[ -z "$different" ]
