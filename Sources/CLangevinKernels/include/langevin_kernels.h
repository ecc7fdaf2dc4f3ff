// The arithmetic of the package: everything that touches each element of a matrix or of a parameter vector.
//
// Each kernel exists for float and for double, which its first argument says, compiled once per instruction set; the first
// call picks the best set that the processor has, or the one that LANGEVIN_ISA names. Within one instruction set a result
// depends on its arguments alone: not on alignment, not on the number of threads. Between sets results agree to rounding.
//
// The list LK_KERNELS at the end of the operands is all that there is: it declares the functions here, and makes the
// tables of Dispatch.c. `void *` is the address of elements of the type that is named.
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

// MARK: Operands

/// The type of the elements.
typedef enum lk_scalar { LK_F32 = 0, LK_F64 = 1 } lk_scalar;

/// Numbers of examples: `width` of each of `count`, in panels of LK_PANEL_BYTES / (size of an element) examples.
///
/// Number i of example e is element [e / panel][i][e % panel] of an array [panels][width][panel]. Memory must hold whole
/// panels. Places beyond the last example hold what happens to be computed there; in a delta, 0.
typedef struct lk_panels { void *data; ptrdiff_t width, count; } lk_panels;

/// The sizes that work is cut by, for those who test about them.
enum {
  LK_PANEL_BYTES = 128,               // a number of all examples of a panel
  LK_BLOCK_DEPTH = 192,               // the longest chain of additions of one product
  LK_GROUP_BYTES = 1 << 17,           // of weights or deltas that stay in the second-level cache
  LK_LARGE_BYTES = 1 << 19,           // what is larger is not in the second-level cache: it is asked for ahead
  LK_SUM_BYTES = 2048,                // of one number of all examples that are summed in one go
  LK_COLUMN_BYTES = 1 << 14,          // of activations that stay in the first-level cache while they are
};

/// Rows of memory `stride` elements apart; with `rows`, row i is row rows[i], so that a minibatch need not be copied.
typedef struct lk_rows { const void *data; ptrdiff_t stride; const int32_t *rows; } lk_rows;

/// The classes of examples, gathered likewise.
typedef struct lk_labels { const int32_t *labels, *rows; } lk_labels;

/// A layer: w is [outs, ins], without gaps; the biases b may be null.
typedef struct lk_dense { const void *w, *b; ptrdiff_t outs, ins; } lk_dense;

/// A matrix of rows, and whether it is meant transposed.
typedef struct lk_matrix { const void *data; ptrdiff_t stride; bool transposed; } lk_matrix;

/// A product of [m, k] and [k, n].
typedef struct lk_shape { ptrdiff_t m, n, k; } lk_shape;

/// What becomes of sums: scale * sum + decay * weight (+ what was there, if `accumulates`).
typedef struct lk_sum { double scale, decay; bool accumulates; } lk_sum;

/// What losses are multiplied by where their derivatives are written: the factor, and the weight of each example of the
/// batch in its order where weights is not null, which the loss itself is multiplied by, too. Weights fill whole panels.
typedef struct lk_scale { double factor; const void *weights; } lk_scale;

/// -log of the density of a target, up to terms without outputs.
typedef enum lk_law_name {
  LK_NORMAL_LAW = 0,         // (y - m)^2 / (2 sd^2) + log sd, sd = log(1 + e^s) + 1e-6: means m first, then scales s
  LK_STUDENT_LAW = 1,        // (a + 1)/2 log(1 + (y - m)^2 / (a sd^2)) + log sd, likewise: a degrees of freedom
  LK_STUDENT_FIXED_LAW = 2,  // (a + 1)/2 log(1 + (y - o)^2 / (a b^2))
  LK_BERNOULLI_LAW = 3,      // log(1 + e^o) - y o
  LK_POISSON_LAW = 4,        // e^o - y o
  LK_NEGATIVE_BINOMIAL_LAW = 5,  // (y + a) log(1 + e^(o - b)) - y o, b = log a
} lk_law_name;
typedef struct lk_target_law { lk_law_name law; double a, b; } lk_target_law;

typedef enum lk_activation {
  LK_IDENTITY = 0, LK_RELU = 1, LK_TANH = 2, LK_SIGMOID = 3, LK_GELU = 4, LK_SOFTPLUS = 5, LK_ERF = 6
} lk_activation;

/// Whether the derivative needs the pre-activation z (gelu, erf); the others take it from the output h.
bool lk_activation_needs_input(lk_activation activation);

