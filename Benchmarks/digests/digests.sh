#!/usr/bin/env bash
# Digests of what every sampler computes, so that a change of shape can be shown to move no number.
#
#   Benchmarks/digests/digests.sh [PROGRAM]          prints a line for each case
#   Benchmarks/digests/digests.sh --check [PROGRAM]  compares them with expected-portable.txt
#   Benchmarks/digests/digests.sh --compare OLD NEW  compares two programs, with LANGEVIN_ISA as it is
#
# A case is a run of two chains on one of three small problems with every setting named, so that no default matters. Its
# line has the beginnings of five SHA-256: the trace of each chain, the draws of each chain, and the traces and draws of
# both after the run was resumed from its checkpoint for a while, which stands for the final state. Traces count by their
# numbers alone: no header, no comments.
#
# Bits depend on the instruction set and, through exp and log, a little on the mathematics library. LANGEVIN_ISA=portable,
# the default here, exists on every machine. THREADS=1 says how many threads a run has; ONLY=TEXT chooses the cases whose
# names begin so. EXTRA='--seed 7' adds options to every case; the last one of a name wins.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$here/../../.build/release/langevin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# A table with a smooth law, from integers alone.
table=$work/table.csv
awk 'BEGIN {
  print "a,b,c,y"
  for (i = 0; i < 48; i++) {
    a = (i * 37 % 97 - 48) / 32; b = (i * 53 % 89 - 44) / 32; c = (i * 71 % 83 - 41) / 32
    printf "%.5f,%.5f,%.5f,%.5f\n", a, b, c, a * b / 2 - c + (i * 29 % 31 - 15) / 64
  }
}' > "$table"

# The three problems. What is said here may be said again by a case; the last one wins.
moons=(--data moons --set data.noise=0.2 --set data.flip=0 --set data.train=60 --set data.test=40 --set data.validation=0
  --set data.seed=3 --network 2-8-1 --activation tanh --output-activation identity --biases true
  --initialisation he --loss binary-cross-entropy --normalisation mean --prior 0.02 --precision single)
regression=(--data "$table" --set data.test-fraction=0.25 --set data.seed=5 --set data.standardise=columns
  --set data.targets=values --set data.missing=error --set data.unknown-category=error --set data.standardise-targets=true --set data.target=y --set data.class-names=automatic
  --network 3-6-1 --activation sigmoid --output-activation identity --biases true --initialisation uniform-fan-in
  --loss squared-error --normalisation sum --prior layer1=0.5,layer2.weight=0.25,layer2.bias=0 --precision double)
spins=(--data kspin --set data.classes=3 --set data.spins=12 --set data.flip=0.2 --set data.train=90 --set data.test=30
  --set data.validation=0 --set data.seed=11 --network 12-10-3 --activation relu --output-activation relu --biases false
  --initialisation glorot --loss cross-entropy --normalisation mean --prior 0.001 --precision single)
common=(--noise by-input --warmup 120 --thin 12 --draw-every 2 --observables full --chains 2 --seed 9876543210 --checkpoint-every 1000
  --max-seconds 100000 --min-ess 1000000000 --set start.steps=0 --set start.step-size=0.002 --set start.batch=30
  --set start.validation=0 --set start.patience=20)
# The steps of a run; another third of 360 follow when it is resumed.
steps=360

numbers() { grep -v '^#' "$1" | tail -n +2; }
draws() { tail -c +$((11 + $(od -An -tu2 -j8 -N2 "$1"))) "$1"; }
digest() { sha256sum | cut -c 1-16; }

# Settings of the run that no option has named: each could hide a changed default.
unnamed() { # FOLDER OPTION...
  local run=$1/run.json options=" ${*:2} " group="" line name
  while IFS= read -r line; do
    case $line in
      '  }'*) group="" ;;
      '  "'*'": {') group=${line#*\"} group=${group%%\"*}. ;;
      *'": '*)
        name=${line#*\"} name=$group${name%%\"*}
        case $name in langevin | instruction-set | *name | *shape | law.* | table.* | parameters | data.fingerprint | threads) continue ;; esac
        case $options in *" --$name "* | *" --${name#sampler.} "* | *" $name="*) ;; *) echo "$name" ;; esac
        ;;
    esac
  done < "$run"
}

