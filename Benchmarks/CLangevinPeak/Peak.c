#include "langevin_peak.h"

// Sixteen chains hide the latency of any multiply-add pipeline of today; the empty asm keeps each chain in a register and
// keeps the compiler from seeing through it.
#define CHAINS 16
#define PEAK(NAME, T, BYTES, TARGET)                                                                   \
  TARGET static double NAME(int64_t rounds) {                                                          \
    typedef T vec __attribute__((vector_size(BYTES)));                                                 \
    vec a = (vec){} + (T)0.999, b = (vec){} + (T)1e-3, x[CHAINS];                                      \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) x[i] = (vec){} + (T)i;         \
    for (int64_t round = 0; round < rounds; round++) {                                                 \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) x[i] = x[i] * a + b;         \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) __asm__ volatile(""          \
                                                                                          : KEEP(x[i])); \
    }                                                                                                  \
    return 2.0 * CHAINS * (BYTES / sizeof(T)) * rounds;                                                \
  }

#if defined(__x86_64__)
#define KEEP(v) "+v"(v)
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512vl,fma")))
PEAK(peak_f32_32, float, 32, AVX2)
PEAK(peak_f64_32, double, 32, AVX2)
PEAK(peak_f32_64, float, 64, AVX512)
PEAK(peak_f64_64, double, 64, AVX512)
#else
#define KEEP(v) "+w"(v)
#endif
PEAK(peak_f32_16, float, 16, )
PEAK(peak_f64_16, double, 16, )

double lk_peak_f32(int bytes, int64_t rounds) {
#if defined(__x86_64__)
  if (bytes == 64) return peak_f32_64(rounds);
  if (bytes == 32) return peak_f32_32(rounds);
#endif
  return peak_f32_16(rounds);
}

double lk_peak_f64(int bytes, int64_t rounds) {
#if defined(__x86_64__)
  if (bytes == 64) return peak_f64_64(rounds);
  if (bytes == 32) return peak_f64_32(rounds);
#endif
  return peak_f64_16(rounds);
}
