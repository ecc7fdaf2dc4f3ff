// One instruction set's copy of every kernel. The including file defines LK_SET (the set's name) and LK_BYTES (the width
// of its vectors) and, where the compiler must be told, opens a `#pragma clang attribute` with the target features.
//
// The .inc files are written once, for an element type T with suffix S.
#include "Simd.h"

#define LK_PASTE_(a, b, c) a##b##c
#define LK_PASTE(a, b, c) LK_PASTE_(a, b, c)

#include "RandomWords.inc"

#define T float
#define S f32
#define LK_SINGLE 1
#include "KernelFiles.inc"
#undef T
#undef S
#undef LK_SINGLE

#define T double
#define S f64
#define LK_SINGLE 0
#include "KernelFiles.inc"
#undef T
#undef S
#undef LK_SINGLE

#define LK_ENTRY_f32(result, name, parameters, arguments) .name = LK_PASTE(name, _f32_, LK_SET),
#define LK_ENTRY_f64(result, name, parameters, arguments) .name = LK_PASTE(name, _f64_, LK_SET),
const lk_kernel_set LK_PASTE(lk_kernels_, LK_SET, ) = {
    .of = {[LK_F32] = {LK_KERNELS(LK_ENTRY_f32)}, [LK_F64] = {LK_KERNELS(LK_ENTRY_f64)}},
    .random_words = LK_PASTE(random_words, _, LK_SET)};
#undef LK_ENTRY_f32
#undef LK_ENTRY_f64