# NAME OPTION...
run() {
  local name=$1 options=("${@:2}" ${EXTRA:-}) folder=$work/run
  [[ $name == ${ONLY:-}* ]] || return 0
  rm -rf "$folder"
  if ! "$program" sample --steps $steps "${common[@]}" "${options[@]}" --threads "${THREADS:-2}" --quiet --no-report \
    --out "$folder" > /dev/null 2> "$work/errors"; then
    failed=1
    printf '%-24s failed: %s\n' "$name" "$(head -n 1 "$work/errors")"
    return
  fi
  local missing
  missing=$(unnamed "$folder" --steps "${common[@]}" "${options[@]}" | paste -sd ' ')
  [ -z "$missing" ] || echo "$name: not named: $missing" >&2
  printf '%-24s' "$name"
  printf ' %s' "$(numbers "$folder/chain-1.csv" | digest)" "$(numbers "$folder/chain-2.csv" | digest)" \
    "$(draws "$folder/draws-1.npy" | digest)" "$(draws "$folder/draws-2.npy" | digest)"
  if "$program" resume "$folder" --steps $((steps + 120)) --quiet --no-report > /dev/null 2> "$work/errors"; then
    for chain in 1 2; do
      numbers "$folder/chain-$chain.csv"
      draws "$folder/draws-$chain.npy"
    done | digest | sed 's/^/ /'
  else
    failed=1
    echo " failed: $(head -n 1 "$work/errors")"
  fi
}

# SETTING=VALUE... of the sampler, as options in the array `with`.
with=()
of() {
  with=()
  for setting; do with+=(--set "sampler.$setting"); done
}

# The three problems with a sampler: minibatches in single precision, all data in double, another scheme and schedules.
small() { run "$1-moons" "${moons[@]}" --batch 12 --batch-scheme distinct --sampler "$1" "${with[@]}"; }
full() { run "$1-regression" "${regression[@]}" --batch all --batch-scheme distinct --sampler "$1" "${with[@]}"; }
scheduled() { run "$1-spins" "${spins[@]}" --batch 15 --batch-scheme "$2" --sampler "$1" "${with[@]}"; }

falling=temperature=geometric:1e-3,2e-4,300
shrinking=step-size=polynomial:0.4,10,0.6
cyclic=step-size=cosine:0.05,0.01,60
ladder=temperature=ladder:1e-3@100,5e-4@100,2e-4@50

