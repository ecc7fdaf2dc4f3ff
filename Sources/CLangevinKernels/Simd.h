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
/// The first n lanes from memory, zero beyond.
LK_INLINE vec_f32 load_some_f32(const float *p, ptrdiff_t n) { vec_f32 v = {}; memcpy(&v, p, n * sizeof *p); return v; }
LK_INLINE vec_f64 load_some_f64(const double *p, ptrdiff_t n) { vec_f64 v = {}; memcpy(&v, p, n * sizeof *p); return v; }
LK_INLINE void store_some_f32(float *p, vec_f32 v, ptrdiff_t n) { memcpy(p, &v, n * sizeof *p); }
LK_INLINE void store_some_f64(double *p, vec_f64 v, ptrdiff_t n) { memcpy(p, &v, n * sizeof *p); }
/// Lane by lane: mask (all ones or zero, as comparisons give it) ? a : b.
LK_INLINE vec_f32 pick_f32(ivec_f32 mask, vec_f32 a, vec_f32 b) {
  return (vec_f32)((mask & (ivec_f32)a) | (~mask & (ivec_f32)b));
}
LK_INLINE vec_f64 pick_f64(ivec_f64 mask, vec_f64 a, vec_f64 b) {
  return (vec_f64)((mask & (ivec_f64)a) | (~mask & (ivec_f64)b));
}
