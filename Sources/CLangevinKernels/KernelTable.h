// The kernels of one instruction set, as a table of pointers made from the list in langevin_kernels.h.
#ifndef LK_KERNEL_TABLE_H
#define LK_KERNEL_TABLE_H

#include "langevin_kernels.h"

typedef struct lk_kernel_table {
#define LK_FIELD(result, name, parameters, arguments) result(*name) parameters;
  LK_KERNELS(LK_FIELD)
#undef LK_FIELD
} lk_kernel_table;

typedef struct lk_kernel_set {
  lk_kernel_table of[2];  // by lk_scalar
  void (*random_words)(lk_noise_key key, uint64_t first_word, ptrdiff_t count, uint32_t *out);
} lk_kernel_set;

extern const lk_kernel_set lk_kernels_portable;
#if defined(__x86_64__)
extern const lk_kernel_set lk_kernels_avx2;
extern const lk_kernel_set lk_kernels_avx512;
#elif defined(__aarch64__)
extern const lk_kernel_set lk_kernels_neon;
#endif

#endif