cases() {
  # pseudo-Langevin: masses made in the warm-up and kept; followed to the end; with directions taken out.
  of temperature=0.002 ratio=0.02 settling-ratio=0.05 reset-ratio=0.03 largest-ratio=0.2 momentum-loss=0.2 segment=6 \
    update-every=20 update-at-most=60 reset-probability=0.3 settling=200 variance=exact variance-floor=1e-12 \
    corrects-directions=false
  small pl
  run pl-started "${moons[@]}" --batch 12 --batch-scheme distinct --sampler pl "${with[@]}" --set start.steps=50
  of temperature=0.5 ratio=0.01 settling-ratio=0.02 reset-ratio=0.03 largest-ratio=0.1 momentum-loss=0.3 segment=4 \
    update-every=12 update-at-most=24 reset-probability=1 settling=1000 variance=drawn variance-floor=0.1 \
    corrects-directions=false
  run pl-regression "${regression[@]}" --batch 9 --batch-scheme with-replacement --sampler pl "${with[@]}" \
    --set start.steps=200
  of "$ladder" ratio=0.1 settling-ratio=0.2 reset-ratio=0.3 largest-ratio=0.4 momentum-loss=0.15 segment=12 \
    update-every=30 update-at-most=90 reset-probability=0 settling=120 variance=automatic variance-floor=1e-9 \
    corrects-directions=true
  scheduled pl subset
  # Where variances hardly change, updates become rare.
  of temperature=0.0002 ratio=0.001 settling-ratio=0.002 reset-ratio=0.001 largest-ratio=0.002 momentum-loss=0.2 segment=3 \
    update-every=3 update-at-most=9 reset-probability=0 settling=1000 variance=exact variance-floor=1e-9 \
    corrects-directions=false
  run pl-calm "${moons[@]}" --batch 40 --batch-scheme with-replacement --sampler pl "${with[@]}" --set start.steps=150

  of temperature=0.002 step-size=0.2 leapfrog-steps=5 mass=2 jitter=0.3 momentum-kept=0.4 adapt-moves=60 \
    target-acceptance=0.7 adapts-mass=true
  run hmc-moons "${moons[@]}" --batch all --batch-scheme distinct --sampler hmc "${with[@]}"
  of temperature=0.5 step-size=0.05 leapfrog-steps=9 mass=0.5 jitter=0 momentum-kept=0 adapt-moves=0 \
    target-acceptance=0.9 adapts-mass=false
  full hmc
  of temperature=0.0005 step-size=0.1 leapfrog-steps=4 mass=3 jitter=0.2 momentum-kept=0.9 adapt-moves=40 \
    target-acceptance=0.6 adapts-mass=false
  run hmc-spins "${spins[@]}" --batch all --batch-scheme distinct --sampler hmc "${with[@]}" --set start.steps=40

  of temperature=0.002 step-size=0.05 adapt-steps=60 target-acceptance=0.5
  run mala-moons "${moons[@]}" --batch all --batch-scheme distinct --sampler mala "${with[@]}"
  of temperature=0.5 step-size=0.01 adapt-steps=0 target-acceptance=0.574
  full mala
  of temperature=0.0005 step-size=0.02 adapt-steps=200 target-acceptance=0.7
  run mala-spins "${spins[@]}" --batch all --batch-scheme distinct --sampler mala "${with[@]}" --set start.steps=40

  of temperature=0.002 scheme=mclachlan energy-error=0.002 step-size=0.5 decoherence=2 adapts-scales=true
  run mclmc-moons "${moons[@]}" --batch all --batch-scheme distinct --sampler mclmc "${with[@]}" --warmup 240
  of temperature=0.5 scheme=leapfrog energy-error=0.001 step-size=0.3 decoherence=1 adapts-scales=false
  run mclmc-regression "${regression[@]}" --batch all --batch-scheme distinct --sampler mclmc "${with[@]}" --warmup 0
  of temperature=0.5 step-size=0.1 decoherence=0.7 corrected=true
  small minibatch-mclmc
  of temperature=0.5 step-size=0.3 decoherence=2 corrected=false
  scheduled minibatch-mclmc subset
  of temperature=0.002 scheme=mclachlan step-size=0.5 mean-steps=4 inner-refresh=1.5 keeps-direction=false \
    target-acceptance=0.8 adapts-scales=true
  run mams-moons "${moons[@]}" --batch all --batch-scheme distinct --sampler mams "${with[@]}" --warmup 240
  of temperature=0.5 scheme=leapfrog step-size=0.3 mean-steps=3 inner-refresh=2 keeps-direction=true \
    target-acceptance=0.9 adapts-scales=false
  run mams-regression "${regression[@]}" --batch all --batch-scheme distinct --sampler mams "${with[@]}" --warmup 0
  of temperature=0.002 step-size=0.2 target-acceptance=0.8 adapts-mass=true largest-depth=6
  run nuts-moons "${moons[@]}" --batch all --batch-scheme distinct --sampler nuts "${with[@]}"
  of temperature=0.5 step-size=0.05 target-acceptance=0.7 adapts-mass=false largest-depth=4
  full nuts

  of temperature=0.002 step-size=0.05
  small sgld
  run lm-moons "${moons[@]}" --batch 12 --batch-scheme distinct --sampler lm "${with[@]}"
  for scheme in with-replacement subset epochs fixed-partition sweeps; do
    run "sgld-$scheme" "${moons[@]}" --batch 14 --batch-scheme "$scheme" --sampler sgld "${with[@]}"
    run "lm-$scheme" "${moons[@]}" --batch 14 --batch-scheme "$scheme" --sampler lm "${with[@]}"
  done
  of temperature=0.5 step-size=0.002
  full sgld
  full lm
  of "$falling" "$shrinking"
  scheduled sgld epochs
  of temperature=0.002 step-size=0.05 adapt-steps=100 moments=running decay=0.9 damping=0.05 keeps-adapting=false
  small psgld
  of "$falling" step-size=0.02 adapt-steps=80 moments=exact decay=0.5 damping=0.1 keeps-adapting=false
  scheduled psgld epochs
  of temperature=0.5 step-size=0.001 adapt-steps=20 moments=running decay=0.99 damping=0.2 keeps-adapting=true
  full psgld
  of temperature=0.002 step-size=0.2 cycle=50 exploration=0.6
  small csgld
  of "$ladder" "$cyclic"
  scheduled lm fixed-partition

  for level in 1 lm 2 2-all 2lm; do
    of temperature=0.003 step-size=0.04 level=$level
    run "sgworld-$level-moons" "${moons[@]}" --batch 12 --batch-scheme epochs --sampler sgworld "${with[@]}"
    of temperature=0.4 step-size=0.002 level=$level
    batch=7 # a short last one, where the level allows it
    [ $level = 2lm ] && batch=9
    run "sgworld-$level-regression" "${regression[@]}" --batch $batch --batch-scheme epochs --sampler sgworld "${with[@]}"
    of "$falling" "$shrinking" level=$level
    run "sgworld-$level-spins" "${spins[@]}" --batch 15 --batch-scheme epochs --sampler sgworld "${with[@]}"
  done

  for word in baoab obabo ubu aboba baoba oboba bababo; do
    of temperature=0.002 step-size=0.2 friction=0.7 mass=2 word=$word
    run "$word-moons" "${moons[@]}" --batch 12 --batch-scheme distinct --sampler baoab "${with[@]}"
    of temperature=0.5 step-size=0.05 friction=2 mass=1.5 word=$word
    run "$word-regression" "${regression[@]}" --batch all --batch-scheme distinct --sampler baoab "${with[@]}"
    of "$ladder" "$cyclic" friction=0.3 mass=0.5 word=$word
    run "$word-spins" "${spins[@]}" --batch 15 --batch-scheme epochs --sampler baoab "${with[@]}"
    of temperature=0.003 step-size=0.1 friction=1.2 mass=1.1 word=$word
    run "$word-sweeps" "${spins[@]}" --batch 15 --batch-scheme sweeps --sampler baoab "${with[@]}"
  done
  of temperature=0.002 step-size=0.2 friction=0 mass=2
  run bab-by-name "${moons[@]}" --batch 12 --batch-scheme distinct --sampler bab "${with[@]}" --set sampler.word=BAB

  of temperature=0.002 step-size=0.05 friction=2 mass=2 known-noise=0.001
  small sghmc
  of temperature=0.5 step-size=0.03 friction=3 mass=0.5 known-noise=0.5
  full sghmc
  of "$falling" "$cyclic" friction=0.5 mass=1.5 known-noise=0
  scheduled sghmc subset

  for sampler in sgnht badodab adla; do
    of temperature=0.002 step-size=0.05 coupling=0.5 driving-noise=0.05 initial-thermostat=0.4
    small $sampler
    of temperature=0.5 step-size=0.02 coupling=2 driving-noise=0.1 initial-thermostat=-0.2
    full $sampler
    of "$ladder" "$cyclic" coupling=0.1 driving-noise=0 initial-thermostat=0.2
    scheduled $sampler with-replacement
  done

  for sampler in lala lol; do
    second=(second-friction=0.9)
    [ $sampler = lala ] || second=()
    of temperature=0.002 second-temperature=0.004 step-size=0.05 friction=0.3 first=layer2 "${second[@]}"
    small $sampler
    of temperature=0.5 second-temperature=0.25 step-size=0.01 friction=0.6 first=layer1.weight+layer2.bias "${second[@]}"
    full $sampler
    of "$falling" second-temperature=cosine:1e-3,1e-4,50 "$cyclic" friction=0.2 first=layer2 "${second[@]}"
    scheduled $sampler epochs
  done
  of temperature=0.002 second-temperature=0.004 step-size=0.05 friction=0.3 first=layer2 coupling=0.5 driving-noise=0.05 \
    initial-thermostat=0.4
  small adlala
  of temperature=0.5 second-temperature=0.25 step-size=0.01 friction=0.6 first=layer1.weight+layer2.bias coupling=2 \
    driving-noise=0.1 initial-thermostat=-0.1
  full adlala
  of "$ladder" second-temperature=ladder:1e-4@50,3e-4@70 "$cyclic" friction=0.2 first=layer2 coupling=0.1 driving-noise=0 \
    initial-thermostat=0.2
  scheduled adlala fixed-partition

  # Rows are kept in the cold only, to which a chain has to return.
  steps=6000
  for form in noise force; do
    of temperature=0.01 step-size=0.05 form=$form friction=0.7 mass=2 tempering-friction=0.8 hottest=0.85 \
      reference-energy=0.6 effective-dimension=25 intervals=7 adapting-steps=60 settle=1
    run "ctld-$form-moons" "${moons[@]}" --batch 12 --batch-scheme distinct --sampler ctld "${with[@]}"
    of temperature=0.5 step-size=0.02 form=$form friction=2 mass=0.5 tempering-friction=2 hottest=0.85 \
      reference-energy=20 effective-dimension=40 intervals=4 adapting-steps=120 settle=0
    run "ctld-$form-regression" "${regression[@]}" --batch all --batch-scheme distinct --sampler ctld "${with[@]}"
    of temperature=0.001 step-size=0.03 form=$form friction=0.3 mass=1.5 tempering-friction=0.5 hottest=0.8 \
      reference-energy=1 effective-dimension=20 intervals=12 adapting-steps=60 settle=1
    run "ctld-$form-spins" "${spins[@]}" --batch all --batch-scheme distinct --sampler ctld "${with[@]}"
  done

  steps=360

  of step-size=0.05 momentum=0.8
  small sgd
  of step-size=0.002 momentum=0
  full sgd
  of "$cyclic" momentum=0.5
  scheduled sgd sweeps
  of step-size=0.01 first-decay=0.8 second-decay=0.95 epsilon=1e-6
  small adam
  of step-size=0.02 first-decay=0 second-decay=0.9 epsilon=1e-4
  full adam
  of "$shrinking" first-decay=0.95 second-decay=0.99 epsilon=1e-7
  scheduled adam epochs

  # What stands around the sampler: observables of minibatches, other networks and losses, a start from another run.
  of temperature=0.002 step-size=0.2 friction=0.7 mass=2 word=BAOAB
  run observables-minibatch "${moons[@]}" --batch 12 --batch-scheme distinct --sampler baoab "${with[@]}" \
    --observables minibatch
  run two-outputs "${moons[@]}" --loss cross-entropy --network 2-7-5-2 --activation softplus --precision double \
    --batch 60 --batch-scheme distinct --sampler baoab "${with[@]}"
  run one-layer "${spins[@]}" --network 12-3 --output-activation identity --biases true --precision double \
    --batch 15 --batch-scheme distinct --sampler baoab "${with[@]}"
  "$program" sample --steps $steps "${common[@]}" "${moons[@]}" --batch 12 --batch-scheme distinct --sampler baoab "${with[@]}" \
    --threads "${THREADS:-2}" --quiet --no-report --out "$work/before" > /dev/null 2>&1
  run started-from "${moons[@]}" --batch 12 --batch-scheme distinct --sampler baoab "${with[@]}" \
    --set start.from="$work/before" --set start.steps=20
  rm -rf "$work/before"
}

