#if defined(__x86_64__)
#define LK_SET avx512
#define LK_BYTES 64
#include "KernelPrelude.h"
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "KernelSet.h"
#pragma clang attribute pop
#endif
