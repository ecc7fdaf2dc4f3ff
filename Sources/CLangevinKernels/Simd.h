// Vector types of LK_BYTES and the few operations that C's operators do not give, by clang's vector extensions.
// Included once per instruction set; everything here is static and inlined.

#define LK_INLINE static inline __attribute__((always_inline, unused))

enum { LK_LANES_f32 = LK_BYTES / 4, LK_LANES_f64 = LK_BYTES / 8 };

typedef float vec_f32 __attribute__((vector_size(LK_BYTES)));
typedef double vec_f64 __attribute__((vector_size(LK_BYTES)));
typedef int32_t ivec_f32 __attribute__((vector_size(LK_BYTES)));
typedef int64_t ivec_f64 __attribute__((vector_size(LK_BYTES)));
typedef uint32_t uvec_f32 __attribute__((vector_size(LK_BYTES)));
typedef uint64_t uvec_f64 __attribute__((vector_size(LK_BYTES)));

LK_INLINE vec_f32 load_f32(const float *p) { vec_f32 v; memcpy(&v, p, sizeof v); return v; }
LK_INLINE vec_f64 load_f64(const double *p) { vec_f64 v; memcpy(&v, p, sizeof v); return v; }
LK_INLINE void store_f32(float *p, vec_f32 v) { memcpy(p, &v, sizeof v); }
LK_INLINE void store_f64(double *p, vec_f64 v) { memcpy(p, &v, sizeof v); }
/// All lanes equal to x.
LK_INLINE vec_f32 splat_f32(float x) { return x - (vec_f32){}; }
LK_INLINE vec_f64 splat_f64(double x) { return x - (vec_f64){}; }
/// Lane by lane: mask (all ones or zero, as comparisons give it) ? a : b.
LK_INLINE vec_f32 pick_f32(ivec_f32 mask, vec_f32 a, vec_f32 b) {
  return (vec_f32)((mask & (ivec_f32)a) | (~mask & (ivec_f32)b));
}
LK_INLINE vec_f64 pick_f64(ivec_f64 mask, vec_f64 a, vec_f64 b) {
  return (vec_f64)((mask & (ivec_f64)a) | (~mask & (ivec_f64)b));
}

// MARK: Lanes by number

/// 0, 1, 2, ...
LK_INLINE ivec_f32 lane_numbers_f32(void) {
  static const int32_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  ivec_f32 v; memcpy(&v, numbers, sizeof v); return v;
}
LK_INLINE ivec_f64 lane_numbers_f64(void) {
  static const int64_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7};
  ivec_f64 v; memcpy(&v, numbers, sizeof v); return v;
}
/// The mask of the lanes below n.
LK_INLINE ivec_f32 lanes_below_f32(ptrdiff_t n) {
  return lane_numbers_f32() < (int32_t)(n < LK_LANES_f32 ? n : LK_LANES_f32);
}
LK_INLINE ivec_f64 lanes_below_f64(ptrdiff_t n) { return lane_numbers_f64() < (int64_t)n; }

// The lanes below n (n may be more than there are) to and from memory. Memory beyond is not touched; a load gives zero.
#if LK_BYTES == 64
#define LK_SOME(T, S, M, bits, p_)                                                                                     \
  LK_INLINE vec_##S load_some_##S(const T *p, ptrdiff_t n) {                                                           \
    return (vec_##S)_mm512_maskz_loadu_##p_(n < LK_LANES_##S ? (M)((1u << n) - 1) : (M)-1, p);                         \
  }                                                                                                                    \
  LK_INLINE void store_some_##S(T *p, vec_##S v, ptrdiff_t n) {                                                        \
    _mm512_mask_storeu_##p_(p, n < LK_LANES_##S ? (M)((1u << n) - 1) : (M)-1, (__m512##bits)v);                        \
  }
