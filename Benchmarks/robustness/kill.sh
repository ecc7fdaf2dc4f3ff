#!/usr/bin/env bash
# A run that is killed with -9 ten times and resumed each time ends with the bytes of a run that nothing has disturbed.
#
#   Benchmarks/robustness/kill.sh              every sampler of the catalogue
#   Benchmarks/robustness/kill.sh pl baoab     these
#
# Compared are run.json, traces, draws, the checkpoints but for their clocks, and summary.json but for the times and the command in it.
# Prints a row for each sampler and exits with 1 if anything differs. KILLS=20 kills twenty times.
set -uo pipefail
cd "$(dirname "$0")/../.."
langevin=${LANGEVIN:-$PWD/.build/release/langevin}
kills=${KILLS:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

task=(--data kspin:train=600,test=200,spins=20,classes=3 --network 20-10-3 --set start.steps=100 --checkpoint-every 0.02)
quietly=(--quiet --no-report)
# What a sampler needs besides, to stay stable on this task.
step() { if [ "$1" = ctld ]; then echo --step-size 0.003; fi; }

# FOLDER STEPS SAMPLER
sample() {
  exec "$langevin" sample "${task[@]}" "${quietly[@]}" --force --out "$1" --steps "$2" --sampler "$3" $(step "$3") \
    > /dev/null 2> "$work/errors"
}
resume() { exec "$langevin" resume "${quietly[@]}" "$@" > /dev/null 2> "$work/errors"; }

# A checkpoint without the seconds that the run took, which its second field holds, and the checksum over them.
checkpoint() { tail -c +83 "$1/$2" | head -c -8; }
summary() { grep -vE 'second|"command"' "$1/summary.json"; }

differences() {
  for file in run.json chain-1.csv chain-2.csv draws-1.npy draws-2.npy; do
    cmp -s "$1/$file" "$2/$file" || echo "$file"
  done
  for file in checkpoint-1 checkpoint-2; do
    [ -s "$1/$file" ] && cmp -s <(checkpoint "$1" "$file") <(checkpoint "$2" "$file") || echo "$file"
  done
  cmp -s <(summary "$1") <(summary "$2") || echo "summary.json"
}

names() { "$langevin" sample --list | awk '/^Samplers/ { on = 1; next } !NF { on = 0 } on && /^  [a-z]/ { print $1 }'; }

failed=0
printf '%-8s %9s %6s  %s\n' sampler steps kills same
for sampler in ${*:-$(names)}; do
  # As many steps as take about two seconds.
  (sample "$work/trial" 1000 "$sampler")
  speed=$(sed -n 's/.*"steps_per_second": \([0-9]*\).*/\1/p' "$work/trial/summary.json")
  steps=$((speed / 100 * 200 + 1000))
  begin=$(date +%s%N)
  (sample "$work/whole" "$steps" "$sampler")
  nanoseconds=$(($(date +%s%N) - begin))

  rm -rf "$work/cut"
  landed=0 status=137
  while [ $status -eq 137 ]; do
    if [ -e "$work/cut/run.json" ]; then resume "$work/cut" & else sample "$work/cut" "$steps" "$sampler" & fi
    process=$!
    if [ $landed -lt "$kills" ]; then
      # On average a sixteenth of the run: some kills come before the first checkpoint of a session, some after several.
      sleep "$(awk -v random=$((RANDOM * 32768 + RANDOM)) -v n="$nanoseconds" 'BEGIN { printf "%.4f", random / 2^30 * n / 8e9 }')"
      kill -9 $process 2> /dev/null
    fi
    wait $process 2> /dev/null
    status=$?
    [ $status -eq 137 ] && landed=$((landed + 1))
  done
  if [ $status -ne 0 ]; then
    result="no: $(cat "$work/errors")"
  elif [ $landed -lt "$kills" ]; then
    result="too few kills"
  else
    different=$(differences "$work/whole" "$work/cut" | paste -sd ' ')
    result=${different:+no: $different}
  fi
  [ -z "$result" ] || failed=1
  printf '%-8s %9s %6s  %s\n' "$sampler" "$steps" "$landed" "${result:-yes}"
done
exit $failed
