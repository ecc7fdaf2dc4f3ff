// The arithmetic of the package: everything that touches each element of a matrix or of a parameter vector.
//
// Each function exists for float (`_f32`) and double (`_f64`), compiled once per instruction set; the first call picks
// the best set that the processor has, or the one that LANGEVIN_ISA names. Within one instruction set a result depends
// on its arguments alone: not on alignment, not on the number of threads. Between sets results agree to rounding.
//
// Matrices are row-major. A stride is the distance between the starts of two rows, in elements. `rows`, where it is not
// null, lists the rows of `x` that make the batch, so a minibatch is gathered while it is read and never copied.
#ifndef LANGEVIN_KERNELS_H
#define LANGEVIN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Instruction sets

typedef enum lk_isa { LK_PORTABLE = 0, LK_AVX2 = 1, LK_AVX512 = 2, LK_NEON = 3 } lk_isa;

/// The name of a set as LANGEVIN_ISA spells it.
const char *lk_isa_name(lk_isa isa);
/// Whether the processor can run this set and the library was built with it.
bool lk_isa_supported(lk_isa isa);
/// The set that this thread uses.
lk_isa lk_isa_current(void);
/// Makes this thread, and no other, use `isa` from now on; false, and no change, where it is not supported. For tests.
bool lk_isa_select(lk_isa isa);
/// Null, or the value of LANGEVIN_ISA if it names no set that this processor can run. The best set is in use then.
const char *lk_isa_refused(void);

// MARK: Threads

/// A fixed team of threads. The team of one has no thread, takes no lock and runs everything inline.
typedef struct lk_pool lk_pool;

lk_pool *lk_pool_create(int threads);
void lk_pool_destroy(lk_pool *pool);
int lk_pool_threads(const lk_pool *pool);
/// Calls body(context, item) for every item in 0..<items, each exactly once; returns when all are done. Thread t of n
/// runs the items [t*items/n, (t+1)*items/n), whatever the others do; a single item, and a run from inside a body, stay
/// on the caller. One caller at a time.
void lk_pool_run(lk_pool *pool, int items, void (*body)(void *context, int item), void *context);
/// The cores that this process may use: online cores, less what affinity and the control group withhold.
int lk_available_cores(void);

// MARK: Layers

typedef enum lk_activation {
  LK_IDENTITY = 0, LK_RELU = 1, LK_TANH = 2, LK_SIGMOID = 3, LK_GELU = 4, LK_SOFTPLUS = 5, LK_ERF = 6
} lk_activation;

/// Whether the derivative needs the pre-activation z (gelu, erf); the others take it from the output h.
bool lk_activation_needs_input(lk_activation activation);

#define LK_DECLARE_LAYERS(T, S)                                                                                        \
  /* z = x w^T + bias (+ z before, if accumulate); h = act(z). w is [outs, ins], x is [batch, ins], h is               \
     [batch, outs]. bias may be null. z may be null, when only h is wanted; z and h share the stride and may be the    \
     same matrix. */                                                                                                   \
  void lk_forward_##S(const T *w, const T *bias, ptrdiff_t outs, ptrdiff_t ins, const T *x, ptrdiff_t x_stride,        \
                      const int32_t *rows, ptrdiff_t batch, lk_activation activation, bool accumulate, T *z, T *h,     \
                      ptrdiff_t h_stride);                                                                             \
  /* dx = (delta w (+ dx before, if accumulate)) * act'(saved), elementwise. delta is [batch, outs], dx is             \
     [batch, ins]; saved is the output h of the layer below, or its z where lk_activation_needs_input; with            \
     LK_IDENTITY saved may be null. */                                                                                 \
  void lk_input_gradient_##S(const T *w, ptrdiff_t outs, ptrdiff_t ins, const T *delta, ptrdiff_t delta_stride,        \
                             ptrdiff_t batch, lk_activation activation, const T *saved, ptrdiff_t saved_stride,        \
                             bool accumulate, T *dx, ptrdiff_t dx_stride);                                             \
  /* dw = scale * delta^T x + decay * w (+ dw before, if accumulate), db likewise with x = 1 (db may be null). dw is     \
     the contiguous [outs, ins]; w and its bias b are not read when decay is 0. A prior that is added here costs no      \
     pass of its own over the parameters. */                                                                             \
  void lk_weight_gradient_##S(const T *delta, ptrdiff_t delta_stride, ptrdiff_t outs, const T *x, ptrdiff_t x_stride,  \
                              const int32_t *rows, ptrdiff_t ins, ptrdiff_t batch, T scale, bool accumulate, T decay,  \
                              const T *w, const T *b, T *dw, T *db);                                                   \
  /* The same with every element of delta and x squared: per-example second moments of the gradient. */               \
  void lk_weight_second_moment_##S(const T *delta, ptrdiff_t delta_stride, ptrdiff_t outs, const T *x,                 \
                                   ptrdiff_t x_stride, const int32_t *rows, ptrdiff_t ins, ptrdiff_t batch, T scale,   \
                                   bool accumulate, T *dw, T *db);                                                     \
  /* h[i] = act(z[i]); in place is allowed. */                                                                         \
  void lk_activate_##S(lk_activation activation, const T *z, T *h, ptrdiff_t count);                                   \
  /* delta *= act'(saved) over a matrix. */                                                                            \
  void lk_activation_backward_##S(lk_activation activation, const T *saved, ptrdiff_t saved_stride, T *delta,          \
                                  ptrdiff_t delta_stride, ptrdiff_t batch, ptrdiff_t width);                           \
  /* The R-operator through an activation, for Hessian-vector products, over a matrix; all strides equal.              \
     Forward: rz holds R{z}; rh = act'(saved) rz.                                                                      \
     Backward: delta_h, rdelta_h are dU/dh and R{dU/dh}; in place they become dU/dz = act' delta_h and                 \
     R{dU/dz} = act' rdelta_h + act'' rz delta_h. */                                                                   \
  void lk_r_forward_##S(lk_activation activation, const T *saved, const T *rz, T *rh, ptrdiff_t count);                \
  void lk_r_backward_##S(lk_activation activation, const T *saved, const T *rz, T *delta, T *rdelta, ptrdiff_t count);