/// A place in the random numbers: Philox4x32-10. The key is (seed, chain, purpose) hashed to 64 bits: word 0 its low half,
/// word 1 its high half. The counter is (block, lane, step low, step high): `step` is the 64-bit step, `lane` tells several
/// noises of one step apart, and `block` numbers groups of elements, so every element of every noise of every step has
/// its own place. Elements are counted from the start of the whole parameter vector; at most 2^33 of them.
typedef struct lk_noise_key { uint64_t key; uint64_t step; uint32_t lane; } lk_noise_key;

enum { LK_MAX_NOISES = 4 };

/// One pass over the parameter vector reads and writes theta and p once and may do several letters of a splitting word at
/// once, since each letter between two gradients is linear in (theta, p, g) and in its own normals R_j:
///
///   p'     = p_p p + p_g g + v_i sum_j p_r[j] R_j
///   theta' = theta + u_i (theta_p p + theta_g g + v_i sum_j theta_r[j] R_j)
///
/// with u_i = inverse mass and v_i = square root of mass (or any other amplitude of the noise), both 1 where null.
/// Coefficients are computed in double by the caller. p may be null for an overdamped partition (then p_* are unused),
/// and g where there is no gradient (then it counts as 0).
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

// MARK: Kernels

// X(result, name, parameters, arguments), for each kernel: lk_name(scalar, parameters). Losses return the SUM of the loss
// over the batch, in double, and where delta is not null write the derivative of scale * loss by the outputs.
#define LK_KERNELS(X)                                                                                                  \
  /* Rows of numbers to panels, and back. */                                                                           \
  X(void, gather, (lk_rows from, lk_panels to), (from, to))                                                            \
  X(void, scatter, (lk_panels from, void *rows, ptrdiff_t stride), (from, rows, stride))                               \
  /* z = w x + b (+ z before, if accumulate); h = act(z). z may be null, when only h is wanted, or the same as h. */   \
  X(void, forward,                                                                                                     \
    (lk_dense layer, lk_panels x, lk_activation activation, bool accumulate, void *z, void *h),                        \
    (layer, x, activation, accumulate, z, h))                                                                          \
  /* dx = (w' delta (+ dx before, if accumulate)) * act'(saved), elementwise; saved is the output h of the layer       \
     below, or its z where lk_activation_needs_input; with LK_IDENTITY it may be null. */                              \
  X(void, input_gradient,                                                                                              \
    (lk_dense layer, lk_panels delta, lk_activation activation, const void *saved, bool accumulate, void *dx),         \
    (layer, delta, activation, saved, accumulate, dx))                                                                 \
  /* dw = delta x', summed over the examples, and db likewise with x = 1 (db may be null), each made of its sums as    \
     `sum` says. The layer's weights are not read where decay is 0; a prior that is added here costs no pass of its    \
     own over the parameters. */                                                                                       \
  X(void, weight_gradient, (lk_dense layer, lk_panels delta, lk_panels x, lk_sum sum, void *dw, void *db),             \
    (layer, delta, x, sum, dw, db))                                                                                    \
  /* c = factor a b + keep c; rows of c are `stride` apart, and not read where keep is 0. */                           \
  X(void, multiply,                                                                                                    \
    (lk_matrix a, lk_matrix b, lk_shape shape, double factor, double keep, void *c, ptrdiff_t stride),                 \
    (a, b, shape, factor, keep, c, stride))                                                                            \
  /* h[i] = act(z[i]), delta[i] *= act'(saved[i]), y[i] = x[i]^2; in place is allowed. */                              \
  X(void, activate, (lk_activation activation, const void *z, void *h, ptrdiff_t count), (activation, z, h, count))    \
  X(void, activation_backward, (lk_activation activation, const void *saved, void *delta, ptrdiff_t count),            \
    (activation, saved, delta, count))                                                                                 \
  X(void, square, (const void *x, void *y, ptrdiff_t count), (x, y, count))                                            \
  /* The R-operator through an activation, for Hessian-vector products. Forward: rz holds R{z}; rh = act'(saved) rz.   \
     Backward: delta, rdelta are dU/dh and R{dU/dh}; in place they become dU/dz = act' delta and                       \
     R{dU/dz} = act' rdelta + act'' rz delta. */                                                                       \
  X(void, r_forward, (lk_activation activation, const void *saved, const void *rz, void *rh, ptrdiff_t count),         \
    (activation, saved, rz, rh, count))                                                                                \
  X(void, r_backward,                                                                                                  \
    (lk_activation activation, const void *saved, const void *rz, void *delta, void *rdelta, ptrdiff_t count),         \
    (activation, saved, rz, delta, rdelta, count))                                                                     \
  /* -log softmax(o)[label] */                                                                                         \
  X(double, cross_entropy, (lk_panels o, lk_labels labels, lk_scale scale, void *delta), (o, labels, scale, delta))    \
  /* log(1 + e^o) - label * o on one output, stable for large |o| */                                                   \
  X(double, binary_cross_entropy, (lk_panels o, lk_labels labels, lk_scale scale, void *delta),                        \
    (o, labels, scale, delta))                                                                                         \
  /* |o - y|^2 / 2, summed over the outputs */                                                                         \
  X(double, squared_error, (lk_panels o, lk_rows targets, lk_scale scale, void *delta), (o, targets, scale, delta))    \
  /* A likelihood, summed over the targets */                                                                          \
  X(double, likelihood, (lk_panels o, lk_target_law of, lk_rows targets, lk_scale scale, void *delta),                 \
    (o, of, targets, scale, delta))                                                                                    \
  /* R{delta} from R{o}: the loss's own Hessian applied to ro, times scale. */                                         \
  X(void, cross_entropy_r, (lk_panels o, const void *ro, lk_scale scale, void *rdelta), (o, ro, scale, rdelta))        \
  X(void, binary_cross_entropy_r, (lk_panels o, const void *ro, lk_scale scale, void *rdelta), (o, ro, scale, rdelta)) \
  X(void, squared_error_r, (lk_panels o, const void *ro, lk_scale scale, void *rdelta), (o, ro, scale, rdelta))        \
  X(void, likelihood_r, (lk_panels o, lk_target_law of, lk_rows targets, const void *ro, lk_scale scale, void *rdelta),\
    (o, of, targets, ro, scale, rdelta))                                                                               \
  /* Examples whose largest output is not at the label (the first of equal ones counts as the largest); with one       \
     output, whose sign is wrong (o > 0 means label 1). NaN is never right. */                                         \
  X(int64_t, count_errors, (lk_panels o, lk_labels labels), (o, labels))                                               \
  /* Probabilities, softmax(o), in panels; in place is allowed. */                                                     \
  X(void, softmax, (lk_panels o, void *probabilities), (o, probabilities))                                             \
  /* out[i] = the standard normal of element first + i, or a uniform in the open interval (0, 1). */                   \
  X(void, normals, (lk_noise_key key, int64_t first, ptrdiff_t count, void *out), (key, first, count, out))            \
  X(void, uniforms, (lk_noise_key key, int64_t first, ptrdiff_t count, void *out), (key, first, count, out))           \
  /* Runs the pass over elements [first, first + count) of the parameter vector; every pointer points at element       \
     `first`. given[j], where given and given[j] are not null, replaces noise j. sums may be null. */                  \
  X(void, linear_pass,                                                                                                 \
    (const lk_pass *pass, int64_t first, ptrdiff_t count, void *theta, void *p, const void *g, const void *u,          \
     const void *v, const void *const *given, lk_sums *sums),                                                          \
    (pass, first, count, theta, p, g, u, v, given, sums))                                                              \
  /* sum x_i y_i and sum w_i x_i^2 (w null: 1), in double. */                                                          \
  X(double, dot, (const void *x, const void *y, ptrdiff_t count), (x, y, count))                                       \
  X(double, weighted_square, (const void *w, const void *x, ptrdiff_t count), (w, x, count))                           \
  /* y = a x + b y; the old y is not read when b is 0. */                                                              \
  X(void, axpby, (double a, const void *x, double b, void *y, ptrdiff_t count), (a, x, b, y, count))                   \
  /* Adam: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, theta -= a m / (sqrt(v) + e). */                            \
  X(void, adam_pass,                                                                                                   \
    (double b1, double b2, double a, double e, const void *g, void *m, void *v, void *theta, ptrdiff_t count),         \
    (b1, b2, a, e, g, m, v, theta, count))                                                                             \
  /* The gradient of sum_i k_i (x_i - c_i)^2 / 2 is added to g and its value returned; k null: `precision` for all;    \
     c null: 0. */                                                                                                     \
  X(double, harmonic, (double precision, const void *k, const void *c, const void *x, void *g, ptrdiff_t count),       \
    (precision, k, c, x, g, count))                                                                                    \
  /* The first element that is not finite, or -1. */                                                                   \
  X(ptrdiff_t, first_nonfinite, (const void *x, ptrdiff_t count), (x, count))

#define LK_WITH_SCALAR(...) (lk_scalar scalar, __VA_ARGS__)
#define LK_DECLARE(result, name, parameters, arguments) result lk_##name LK_WITH_SCALAR parameters;
LK_KERNELS(LK_DECLARE)
#undef LK_DECLARE

/// The four words of one block of Philox.
void lk_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);
/// The 32-bit words first_word ..< first_word + count of the stream (word 4b + j is word j of block b).
void lk_random_words(lk_noise_key key, uint64_t first_word, ptrdiff_t count, uint32_t *out);

#ifdef __cplusplus
}
#endif

#endif