# Samplers of the program that no case has.
missing() { # DIGESTS
  [ -z "${ONLY:-}" ] || return 0
  "$program" sample --list | awk '/^Samplers/ { on = 1; next } !NF { on = 0 } on && /^  [a-z]/ { print $1 }' \
    | while read -r name; do grep -q "^$name-" "$1" || echo "no case has the sampler $name"; done
}

all() { # PROGRAM
  program=$1
  cases
}

# The path of a program that exists.
absolute() {
  [ -x "$1" ] || { echo "there is no program $1" >&2; exit 2; }
  echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
}

case ${1:-} in
  --compare)
    [ $# -eq 3 ] || { echo "expected: --compare OLD NEW" >&2; exit 2; }
    old=$(absolute "$2") new=$(absolute "$3") || exit 2
    all "$old" > "$work/old"
    all "$new" > "$work/new"
    diff "$work/old" "$work/new" || exit 1
    missing "$work/new" | grep . && exit 1
    echo "the same in $(wc -l < "$work/new") cases"
    ;;
  --check)
    export LANGEVIN_ISA=portable
    found=$(absolute "${2:-$program}") || exit 2
    all "$found" > "$work/new"
    diff <(grep "^${ONLY:-}" "$here/expected-portable.txt") "$work/new" || exit 1
    missing "$work/new" | grep . && exit 1
    echo "as expected in $(wc -l < "$work/new") cases"
    ;;
  -*)
    sed -n '2,6p' "$0" >&2
    exit 2
    ;;
  *)
    export LANGEVIN_ISA=${LANGEVIN_ISA:-portable}
    found=$(absolute "${1:-$program}") || exit 2
    all "$found" | tee "$work/new"
    ! missing "$work/new" | grep . || exit 1
    ;;
esac
exit $failed