LK_DECLARE_LAYERS(float, f32)
LK_DECLARE_LAYERS(double, f64)

// MARK: Losses
//
// Each returns the SUM of the loss over the batch, in double, and where delta is not null writes the derivative of
// scale * loss with respect to the outputs. `rows` gathers the labels or targets exactly as it gathered the inputs.

#define LK_DECLARE_LOSSES(T, S)                                                                                        \
  /* -log softmax(o)[label] */                                                                                         \
  double lk_cross_entropy_##S(const T *o, ptrdiff_t stride, const int32_t *labels, const int32_t *rows,                \
                              ptrdiff_t batch, ptrdiff_t classes, T scale, T *delta, ptrdiff_t delta_stride);          \
  /* log(1 + e^o) - label * o on one output, stable for large |o| */                                                   \
  double lk_binary_cross_entropy_##S(const T *o, ptrdiff_t stride, const int32_t *labels, const int32_t *rows,         \
                                     ptrdiff_t batch, T scale, T *delta, ptrdiff_t delta_stride);                      \
  /* |o - y|^2 / 2, summed over the outputs */                                                                         \
  double lk_squared_error_##S(const T *o, ptrdiff_t stride, const T *y, ptrdiff_t y_stride, const int32_t *rows,       \
                              ptrdiff_t batch, ptrdiff_t outputs, T scale, T *delta, ptrdiff_t delta_stride);          \
  /* R{delta} from R{o}: the loss's own Hessian applied to ro, times scale. */                                         \
  void lk_cross_entropy_r_##S(const T *o, const T *ro, ptrdiff_t stride, ptrdiff_t batch, ptrdiff_t classes, T scale,  \
                              T *rdelta);                                                                              \
  void lk_binary_cross_entropy_r_##S(const T *o, const T *ro, ptrdiff_t stride, ptrdiff_t batch, T scale, T *rdelta);  \
  /* Examples whose largest output is not at the label (the first of equal ones counts as the largest); with one       \
     output, whose sign is wrong (o > 0 means label 1). */                                                             \
  int64_t lk_count_errors_##S(const T *o, ptrdiff_t stride, const int32_t *labels, const int32_t *rows,                \
                              ptrdiff_t batch, ptrdiff_t classes);                                                     \
  /* Probabilities: rows of softmax(o). */                                                                             \
  void lk_softmax_##S(const T *o, ptrdiff_t stride, ptrdiff_t batch, ptrdiff_t classes, T *probabilities,              \
                      ptrdiff_t probabilities_stride);

LK_DECLARE_LOSSES(float, f32)
LK_DECLARE_LOSSES(double, f64)

