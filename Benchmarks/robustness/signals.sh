#!/usr/bin/env bash
# Runs that are stopped, started twice and killed lose nothing, and say in one line what happened.
#
#   Benchmarks/robustness/signals.sh           SIGTERMS=200 STARTS=100 KILLS=50
#
#   1  SIGTERM at random moments, every other time several within milliseconds: status 143 with a sentence that names the step,
#      and the next process goes on after that very step
#   2  two processes on one folder at the same time: one does the run, the other ends with one line or finds it done
#   3  kill -9 while a checkpoint is being written
#
# At the end of each the bytes are those of a run that nothing has disturbed. Prints a count for each and exits with 1 if
# anything was lost. Full and read-only disks are in full-disk.sh.
set -uo pipefail
cd "$(dirname "$0")/../.."
langevin=${LANGEVIN:-$PWD/.build/release/langevin}
sigterms=${SIGTERMS:-200} starts=${STARTS:-100} kills=${KILLS:-50}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

task=(--data kspin:train=200,test=50,spins=10,classes=3 --network 10-8-3 --sampler baoab --set start.steps=20 --thin 100
  --warmup 1000 --quiet --no-report)
sample() { # FOLDER STEPS OPTION...; replaces the shell that it is called in
  exec "$langevin" sample "${task[@]}" --out "$1" --steps "$2" "${@:3}" > /dev/null 2> "$1.err"
}
pause() { sleep "$(awk -v random=$((RANDOM * 32768 + RANDOM)) -v most="$1" 'BEGIN { printf "%.4f", random / 2^30 * most }')"; }
same() { # FOLDER FOLDER
  for file in run.json chain-1.csv chain-2.csv draws-1.npy draws-2.npy; do cmp -s "$1/$file" "$2/$file" || { echo "$file differs"; return; }; done
  for file in checkpoint-1 checkpoint-2; do
    cmp -s <(tail -c +83 "$1/$file" | head -c -8) <(tail -c +83 "$2/$file" | head -c -8) || { echo "$file differs"; return; }
  done
  cmp -s <(grep -vE 'second|"command"' "$1/summary.json") <(grep -vE 'second|"command"' "$2/summary.json") || echo "summary.json differs"
}
lose() { failed=1; lost=$((lost + 1)); echo "  $1"; }

# As many steps as take so many seconds, a multiple of the thinning.
(sample "$work/trial" 20000)
speed=$(sed -n 's/.*"steps_per_second": \([0-9]*\).*/\1/p' "$work/trial/summary.json")
steps_in() { awk -v speed="$speed" -v seconds="$1" 'BEGIN { print int(speed * seconds / 100) * 100 + 5000 }'; }

# 1
steps=$(steps_in $((sigterms / 10)))
(sample "$work/whole" "$steps" --draw-every 100)
sent=0 early=0 lost=0 status=143 step=0
while [ $status -ne 0 ] && [ $sent -lt $((sigterms * 3)) ]; do
  sample "$work/cut" "$steps" --draw-every 100 --resume-if-there &
  process=$!
  if [ $((sent - early)) -lt "$sigterms" ]; then
    pause 0.4
    several=$((sent % 2 ? 1 + RANDOM % 5 : 1))
    for _ in $(seq $several); do kill -TERM $process 2> /dev/null; [ $several -eq 1 ] || sleep 0.002; done
    sent=$((sent + 1))
  fi
  wait $process
  status=$?
  if [ $status -eq 143 ]; then
    if [ ! -s "$work/cut.err" ] || grep -q "before the first step" "$work/cut.err"; then
      early=$((early + 1))  # It was not at work yet.
      continue
    fi
    [ "$(wc -l < "$work/cut.err")" -eq 1 ] || lose "not one line: $(cat "$work/cut.err")"
    said=$(sed -n 's/^stopped by SIGTERM after step \(.*\) of .* goes on$/\1/p' "$work/cut.err" | tr -dc 0-9)
    [ -n "$said" ] && [ "$said" -ge "$step" ] || lose "after step $step it said: $(cat "$work/cut.err")"
    step=${said:-0}
    # The step stands at byte 97 of a checkpoint.
    kept=$(od -An -tu8 -j 97 -N8 "$work/cut/checkpoint-1" | tr -dc 0-9)
    [ "${kept:-0}" -ge "$step" ] || lose "said step $step and kept $kept"
  elif [ $status -ne 0 ]; then
    lose "status $status: $(cat "$work/cut.err")"
  fi
done
different=$(same "$work/whole" "$work/cut")
[ -z "$different" ] || lose "$different"
echo "SIGTERMs: $((sent - early)) at work and $early before, lost $lost"

# 2
steps=$(steps_in 0.1)
(sample "$work/once" "$steps")
both=0 refused=0 lost=0
for number in $(seq "$starts"); do
  folder=$work/twice-$number
  again=$([ $((number % 2)) -eq 0 ] && echo --resume-if-there)
  sample "$folder" "$steps" $again &
  one=$!
  [ $((number % 3)) -eq 0 ] || pause 0.05
  (exec "$langevin" sample "${task[@]}" --out "$folder" --steps "$steps" $again > /dev/null 2> "$folder.err2") &
  two=$!
  wait $one
  first=$?
  wait $two
  second=$?
  case $first$second in
    00) both=$((both + 1)); [ -n "$again" ] || lose "both ran" ;;
    01 | 10)
      refused=$((refused + 1))
      said=$(cat "$folder.err" "$folder.err2")
      [ "$(wc -l <<< "$said")" -eq 1 ] && grep -qE "is at work in process [0-9]+ on|holds a run already" <<< "$said" || lose "said: $said"
      ;;
    *) lose "statuses $first and $second: $(cat "$folder.err" "$folder.err2")" ;;
  esac
  different=$(same "$work/once" "$folder")
  [ -z "$different" ] || lose "start $number: $different"
  rm -rf "$folder"
done
echo "double starts: $refused refused, $both found the run done, lost $lost"

# 3
wide=(--network 10-10000-3 --checkpoint-every 0.001 --draw-every 100 --thin 20 --warmup 20)
steps=$((kills * 20 + 100))
(sample "$work/still" "$steps" "${wide[@]}")
killed=0 within=0 lost=0 status=137
while [ $status -eq 137 ]; do
  sample "$work/killed" "$steps" "${wide[@]}" --resume-if-there &
  process=$!
  if [ $killed -lt "$kills" ]; then
    # Waits for a checkpoint that is half written; the first is that of the start.
    pause 0.05
    for _ in $(seq 50000); do
      kill -0 $process 2> /dev/null || break
      [ -e "$work/killed/checkpoint-1.new" ] || [ -e "$work/killed/checkpoint-2.new" ] && break
    done
    kill -9 $process 2> /dev/null
  fi
  wait $process 2> /dev/null
  status=$?
  if [ $status -eq 137 ]; then
    killed=$((killed + 1))
    [ -e "$work/killed/checkpoint-1.new" ] || [ -e "$work/killed/checkpoint-2.new" ] && within=$((within + 1))
  fi
done
[ $status -eq 0 ] || lose "status $status: $(cat "$work/killed.err")"
different=$(same "$work/still" "$work/killed")
[ -z "$different" ] || lose "$different"
[ $killed -eq "$kills" ] || lose "only $killed kills"
echo "kills: $killed, of which $within in the middle of a checkpoint, lost $lost"
exit $failed
