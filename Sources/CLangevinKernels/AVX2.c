#if defined(__x86_64__)
#define LK_SET avx2
#define LK_BYTES 32
#include "KernelPrelude.h"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "KernelSet.h"
#pragma clang attribute pop
#endif
