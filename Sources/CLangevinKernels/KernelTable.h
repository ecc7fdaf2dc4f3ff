// The kernels that exist once per instruction set, as a list, and the table of pointers made of it.
#ifndef LK_KERNEL_TABLE_H
#define LK_KERNEL_TABLE_H

#include "langevin_kernels.h"

// X(result, name, parameters, arguments), for one element type T with suffix S.
#define LK_TYPED_KERNELS(X, T, S)                                                                                      \
  X(void, forward_##S,                                                                                                 \
    (const T *w, const T *bias, ptrdiff_t outs, ptrdiff_t ins, const T *x, ptrdiff_t x_stride, const int32_t *rows,    \
     ptrdiff_t batch, lk_activation activation, bool accumulate, T *z, T *h, ptrdiff_t h_stride),                      \
    (w, bias, outs, ins, x, x_stride, rows, batch, activation, accumulate, z, h, h_stride))                            \
  X(void, input_gradient_##S,                                                                                          \
    (const T *w, ptrdiff_t outs, ptrdiff_t ins, const T *delta, ptrdiff_t delta_stride, ptrdiff_t batch,               \
     lk_activation activation, const T *saved, ptrdiff_t saved_stride, bool accumulate, T *dx, ptrdiff_t dx_stride),   \
    (w, outs, ins, delta, delta_stride, batch, activation, saved, saved_stride, accumulate, dx, dx_stride))            \
  X(void, weight_gradient_##S,                                                                                         \
    (const T *delta, ptrdiff_t delta_stride, ptrdiff_t outs, const T *x, ptrdiff_t x_stride, const int32_t *rows,      \
     ptrdiff_t ins, ptrdiff_t batch, T scale, bool accumulate, T decay, const T *w, const T *b, T *dw, T *db),         \
    (delta, delta_stride, outs, x, x_stride, rows, ins, batch, scale, accumulate, decay, w, b, dw, db))                \
  X(void, weight_second_moment_##S,                                                                                    \
    (const T *delta, ptrdiff_t delta_stride, ptrdiff_t outs, const T *x, ptrdiff_t x_stride, const int32_t *rows,      \
     ptrdiff_t ins, ptrdiff_t batch, T scale, bool accumulate, T *dw, T *db),                                          \
    (delta, delta_stride, outs, x, x_stride, rows, ins, batch, scale, accumulate, dw, db))                             \
  X(void, activate_##S, (lk_activation activation, const T *z, T *h, ptrdiff_t count), (activation, z, h, count))      \
  X(void, activation_backward_##S,                                                                                     \
    (lk_activation activation, const T *saved, ptrdiff_t saved_stride, T *delta, ptrdiff_t delta_stride,               \
     ptrdiff_t batch, ptrdiff_t width),                                                                                \
    (activation, saved, saved_stride, delta, delta_stride, batch, width))                                              \
  X(void, r_forward_##S, (lk_activation activation, const T *saved, const T *rz, T *rh, ptrdiff_t count),              \
    (activation, saved, rz, rh, count))                                                                                \
  X(void, r_backward_##S,                                                                                              \
    (lk_activation activation, const T *saved, const T *rz, T *delta, T *rdelta, ptrdiff_t count),                     \
    (activation, saved, rz, delta, rdelta, count))                                                                     \
  X(double, cross_entropy_##S,                                                                                         \
    (const T *o, ptrdiff_t stride, const int32_t *labels, const int32_t *rows, ptrdiff_t batch, ptrdiff_t classes,     \
     T scale, T *delta, ptrdiff_t delta_stride),                                                                       \
    (o, stride, labels, rows, batch, classes, scale, delta, delta_stride))                                             \
  X(double, binary_cross_entropy_##S,                                                                                  \
    (const T *o, ptrdiff_t stride, const int32_t *labels, const int32_t *rows, ptrdiff_t batch, T scale, T *delta,     \
     ptrdiff_t delta_stride),                                                                                          \
    (o, stride, labels, rows, batch, scale, delta, delta_stride))                                                      \
  X(double, squared_error_##S,                                                                                         \
    (const T *o, ptrdiff_t stride, const T *y, ptrdiff_t y_stride, const int32_t *rows, ptrdiff_t batch,               \
     ptrdiff_t outputs, T scale, T *delta, ptrdiff_t delta_stride),                                                    \
    (o, stride, y, y_stride, rows, batch, outputs, scale, delta, delta_stride))                                        \
  X(void, cross_entropy_r_##S,                                                                                         \
    (const T *o, const T *ro, ptrdiff_t stride, ptrdiff_t batch, ptrdiff_t classes, T scale, T *rdelta),               \
    (o, ro, stride, batch, classes, scale, rdelta))                                                                    \
  X(void, binary_cross_entropy_r_##S,                                                                                  \
    (const T *o, const T *ro, ptrdiff_t stride, ptrdiff_t batch, T scale, T *rdelta),                                  \
    (o, ro, stride, batch, scale, rdelta))                                                                             \
  X(int64_t, count_errors_##S,                                                                                         \
    (const T *o, ptrdiff_t stride, const int32_t *labels, const int32_t *rows, ptrdiff_t batch, ptrdiff_t classes),    \
    (o, stride, labels, rows, batch, classes))                                                                         \
  X(void, softmax_##S,                                                                                                 \
    (const T *o, ptrdiff_t stride, ptrdiff_t batch, ptrdiff_t classes, T *probabilities,                               \
     ptrdiff_t probabilities_stride),                                                                                  \
    (o, stride, batch, classes, probabilities, probabilities_stride))                                                  \
  X(void, normals_##S, (lk_noise_key key, int64_t first, ptrdiff_t count, T *out), (key, first, count, out))           \
  X(void, uniforms_##S, (lk_noise_key key, int64_t first, ptrdiff_t count, T *out), (key, first, count, out))          \
  X(void, linear_pass_##S,                                                                                             \
    (const lk_pass *pass, int64_t first, ptrdiff_t count, T *theta, T *p, const T *g, const T *u, const T *v,          \
     const T *const *given, lk_sums *sums),                                                                            \
    (pass, first, count, theta, p, g, u, v, given, sums))                                                              \
  X(double, dot_##S, (const T *x, const T *y, ptrdiff_t count), (x, y, count))                                         \
  X(double, weighted_square_##S, (const T *w, const T *x, ptrdiff_t count), (w, x, count))                             \
  X(void, axpby_##S, (double a, const T *x, double b, T *y, ptrdiff_t count), (a, x, b, y, count))                     \
  X(void, adam_pass_##S,                                                                                               \
    (double b1, double b2, double a, double e, const T *g, T *m, T *v, T *theta, ptrdiff_t count),                     \
    (b1, b2, a, e, g, m, v, theta, count))                                                                             \
  X(double, harmonic_##S, (double precision, const T *k, const T *c, const T *x, T *g, ptrdiff_t count),               \
    (precision, k, c, x, g, count))                                                                                    \
  X(ptrdiff_t, first_nonfinite_##S, (const T *x, ptrdiff_t count), (x, count))

#define LK_KERNELS(X)                                                                                                  \
  LK_TYPED_KERNELS(X, float, f32)                                                                                      \
  LK_TYPED_KERNELS(X, double, f64)                                                                                     \
  X(void, random_words, (lk_noise_key key, uint64_t first_word, ptrdiff_t count, uint32_t *out),                       \
    (key, first_word, count, out))

typedef struct lk_kernel_table {
#define LK_FIELD(result, name, parameters, arguments) result(*name) parameters;
  LK_KERNELS(LK_FIELD)
#undef LK_FIELD
} lk_kernel_table;

extern const lk_kernel_table lk_kernels_portable;
#if defined(__x86_64__)
extern const lk_kernel_table lk_kernels_avx2;
extern const lk_kernel_table lk_kernels_avx512;
#elif defined(__aarch64__)
extern const lk_kernel_table lk_kernels_neon;
#endif

#endif
