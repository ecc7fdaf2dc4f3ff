#!/usr/bin/env bash
# A run on a disk that fills up ends with one sentence and status 1, leaves a checkpoint and draws that can be read, and
# goes on bit for bit once there is room. So does a run that cannot write its folder.
#
#   sudo Benchmarks/robustness/full-disk.sh
#
# Needs the right to mount a small tmpfs, and a user 'nobody' for the folder that cannot be written.
set -uo pipefail
cd "$(dirname "$0")/../.."
langevin=${LANGEVIN:-$PWD/.build/release/langevin}
work=$(mktemp -d)
disk=$work/disk
mkdir "$disk"
if ! mount -t tmpfs -o size=1m,mode=755 tmpfs "$disk" 2> /dev/null; then
  echo "skipped: mounting a tmpfs needs root"
  rm -rf "$work"
  exit 0
fi
trap 'umount "$disk"; rm -rf "$work"' EXIT

failed=0
check() { # NAME COMMAND...
  local name=$1
  shift
  if "$@" > "$work/output" 2>&1; then echo "yes  $name"; else failed=1; echo "NO   $name"; sed 's/^/     /' "$work/output"; fi
}
says() { grep -q -- "$1" "$work/errors"; }
status() { # EXPECTED COMMAND...; its standard error goes to a file
  local expected=$1
  shift
  "$@" > /dev/null 2> "$work/errors"
  local found=$?
  [ $found -eq "$expected" ] || { echo "status $found"; cat "$work/errors"; false; }
}
sample() {
  "$langevin" sample --data kspin:train=600,test=0,spins=20,classes=3 --network 20-100-3 --sampler baoab --steps 20000 \
    --thin 100 --checkpoint-every 0.01 --quiet --no-report --out "$@"
}
whole=$work/whole run=$disk/run
sample "$whole" > /dev/null

# Until there is no room.
check "a run on a disk that fills up ends with status 1" status 1 sample "$run"
check "it says that there is no room, and how to go on" says "no room left .* 'langevin resume $run' goes on"
check "the draws so far are whole and can be summarised" status 0 "$langevin" predict "$run"
check "resumed without more room, it ends in the same way" status 1 "$langevin" resume "$run" --quiet --no-report
mount -o remount,size=64m "$disk"
check "resumed with room, it ends well" status 0 "$langevin" resume "$run" --quiet --no-report
for file in run.json chain-1.csv chain-2.csv draws-1.npy draws-2.npy; do
  check "$file has the bytes of a run with room enough" cmp "$whole/$file" "$run/$file"
done

# No room for a new checkpoint: the last one stays.
cp -r "$whole" "$disk/second"
mount -o remount,size=$(du -sk "$disk" | cut -f 1)k "$disk"
check "a longer run needs room" status 1 "$langevin" resume "$disk/second" --steps 40000 --quiet --no-report
check "the checkpoint is as it was, or a later whole one" status 1 "$langevin" resume "$disk/second" --steps 40000 --quiet
check "in one line" test "$(wc -l < "$work/errors")" -eq 1
mount -o remount,size=64m "$disk"
check "with room it goes on from it" status 0 "$langevin" resume "$disk/second" --steps 40000 --quiet --no-report

# A folder that may not be written.
mount -o remount,ro "$disk"
check "a run in a folder that cannot be written" status 1 sample "$disk/third"
check "names the folder" says "$disk/third"
check "a run that cannot be resumed there" status 1 "$langevin" resume "$disk/second" --steps 50000 --quiet
check "names the file" says "$disk/second/"
check "in one line" test "$(wc -l < "$work/errors")" -eq 1
check "what lies there can be summarised, and is not written" status 0 "$langevin" summary "$disk/second"
check "and looked at" status 0 "$langevin" status "$disk/second"
exit $failed
