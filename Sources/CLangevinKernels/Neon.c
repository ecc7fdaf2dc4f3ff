// NEON is part of every arm64 processor, so no attribute is needed.
#if defined(__aarch64__)
#define LK_SET neon
#define LK_BYTES 16
#include "KernelPrelude.h"
#include "KernelSet.h"
#endif
