#!/usr/bin/env bash
# The array script of the page "Clusters" under a real Slurm on this machine: tasks are hit by scancel --signal=TERM, by scontrol
# requeue and by kill -9, and the run ends with the bytes of one process.
#
#   Benchmarks/robustness/slurm.sh            as root, with Debian's slurm-wlm and munge
#
# slurmctld, slurmd and munged run from a folder of their own, on ports of their own, and end with the script.
set -uo pipefail
cd "$(dirname "$0")/../.."
langevin=$(realpath "${LANGEVIN:-$PWD/.build/release/langevin}")
page=$PWD/Sources/Langevin/Langevin.docc/Clusters.md
for program in slurmctld slurmd munged; do
  command -v $program > /dev/null || { echo "skipped: there is no $program (apt-get install slurm-wlm munge)"; exit 0; }
done
[ "$(id -u)" -eq 0 ] || { echo "skipped: slurmd needs root"; exit 0; }

work=$(mktemp -d)
failed=0
check() { # NAME COMMAND...
  local name=$1
  shift
  if "$@" > "$work/output" 2>&1; then echo "yes  $name"; else failed=1; echo "NO   $name"; sed 's/^/     /' "$work/output"; fi
}

# A cluster of one node.
host=$(hostname -s)
port=$((20000 + RANDOM % 10000))
mkdir "$work/state" "$work/spool" "$work/munge"
chmod 700 "$work/munge"
head -c 1024 /dev/urandom > "$work/munge/key"
chmod 400 "$work/munge/key"
export SLURM_CONF=$work/slurm.conf
cat > "$SLURM_CONF" <<CONF
ClusterName=one
SlurmctldHost=$host
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
JobRequeue=1
KillWait=30
MinJobAge=300
SchedulerParameters=batch_sched_delay=0,sched_interval=1,requeue_delay=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
munged --foreground --force --socket="$work/munge/socket" --key-file="$work/munge/key" --pid-file="$work/munge/pid" \
  --log-file="$work/munge/log" --seed-file="$work/munge/seed" > /dev/null 2>&1 &
munge=$!
slurmctld -D -i > "$work/slurmctld.out" 2>&1 &
controller=$!
slurmd -D -N "$host" > "$work/slurmd.out" 2>&1 &
node=$!
finish() {
  scancel --user=root --state=RUNNING > /dev/null 2>&1
  kill $node $controller $munge 2> /dev/null
  wait $node $controller $munge 2> /dev/null
  rm -rf "$work"
}
trap finish EXIT
up() { for _ in $(seq 60); do sinfo -h -o %t 2> /dev/null | grep -q idle && return; sleep 0.5; done; tail -n 5 "$work"/slurm*.log; false; }
check "slurmctld and slurmd are up" up
[ $failed -eq 0 ] || exit 1

# The scripts of the page, with a task of some seconds.
block() { awk -v name="$1" '/^```sh$/ { inside = 1; text = ""; next } /^```$/ { if (inside && text ~ name) printf "%s", text; inside = 0 }
  inside { text = text $0 "\n" }' "$page"; }
cd "$work"
block "SBATCH --array" > array.sh
block "SBATCH --dependency" > summary.sh
[ -s array.sh ] || { echo "the page has no array script"; exit 1; }
task=(--data kspin:train=600,test=100,spins=20,classes=3 --network 20-10-3 --sampler baoab --steps "${STEPS:-400000}" --thin 200
  --warmup 20000 --seed 3)
mkdir bin
ln -s "$langevin" bin/langevin
export PATH=$work/bin:$PATH
sed -i "s|langevin sample .*--chains 8|langevin sample ${task[*]} --chains 8|" array.sh
"$langevin" sample "${task[@]}" --chains 8 --quiet --no-report --out whole > /dev/null 2> whole.err || { cat whole.err; exit 1; }

job=$(sbatch --parsable array.sh)
after=$(sbatch --parsable --dependency=afterany:"$job" summary.sh "$job" 2> /dev/null)
tasks() { squeue -h -r -j "$job" -t "$1" -o "%K" 2> /dev/null; }
holder() { sed -n 's/^process = //p' "RUN/chain-$1.lock" 2> /dev/null; }
step() { [ -s "RUN/chain-$1.csv" ] && [ "$(wc -l < "RUN/chain-$1.csv")" -gt "$2" ]; }
started() { for _ in $(seq 240); do tasks R | grep -qx "$1" && step "$1" 60 && return; sleep 0.25; done; squeue -r; false; }
terminate() {
  started "$1" || return 1
  scancel --signal=TERM "${job}_$1"
  for _ in $(seq 100); do grep -q "stopped by SIGTERM after step" "slurm-${job}_$1.out" && return; sleep 0.1; done
  cat "slurm-${job}_$1.out"
  false
}
# Slurm lets a task that was requeued wait for two minutes, unless it is told otherwise.
requeue() {
  started "$1" && scontrol requeue "${job}_$1" || return 1
  for _ in $(seq 100); do tasks PD | grep -qx "$1" && break; sleep 0.1; done
  scontrol update "jobid=${job}_$1" starttime=now
}
murder() { started "$1" && kill -9 "$(holder "$1")"; }
check "scancel --signal=TERM of task 1" terminate 1
check "kill -9 of task 2" murder 2
check "scontrol requeue of task 3" requeue 3
check "scancel --signal=TERM of task 4" terminate 4
check "scontrol requeue of task 5" requeue 5
check "kill -9 of task 6" murder 6
ended() { for _ in $(seq 2400); do [ -z "$(squeue -h -r -j "$job" 2> /dev/null)" ] && return; sleep 0.5; done; squeue -r; false; }
check "all tasks end" ended
# Those that a signal has ended are sent again, by the same line.
again=$(sbatch --parsable --array=1,2,4,6 array.sh)
job=$again
check "tasks 1, 2, 4, 6, sent again, end" ended
check "the summary came after" test -s RUN/summary.json
langevin summary RUN > summary.txt
check "of all chains" grep -q "^8 chains of " summary.txt
langevin status RUN

differences() {
  for i in 1 2 3 4 5 6 7 8; do
    for file in chain-$i.csv draws-$i.npy; do cmp "whole/$file" "RUN/$file" || return 1; done
    cmp <(tail -c +83 whole/checkpoint-$i | head -c -8) <(tail -c +83 RUN/checkpoint-$i | head -c -8) || return 1
  done
  diff <(grep -vE 'second|"command"' whole/summary.json) <(grep -vE 'second|"command"' RUN/summary.json) || return 1
  diff whole/run.json RUN/run.json
}
check "the bytes are those of one process" differences
exit $failed