LK_SOME(float, f32, __mmask16, , ps)
LK_SOME(double, f64, __mmask8, d, pd)
#else
#if LK_BYTES == 32
#define LK_LOAD_FEW_f32(v, p, n) v = (vec_f32)_mm256_maskload_ps(p, (__m256i)lanes_below_f32(n))
#define LK_LOAD_FEW_f64(v, p, n) v = (vec_f64)_mm256_maskload_pd(p, (__m256i)lanes_below_f64(n))
#else
#define LK_LOAD_FEW_f32(v, p, n) for (int lane = 0; lane < LK_LANES_f32; lane++) if (lane < n) v[lane] = p[lane]
#define LK_LOAD_FEW_f64(v, p, n) for (int lane = 0; lane < LK_LANES_f64; lane++) if (lane < n) v[lane] = p[lane]
#endif
#define LK_SOME(T, S)                                                                                                  \
  LK_INLINE vec_##S load_some_##S(const T *p, ptrdiff_t n) {                                                           \
    if (n >= LK_LANES_##S) return load_##S(p);                                                                         \
    vec_##S v = {};                                                                                                    \
    LK_LOAD_FEW_##S(v, p, n);                                                                                          \
    return v;                                                                                                          \
  }                                                                                                                    \
  LK_INLINE void store_some_##S(T *p, vec_##S v, ptrdiff_t n) {                                                        \
    if (n >= LK_LANES_##S) { store_##S(p, v); return; }                                                                \
    /* In halves, quarters, ...: a masked store is slow on many processors. */                                         \
    T lanes[LK_LANES_##S], *from = lanes;                                                                              \
    store_##S(lanes, v);                                                                                               \
    _Pragma("unroll") for (int part = LK_LANES_##S / 2; part > 0; part /= 2)                                           \
      if (n & part) {                                                                                                  \
        memcpy(p, from, part * sizeof(T));                                                                             \
        p += part, from += part;                                                                                       \
      }                                                                                                                \
  }
LK_SOME(float, f32)
LK_SOME(double, f64)
#endif
#undef LK_SOME

// MARK: Sums and extremes over lanes, always in the same order

// v with lane i and lane i ^ m exchanged.
#define LK_EXCHANGE_2(v, m) __builtin_shufflevector(v, v, 0 ^ m, 1 ^ m)
#define LK_EXCHANGE_4(v, m) __builtin_shufflevector(v, v, 0 ^ m, 1 ^ m, 2 ^ m, 3 ^ m)
#define LK_EXCHANGE_8(v, m) \
  __builtin_shufflevector(v, v, 0 ^ m, 1 ^ m, 2 ^ m, 3 ^ m, 4 ^ m, 5 ^ m, 6 ^ m, 7 ^ m)
#define LK_EXCHANGE_16(v, m)                                                                                         \
  __builtin_shufflevector(v, v, 0 ^ m, 1 ^ m, 2 ^ m, 3 ^ m, 4 ^ m, 5 ^ m, 6 ^ m, 7 ^ m, 8 ^ m, 9 ^ m, 10 ^ m, 11 ^ m, \
                          12 ^ m, 13 ^ m, 14 ^ m, 15 ^ m)
// `join(m)` joins each lane with the lane i ^ m, for m = lanes / 2, ..., 2, 1.
#if LK_BYTES == 64
#define LK_EXCHANGE_f32 LK_EXCHANGE_16
#define LK_EXCHANGE_f64 LK_EXCHANGE_8
#define LK_HALVINGS_f32(join) join(8) join(4) join(2) join(1)
#define LK_HALVINGS_f64(join) join(4) join(2) join(1)
#elif LK_BYTES == 32
#define LK_EXCHANGE_f32 LK_EXCHANGE_8
#define LK_EXCHANGE_f64 LK_EXCHANGE_4
#define LK_HALVINGS_f32(join) join(4) join(2) join(1)
#define LK_HALVINGS_f64(join) join(2) join(1)
#else
#define LK_EXCHANGE_f32 LK_EXCHANGE_4
#define LK_EXCHANGE_f64 LK_EXCHANGE_2
#define LK_HALVINGS_f32(join) join(2) join(1)
#define LK_HALVINGS_f64(join) join(1)
#endif
#define LK_REDUCTIONS(T, S)                                                                                            \
  LK_INLINE T total_##S(vec_##S v) { LK_HALVINGS_##S(LK_ADD_##S) return v[0]; }                                        \
  LK_INLINE T largest_##S(vec_##S v) { LK_HALVINGS_##S(LK_MAX_##S) return v[0]; }                                      \
  LK_INLINE bool any_##S(ivec_##S v) { LK_HALVINGS_##S(LK_OR_##S) return v[0] != 0; }
#define LK_ADD_f32(m) v += LK_EXCHANGE_f32(v, m);
#define LK_ADD_f64(m) v += LK_EXCHANGE_f64(v, m);
#define LK_OR_f32(m) v |= LK_EXCHANGE_f32(v, m);
#define LK_OR_f64(m) v |= LK_EXCHANGE_f64(v, m);
#define LK_MAX_f32(m) { vec_f32 w = LK_EXCHANGE_f32(v, m); v = pick_f32(v > w, v, w); }
#define LK_MAX_f64(m) { vec_f64 w = LK_EXCHANGE_f64(v, m); v = pick_f64(v > w, v, w); }
LK_REDUCTIONS(float, f32)
LK_REDUCTIONS(double, f64)

// MARK: Double precision beside either

/// The lanes of a vector in double precision.
typedef struct wide_f32 { vec_f64 part[2]; } wide_f32;
typedef struct wide_f64 { vec_f64 part[1]; } wide_f64;

LK_INLINE wide_f32 widen_f32(vec_f32 v) {
  typedef float half __attribute__((vector_size(LK_BYTES / 2)));
  half parts[2];
  memcpy(parts, &v, sizeof v);
  return (wide_f32){{__builtin_convertvector(parts[0], vec_f64), __builtin_convertvector(parts[1], vec_f64)}};
}
LK_INLINE wide_f64 widen_f64(vec_f64 v) { return (wide_f64){{v}}; }
/// sum += a * b
LK_INLINE void add_product_f32(wide_f32 *sum, wide_f32 a, wide_f32 b) {
  for (int i = 0; i < 2; i++) sum->part[i] = a.part[i] * b.part[i] + sum->part[i];
}
LK_INLINE void add_product_f64(wide_f64 *sum, wide_f64 a, wide_f64 b) {
  sum->part[0] = a.part[0] * b.part[0] + sum->part[0];
}
LK_INLINE wide_f32 sum_f32(wide_f32 a, wide_f32 b) {
  return (wide_f32){{a.part[0] + b.part[0], a.part[1] + b.part[1]}};
}
LK_INLINE wide_f64 sum_f64(wide_f64 a, wide_f64 b) { return (wide_f64){{a.part[0] + b.part[0]}}; }
LK_INLINE wide_f32 product_f32(wide_f32 a, wide_f32 b) {
  return (wide_f32){{a.part[0] * b.part[0], a.part[1] * b.part[1]}};
}
LK_INLINE wide_f64 product_f64(wide_f64 a, wide_f64 b) { return (wide_f64){{a.part[0] * b.part[0]}}; }
LK_INLINE double wide_total_f32(wide_f32 sum) { return total_f64(sum.part[0] + sum.part[1]); }
LK_INLINE double wide_total_f64(wide_f64 sum) { return total_f64(sum.part[0]); }
