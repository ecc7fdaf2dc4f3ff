#include "langevin_peak.h"

// Two loops that do nothing but multiply and add, written differently so that each checks the other. Every sum is a chain:
// as many of them as the registers hold beside what they are multiplied by, which hides the latency of any pipeline of
// today. The empty asm keeps a chain in its register and the compiler from seeing through it.

// Chains x = x a + b with a and b in registers.
#define CHAINS(NAME, T, BYTES, COUNT, TARGET)                                                                \
  TARGET static double NAME(int64_t rounds) {                                                                \
    typedef T vec __attribute__((vector_size(BYTES)));                                                       \
    vec a = (vec){} + (T)0.999, b = (vec){} + (T)1e-3, x[COUNT];                                             \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < COUNT; i++) x[i] = (vec){} + (T)i;                \
    for (int64_t round = 0; round < rounds; round++) {                                                       \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < COUNT; i++) x[i] = x[i] * a + b;                \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < COUNT; i++) __asm__ volatile("" : KEEP(x[i]));  \
    }                                                                                                        \
    return 2.0 * COUNT * (BYTES / sizeof(T)) * (double)rounds;                                               \
  }

// The sums of a product of matrices: two columns in registers, an element of each row, in all lanes, read from memory.
#define OUTER(NAME, T, BYTES, ROWS, TARGET)                                                                  \
  TARGET static double NAME(int64_t rounds) {                                                                \
    typedef T vec __attribute__((vector_size(BYTES)));                                                       \
    static vec rows[ROWS];                                                                                   \
    vec b0 = (vec){} + (T)0.5, b1 = (vec){} + (T)0.25, sum[ROWS][2] = {};                                    \
    const vec *a = rows;                                                                                     \
    for (int64_t round = 0; round < rounds; round++) {                                                       \
      __asm__ volatile("" : "+r"(a) : : "memory");                                                           \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                    \
        vec element = a[r];                                                                                  \
        sum[r][0] = element * b0 + sum[r][0];                                                                \
        sum[r][1] = element * b1 + sum[r][1];                                                                \
      }                                                                                                      \
    }                                                                                                        \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++)                                        \
      __asm__ volatile("" : KEEP(sum[r][0]), KEEP(sum[r][1]));                                               \
    return 4.0 * ROWS * (BYTES / sizeof(T)) * (double)rounds;                                                \
  }

#define LOOPS(BYTES, COUNT, ROWS, TARGET)              \
  CHAINS(chains_f32_##BYTES, float, BYTES, COUNT, TARGET)  \
  CHAINS(chains_f64_##BYTES, double, BYTES, COUNT, TARGET) \
  OUTER(outer_f32_##BYTES, float, BYTES, ROWS, TARGET)     \
  OUTER(outer_f64_##BYTES, double, BYTES, ROWS, TARGET)

#pragma clang fp contract(fast)
#if defined(__x86_64__)
#define KEEP(v) "+v"(v)
LOOPS(64, 28, 14, __attribute__((target("avx512f,avx512vl,fma"))))
#undef KEEP
#define KEEP(v) "+x"(v)
LOOPS(32, 14, 6, __attribute__((target("avx2,fma"))))
// Without a fused operation a product needs a register of its own.
LOOPS(16, 12, 5, )
#else
#define KEEP(v) "+w"(v)
LOOPS(16, 28, 14, )
#endif

#define CHOOSE(T) (loop == LK_CHAINS ? chains_##T(rounds) : outer_##T(rounds))

double lk_peak_f32(lk_peak_loop loop, int bytes, int64_t rounds) {
#if defined(__x86_64__)
  if (bytes == 64) return CHOOSE(f32_64);
  if (bytes == 32) return CHOOSE(f32_32);
#endif
  (void)bytes;
  return CHOOSE(f32_16);
}

double lk_peak_f64(lk_peak_loop loop, int bytes, int64_t rounds) {
#if defined(__x86_64__)
  if (bytes == 64) return CHOOSE(f64_64);
  if (bytes == 32) return CHOOSE(f64_32);
#endif
  (void)bytes;
  return CHOOSE(f64_16);
}