// MARK: Random numbers
//
// Philox4x32-10. The key is (seed, chain, purpose) hashed to 64 bits: word 0 its low half, word 1 its high half. The
// counter is (block, lane, step low, step high): `step` is the 64-bit step, `lane` tells several noises of one step
// apart, and `block` numbers groups of elements, so every element of every noise of every step has its own place.
// Elements are counted from the start of the whole parameter vector; at most 2^33 of them.

typedef struct lk_noise_key { uint64_t key; uint64_t step; uint32_t lane; } lk_noise_key;

/// The four words of one block.
void lk_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);
/// The 32-bit words first_word ..< first_word + count of the stream (word 4b + j is word j of block b).
void lk_random_words(lk_noise_key key, uint64_t first_word, ptrdiff_t count, uint32_t *out);

#define LK_DECLARE_NORMALS(T, S)                                                                                       \
  /* out[i] = the standard normal of element first + i. */                                                             \
  void lk_normals_##S(lk_noise_key key, int64_t first, ptrdiff_t count, T *out);                                       \
  /* Uniforms in the open interval (0, 1). */                                                                          \
  void lk_uniforms_##S(lk_noise_key key, int64_t first, ptrdiff_t count, T *out);

LK_DECLARE_NORMALS(float, f32)
LK_DECLARE_NORMALS(double, f64)

// MARK: Passes over the parameter vector
//
// One pass reads and writes theta and p once and may do several letters of a splitting word at once, since each letter
// between two gradients is linear in (theta, p, g) and in its own normals R_j:
//
//   p'     = p_p p + p_g g + v_i sum_j p_r[j] R_j
//   theta' = theta + u_i (theta_p p + theta_g g + v_i sum_j theta_r[j] R_j)
//
// with u_i = inverse mass and v_i = square root of mass (or any other amplitude of the noise), both 1 where null.
// Coefficients are computed in double by the caller. p may be null for an overdamped partition (then p_* are unused),
// and g where there is no gradient (then it counts as 0).

enum { LK_MAX_NOISES = 4 };

typedef struct lk_pass {
  double theta_p, theta_g, theta_r[LK_MAX_NOISES];
  double p_p, p_g, p_r[LK_MAX_NOISES];
  int noises;
  lk_noise_key noise[LK_MAX_NOISES];
} lk_pass;

/// Sums over the elements of a pass, in double, by blocks of fixed size and fixed order.
typedef struct lk_sums {
  double kinetic;      // sum u_i p_i'^2, after the pass
  double virial;       // sum theta_i g_i, theta before the pass
  double gradient;     // sum g_i^2
  double norm;         // sum theta_i'^2, after the pass
  double power;        // sum u_i p_i g_i, before the pass
} lk_sums;

#define LK_DECLARE_PASSES(T, S)                                                                                        \
  /* Runs the pass over elements [first, first + count) of the parameter vector; every pointer points at element       \
     `first`. given[j], where given and given[j] are not null, replaces noise j. sums may be null. */                  \
  void lk_linear_pass_##S(const lk_pass *pass, int64_t first, ptrdiff_t count, T *theta, T *p, const T *g, const T *u, \
                          const T *v, const T *const *given, lk_sums *sums);                                           \
  /* sum x_i y_i and sum w_i x_i^2 (w null: 1), in double. */                                                          \
  double lk_dot_##S(const T *x, const T *y, ptrdiff_t count);                                                          \
  double lk_weighted_square_##S(const T *w, const T *x, ptrdiff_t count);                                              \
  /* y = a x + b y; the old y is not read when b is 0. */                                                              \
  void lk_axpby_##S(double a, const T *x, double b, T *y, ptrdiff_t count);                                            \
  /* Adam: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, theta -= a m / (sqrt(v) + e). */                            \
  void lk_adam_pass_##S(double b1, double b2, double a, double e, const T *g, T *m, T *v, T *theta, ptrdiff_t count);  \
  /* The gradient of sum_i k_i (x_i - c_i)^2 / 2 is added to g and its value returned; k null: `precision` for all;    \
     c null: 0. */                                                                                                     \
  double lk_harmonic_##S(double precision, const T *k, const T *c, const T *x, T *g, ptrdiff_t count);                 \
  /* The first element that is not finite, or -1. */                                                                   \
  ptrdiff_t lk_first_nonfinite_##S(const T *x, ptrdiff_t count);

LK_DECLARE_PASSES(float, f32)
LK_DECLARE_PASSES(double, f64)

#ifdef __cplusplus
}
#endif

#endif
