#!/usr/bin/env bash
# Chains and ladders over ranks of MPI: the bytes are those of one process, whatever the MPI, the number of ranks, and however
# often a rank is killed.
#
#   Benchmarks/robustness/mpi.sh                with every mpirun that is found
#   LANGEVIN=build/langevin KILLS=20 Benchmarks/robustness/mpi.sh
#
# Compared are run.json, traces and draws. Prints a line a case and exits with 1 if anything differs. Without any mpirun
# (Debian: openmpi-bin, mpich) it says so and exits with 77.
set -uo pipefail
cd "$(dirname "$0")/../.."
langevin=${LANGEVIN:-$PWD/.build/release/langevin}
kills=${KILLS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LANGEVIN_MPI LANGEVIN_NO_MPI

task=(--data kspin:train=300,test=100,spins=12,classes=3 --network 12-8-3 --set start.steps=50 --quiet --no-report --threads 1)
chains=(--sampler sgld --chains 8 --steps 3000 --thin 20)
ladder=(--sampler hmc --chains 2 --steps 600 --thin 5 --ladder geometric:0.003,0.03,4 --set sampler.leapfrog-steps=4)
until=(--sampler hmc --chains 4 --min-ess 60 --steps 4000 --thin 4 --set sampler.leapfrog-steps=6)

# launch KIND RANKS COMMAND...
launch() {
  local kind=$1 ranks=$2
  shift 2
  case $kind in
    openmpi) mpirun.openmpi --oversubscribe --allow-run-as-root -n "$ranks" "$@" ;;
    mpich) mpirun.mpich -n "$ranks" "$@" ;;
  esac
}
kinds=()
for kind in openmpi mpich; do command -v mpirun.$kind > /dev/null && kinds+=("$kind"); done
if [ ${#kinds[@]} -eq 0 ]; then
  echo "skipped: neither mpirun.openmpi nor mpirun.mpich is installed"
  exit 77
fi

failed=0
report() { # NAME FOLDER FOLDER
  local different=()
  for file in "$2"/run.json "$2"/*.csv "$2"/*.npy; do
    cmp -s "$file" "$3/$(basename "$file")" || different+=("$(basename "$file")")
  done
  if [ ${#different[@]} -eq 0 ] && [ -s "$2/chain-1.csv" ] && [ -s "$3/summary.json" ]; then
    printf '%-56s same bytes\n' "$1"
  else
    printf '%-56s DIFFERENT: %s\n' "$1" "${different[*]:-no summary}"
    failed=1
  fi
}

"$langevin" sample "${task[@]}" "${chains[@]}" --out "$work/chains" > /dev/null || exit 1
"$langevin" sample "${task[@]}" "${ladder[@]}" --out "$work/ladder" > /dev/null || exit 1
"$langevin" sample "${task[@]}" "${until[@]}" --out "$work/until" > /dev/null || exit 1

for kind in "${kinds[@]}"; do
  for ranks in 2 4; do
    for what in chains ladder until; do
      declare -n options=$what
      folder=$work/$what-$kind-$ranks
      launch "$kind" "$ranks" "$langevin" sample "${task[@]}" "${options[@]}" --out "$folder" > "$work/log" 2>&1 ||
        { tail -n 5 "$work/log"; failed=1; }
      report "$what on $ranks ranks, $kind" "$work/$what" "$folder"
    done
  done

  # A rank is killed at a random moment; what is left goes on, on another number of ranks.
  for what in chains ladder; do
    declare -n options=$what
    folder=$work/$what-$kind-killed
    first=1 died=0
    for ((kill = 0; kill < kills; kill++)); do
      ranks=$((kill % 2 == 0 ? 2 : 4))
      if [ $first = 1 ]; then
        command=(sample "${task[@]}" "${options[@]}" --checkpoint-every 0.05 --out "$folder" --resume-if-there)
      else
        command=(resume "$folder" --quiet --no-report)
      fi
      launch "$kind" "$ranks" "$langevin" "${command[@]}" > "$work/log" 2>&1 &
      launcher=$!
      sleep "0.$((RANDOM % 6 + 4))"
      victim=$(pgrep -f -- "$folder" | while read -r pid; do
        [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$langevin")" ] && echo "$pid"; done | shuf -n 1)
      [ -n "$victim" ] && kill -9 "$victim" 2> /dev/null && died=$((died + 1))
      wait "$launcher" 2> /dev/null
      [ -s "$folder/run.json" ] && first=0
    done
    if [ $first = 1 ]; then command=(sample "${task[@]}" "${options[@]}" --out "$folder" --resume-if-there); else
      command=(resume "$folder" --quiet --no-report); fi
    launch "$kind" 3 "$langevin" "${command[@]}" > "$work/log" 2>&1 || { tail -n 5 "$work/log"; failed=1; }
    # When run.json was written is of no matter; the interval of checkpoints is in it.
    sed -i 's/"checkpoint-every": [0-9.]*/"checkpoint-every": 30/; s/"checkpoint-every": 30.0/"checkpoint-every": 30/' "$folder/run.json"
    sed 's/"checkpoint-every": [0-9.]*/"checkpoint-every": 30/' "$work/$what/run.json" > "$work/run.json.same"
    cmp -s "$work/run.json.same" "$folder/run.json" && cp "$work/$what/run.json" "$folder/run.json"
    report "$what, $died of $kills times a rank killed, $kind" "$work/$what" "$folder"
  done
done

# The wrong MPI for a launcher: one line, and no run.
for kind in "${kinds[@]}"; do
  wrong=$([ "$kind" = openmpi ] && echo libmpich.so.12 || echo libmpi.so.40)
  LANGEVIN_MPI=$wrong launch "$kind" 2 "$langevin" sample "${task[@]}" "${chains[@]}" --out "$work/wrong" > "$work/log" 2>&1 &&
    { echo "$kind with $wrong was not refused"; failed=1; }
  grep -m1 -o 'langevin: .*' "$work/log" | cut -c1-160
done

# Nothing is opened without a launcher.
if command -v strace > /dev/null; then
  opened=$(strace -f -e trace=open,openat -o /dev/stdout "$langevin" sample "${task[@]}" "${chains[@]}" --steps 200 \
    --out "$work/alone" 2> /dev/null | grep -c 'libmpi')
  if [ "$opened" = 0 ]; then echo "without a launcher no MPI is opened"; else echo "MPI was opened: $opened"; failed=1; fi
fi
exit $failed
