#!/bin/sh
# Fuzzes the file readers with libFuzzer, which Swift's toolchains for Linux and those of swift.org for macOS contain.
#
#   Benchmarks/fuzz/fuzz.sh                      a minute
#   Benchmarks/fuzz/fuzz.sh -runs=10000000       ten million inputs; any option of libFuzzer
#
# Inputs that were worth keeping gather in .build/fuzz/corpus and are the start of the next run. One that crashes, takes
# longer than 10 s or more than 128 MB (twice the largest input and 64 MB, and the program) is written to .build/fuzz.
set -eu
cd "$(dirname "$0")/../.."
out=.build/fuzz
mkdir -p $out/kernels $out/corpus

printf 'module CLangevinKernels { header "%s/Sources/CLangevinKernels/include/langevin_kernels.h" export * }\n' "$PWD" \
  > $out/kernels/module.modulemap
for file in Sources/CLangevinKernels/*.c; do
  clang -O2 -c -I Sources/CLangevinKernels/include "$file" -o "$out/kernels/$(basename "$file").o"
done
swift="swiftc -O -wmo -parse-as-library -swift-version 6 -package-name langevin -I $out/kernels -I $out"
$swift -module-name LangevinPlatform -emit-module-path $out/LangevinPlatform.swiftmodule \
  -c -o $out/LangevinPlatform.o $(find Sources/LangevinPlatform -name '*.swift')
$swift -enable-experimental-feature Lifetimes -module-name LangevinCore -emit-module-path $out/LangevinCore.swiftmodule \
  -c -o $out/LangevinCore.o $(find Sources/LangevinCore -name '*.swift')
$swift -sanitize=fuzzer -module-name LangevinData -o $out/fuzz-readers \
  $(find Sources/LangevinData -name '*.swift') Benchmarks/fuzz/FuzzReaders.swift \
  $out/LangevinPlatform.o $out/LangevinCore.o $out/kernels/*.o -lm -lpthread

[ $# -gt 0 ] || set -- -max_total_time=60
exec $out/fuzz-readers -dict=Benchmarks/fuzz/words.dict -max_len=4096 -timeout=10 -rss_limit_mb=128 -malloc_limit_mb=72 \
  -artifact_prefix=$out/ "$@" $out/corpus
