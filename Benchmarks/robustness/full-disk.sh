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
if ! mount -t tmpfs -o size=4m,mode=755 tmpfs "$disk" 2> /dev/null; then
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
