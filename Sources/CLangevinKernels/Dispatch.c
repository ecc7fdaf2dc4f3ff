// The choice of an instruction set, once, and the public functions, which call through the chosen table.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "KernelTable.h"

static const char *const names[] = {"portable", "avx2", "avx512", "neon"};

const char *lk_isa_name(lk_isa isa) { return names[isa]; }

bool lk_isa_supported(lk_isa isa) {
  switch (isa) {
    case LK_PORTABLE: return true;
#if defined(__x86_64__)
    case LK_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case LK_AVX512:
      return lk_isa_supported(LK_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#elif defined(__aarch64__)
    case LK_NEON: return true;
#endif
    default: return false;
  }
}

static const lk_kernel_set *table_of(lk_isa isa) {
  switch (isa) {
#if defined(__x86_64__)
    case LK_AVX2: return &lk_kernels_avx2;
    case LK_AVX512: return &lk_kernels_avx512;
#elif defined(__aarch64__)
    case LK_NEON: return &lk_kernels_neon;
#endif
    default: return &lk_kernels_portable;
  }
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic(const lk_kernel_set *) table;
static lk_isa chosen_isa;
static const char *refused;

// What lk_isa_select has set for this thread; null: what the process has chosen.
static _Thread_local const lk_kernel_set *selected;
static _Thread_local lk_isa selected_isa;

static lk_isa best(void) {
  for (lk_isa isa = LK_NEON; isa > LK_PORTABLE; isa--)
    if (lk_isa_supported(isa)) return isa;
  return LK_PORTABLE;
}

static void choose(void) {
  lk_isa chosen = best();
  const char *wish = getenv("LANGEVIN_ISA");
  if (wish && *wish) {
    int isa = 0;
    while (isa <= LK_NEON && strcmp(wish, names[isa])) isa++;
    if (isa <= LK_NEON && lk_isa_supported((lk_isa)isa)) chosen = (lk_isa)isa;
    else refused = strdup(wish);
  }
  chosen_isa = chosen;
  atomic_store_explicit(&table, table_of(chosen), memory_order_release);
}

static inline const lk_kernel_set *kernels(void) {
  if (__builtin_expect(selected != NULL, 0)) return selected;
  const lk_kernel_set *chosen = atomic_load_explicit(&table, memory_order_acquire);
  if (__builtin_expect(!chosen, 0)) {
    pthread_once(&once, choose);
    chosen = atomic_load_explicit(&table, memory_order_acquire);
  }
  return chosen;
}

lk_isa lk_isa_current(void) {
  kernels();
  return selected ? selected_isa : chosen_isa;
}

bool lk_isa_select(lk_isa isa) {
  if (!lk_isa_supported(isa)) return false;
  selected_isa = isa;
  selected = table_of(isa);
  return true;
}

const char *lk_isa_refused(void) {
  kernels();
  return refused;
}

#define LK_PUBLIC(result, name, parameters, arguments) \
  result lk_##name LK_WITH_SCALAR parameters { return kernels()->of[scalar].name arguments; }
LK_KERNELS(LK_PUBLIC)

void lk_random_words(lk_noise_key key, uint64_t first_word, ptrdiff_t count, uint32_t *out) {
  kernels()->random_words(key, first_word, count, out);
}
