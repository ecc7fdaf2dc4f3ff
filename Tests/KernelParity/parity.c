// Every kernel, in every instruction set that the processor has, against the portable set: the same arguments, and results
// that agree to rounding. A plain C program, so that it can be compiled for a processor that is only emulated.
//
//     parity                 compares each set with the portable one
//     parity --write FILE    writes the portable set's results
//     parity --read FILE     compares each set with such results, of another processor
//
// A workload writes all its results to a tape, an array at a time; it runs once for each set, and the tapes are compared.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "langevin_kernels.h"

// MARK: The tape

typedef struct entry { const char *kernel; lk_scalar scalar; int shape; ptrdiff_t count; double *values; } entry;
typedef struct tape { entry *entries; int count, capacity; } tape;

static void fail(const char *what);
static tape *current;
static lk_scalar scalar;
static int shape_number;

static size_t size_of_element(void) { return scalar == LK_F32 ? sizeof(float) : sizeof(double); }
static double element(const void *data, ptrdiff_t i) {
  return scalar == LK_F32 ? ((const float *)data)[i] : ((const double *)data)[i];
}

static void *allocate(size_t bytes) {
  void *memory = calloc(bytes + 1, 1);
  if (!memory) fail("out of memory");
  return memory;
}

static double *new_entry(const char *kernel, ptrdiff_t count) {
  if (current->count == current->capacity) {
    current->capacity = 2 * current->capacity + 64;
    current->entries = realloc(current->entries, (size_t)current->capacity * sizeof(entry));
    if (!current->entries) fail("out of memory");
  }
  entry *e = &current->entries[current->count++];
  *e = (entry){kernel, scalar, shape_number, count, allocate((size_t)count * sizeof(double))};
  return e->values;
}

static void record(const char *kernel, const void *data, ptrdiff_t count) {
  double *values = new_entry(kernel, count);
  for (ptrdiff_t i = 0; i < count; i++) values[i] = element(data, i);
}
static void record_number(const char *kernel, double number) { *new_entry(kernel, 1) = number; }

static void fail(const char *what) {
  fprintf(stderr, "parity: %s\n", what);
  exit(2);
}

// The values of all entries, one after the other.
static void write_tape(const tape *from, const char *name) {
  FILE *file = fopen(name, "wb");
  if (!file) fail("the file cannot be written");
  for (int i = 0; i < from->count; i++)
    if (fwrite(from->entries[i].values, sizeof(double), (size_t)from->entries[i].count, file) !=
        (size_t)from->entries[i].count)
      fail("the file cannot be written");
  fclose(file);
}

// Replaces the values of all entries.
static void read_tape(tape *to, const char *name) {
  FILE *file = fopen(name, "rb");
  if (!file) fail("the file cannot be read");
  for (int i = 0; i < to->count; i++)
    if (fread(to->entries[i].values, sizeof(double), (size_t)to->entries[i].count, file) !=
        (size_t)to->entries[i].count)
      fail("the file is too short");
  if (fgetc(file) != EOF) fail("the file is too long");
  fclose(file);
}

// MARK: Operands

static uint64_t state;
static double uniform(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (double)(state >> 33) / 1073741824.0 - 1;
}
static void *numbers(ptrdiff_t count, double scale) {
  void *data = allocate((size_t)count * size_of_element());
  for (ptrdiff_t i = 0; i < count; i++) {
    double x = scale * uniform();
    if (scalar == LK_F32) ((float *)data)[i] = (float)x; else ((double *)data)[i] = x;
  }
  return data;
}

static ptrdiff_t panel(void) { return LK_PANEL_BYTES / (ptrdiff_t)size_of_element(); }
static ptrdiff_t filled(ptrdiff_t count) { return (count + panel() - 1) / panel() * panel(); }

// The numbers of the examples that there are: the others may differ.
static void record_panels(const char *kernel, const void *data, ptrdiff_t width, ptrdiff_t count) {
  double *values = new_entry(kernel, width * count);
  for (ptrdiff_t e = 0; e < count; e++)
    for (ptrdiff_t i = 0; i < width; i++)
      values[e * width + i] = element(data, (e / panel() * width + i) * panel() + e % panel());
}

// MARK: The workload

static const lk_activation activations[] = {LK_IDENTITY, LK_RELU, LK_TANH, LK_SIGMOID, LK_GELU, LK_SOFTPLUS, LK_ERF};
enum { ACTIVATIONS = sizeof activations / sizeof *activations };

static void layer(ptrdiff_t batch, ptrdiff_t outs, ptrdiff_t ins) {
  ptrdiff_t outputs = filled(batch) * outs, inputs = filled(batch) * ins, stride = ins + 3;
  int32_t *rows = allocate((size_t)batch * sizeof *rows), *labels = allocate((size_t)(batch + 5) * sizeof *labels);
  for (ptrdiff_t i = 0; i < batch; i++) rows[i] = (int32_t)(7 * i % (batch + 5));
  for (ptrdiff_t i = 0; i < batch + 5; i++) labels[i] = (int32_t)(3 * i % (outs > 1 ? outs : 2));
  void *source = numbers((batch + 5) * stride, 1), *w = numbers(outs * ins, 1), *b = numbers(outs, 1);
  void *x = numbers(inputs, 0), *z = numbers(outputs, 1), *h = numbers(outputs, 1), *delta = numbers(outputs, 0);
  void *dx = numbers(inputs, 1), *rz = numbers(outputs, 1), *rdelta = numbers(outputs, 0), *dw = numbers(outs * ins, 1);
  void *db = numbers(outs, 1), *back = numbers(batch * stride, 1), *y = numbers((batch + 5) * outs, 1);
  lk_dense dense = {w, b, outs, ins};
  lk_panels xs = {x, ins, batch}, deltas = {delta, outs, batch}, zs = {z, outs, batch};
  lk_labels targets = {labels, rows};
  lk_scale half = {0.5, NULL};
  // Sums of products of numbers below 1 with their signs: errors are relative to the largest.
  lk_gather(scalar, (lk_rows){source, stride, rows}, xs);
  record_panels("gather", x, ins, batch);
  lk_scatter(scalar, xs, back, stride);
  record("scatter", back, batch * stride);

  for (int i = 0; i < ACTIVATIONS; i++) {
    lk_forward(scalar, dense, xs, activations[i], i % 2 == 1, i % 3 ? z : NULL, h);
    record_panels("forward", h, outs, batch);
  }
  lk_forward(scalar, dense, xs, LK_TANH, false, z, h);
  lk_softmax(scalar, zs, rdelta);
  record_panels("softmax", rdelta, outs, batch);
  record_number("squared_error", lk_squared_error(scalar, zs, (lk_rows){y, outs, rows}, half, delta));
  record_panels("squared_error", delta, outs, batch);
  lk_squared_error_r(scalar, zs, rz, half, rdelta);
  record_panels("squared_error_r", rdelta, outs, batch);
  record_number("count_errors", (double)lk_count_errors(scalar, zs, targets));
  if (outs == 1) {
    record_number("binary_cross_entropy", lk_binary_cross_entropy(scalar, zs, targets, half, delta));
    lk_binary_cross_entropy_r(scalar, zs, rz, half, rdelta);
  } else {
    record_number("cross_entropy", lk_cross_entropy(scalar, zs, targets, half, delta));
    lk_cross_entropy_r(scalar, zs, rz, half, rdelta);
  }
  record_panels("cross_entropy", delta, outs, batch);
  record_panels("cross_entropy_r", rdelta, outs, batch);

  lk_weight_gradient(scalar, dense, deltas, xs, (lk_sum){0.5, 0.25, true}, dw, db);
  record("weight_gradient", dw, outs * ins);
  record("weight_gradient", db, outs);
  lk_weight_gradient(scalar, dense, deltas, xs, (lk_sum){1, 0, false}, dw, NULL);
  record("weight_gradient", dw, outs * ins);
  for (int i = 0; i < ACTIVATIONS; i++) {
    lk_input_gradient(scalar, dense, deltas, activations[i], x, i % 2 == 1, dx);
    record_panels("input_gradient", dx, ins, batch);
  }
  for (int i = 0; i < 4; i++) {
    lk_matrix a = {w, i & 1 ? outs : ins, i & 1}, other = {source, i & 2 ? ins : batch, i & 2};
    lk_multiply(scalar, a, other, (lk_shape){outs, batch, ins}, 0.5, i > 1, h, batch);
    record("multiply", h, outs * batch);
  }
  void *all[] = {source, w, b, x, z, h, delta, dx, rz, rdelta, dw, db, back, y, rows, labels};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void vectors(ptrdiff_t count) {
  lk_noise_key key = {0x9E3779B97F4A7C15, 12345678901, 3};
  void *theta = numbers(count, 1), *p = numbers(count, 1), *g = numbers(count, 1), *u = numbers(count, 1);
  void *v = numbers(count, 1), *h = numbers(count, 1);
  for (int i = 0; i < ACTIVATIONS; i++) {
    lk_activate(scalar, activations[i], theta, h, count);
    record("activate", h, count);
    lk_r_forward(scalar, activations[i], theta, g, h, count);
    record("r_forward", h, count);
    lk_activation_backward(scalar, activations[i], theta, h, count);
    record("activation_backward", h, count);
    lk_r_backward(scalar, activations[i], theta, g, u, h, count);
    record("r_backward", u, count);
    record("r_backward", h, count);
  }
  lk_square(scalar, theta, h, count);
  record("square", h, count);
  lk_normals(scalar, key, 5, count, h);
  record("normals", h, count);
  lk_uniforms(scalar, key, 5, count, h);
  record("uniforms", h, count);
  lk_pass pass = {.theta_p = 0.3, .theta_g = -0.1, .theta_r = {0.2, 0.1}, .p_p = 0.9, .p_g = -0.2, .p_r = {0.1, 0.3},
                  .noises = 2, .noise = {key, {key.key, key.step, 4}}};
  lk_sums sums;
  lk_linear_pass(scalar, &pass, 7, count, theta, p, g, u, v, NULL, &sums);
  record("linear_pass", theta, count);
  record("linear_pass", p, count);
  record_number("linear_pass", sums.kinetic + 2 * sums.virial + 3 * sums.gradient + 5 * sums.norm + 7 * sums.power);
  record_number("dot", lk_dot(scalar, theta, g, count));
  record_number("weighted_square", lk_weighted_square(scalar, u, theta, count));
  lk_axpby(scalar, 0.5, theta, -0.25, p, count);
  record("axpby", p, count);
  lk_square(scalar, v, v, count);
  lk_adam_pass(scalar, 0.9, 0.99, 0.1, 1e-3, g, p, v, theta, count);
  record("adam_pass", theta, count);
  record_number("harmonic", lk_harmonic(scalar, 0.5, u, v, theta, g, count));
  record("harmonic", g, count);
  record_number("first_nonfinite", (double)lk_first_nonfinite(scalar, theta, count));
  void *all[] = {theta, p, g, u, v, h};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void workload(tape *to) {
  // About every size that work is cut by.
  enum { K = LK_BLOCK_DEPTH };
  static const ptrdiff_t shapes[][3] = {
      {1, 1, 1}, {1, 16, 16}, {3, 2, 5}, {25, 1, 100}, {25, 100, 2}, {31, 13, 7}, {32, 14, 8}, {33, 15, 9}, {65, 29, 4},
      {5, 3, K - 1}, {5, 3, K}, {5, 3, K + 1}, {3, 2 * K, 5}, {2, 2 * K + 1, 3}, {70, 5, 512}, {70, 141, K}, {513, 66, 65}};
  current = to;
  state = 1;
  for (shape_number = 0; shape_number < (int)(sizeof shapes / sizeof *shapes); shape_number++)
    for (scalar = LK_F32; scalar <= LK_F64; scalar++)
      layer(shapes[shape_number][0], shapes[shape_number][1], shapes[shape_number][2]);
  static const ptrdiff_t counts[] = {1, 3, 4, 15, 16, 17, 63, 64, 65, 4095, 4096, 4097, 10000};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    for (scalar = LK_F32; scalar <= LK_F64; scalar++) vectors(counts[i]);
  uint32_t words[1001];
  lk_random_words((lk_noise_key){1, 2, 3}, 5, 1001, words);
  double *values = new_entry("random_words", 1001);
  for (int i = 0; i < 1001; i++) values[i] = words[i];
}

int main(int count, char **arguments) {
  tape portable = {0};
  lk_isa_select(LK_PORTABLE);
  workload(&portable);
  bool writes = count == 3 && !strcmp(arguments[1], "--write"), reads = count == 3 && !strcmp(arguments[1], "--read");
  if (count != 1 && !writes && !reads) fail("expected no arguments, --write FILE or --read FILE");
  if (writes) {
    write_tape(&portable, arguments[2]);
    return 0;
  }
  if (reads) read_tape(&portable, arguments[2]);
  int wrong = 0, sets = 0;
  for (lk_isa isa = reads ? LK_PORTABLE : LK_AVX2; isa <= LK_NEON; isa++) {
    if (!lk_isa_select(isa)) continue;
    sets++;
    tape mine = {0};
    workload(&mine);
    double worst = 0;
    for (int i = 0; i < portable.count; i++) {
      entry a = mine.entries[i], b = portable.entries[i];
      double largest = 1e-3, gap = 0;
      for (ptrdiff_t j = 0; j < b.count; j++) {
        largest = fmax(largest, fabs(b.values[j]));
        double difference = fabs(a.values[j] - b.values[j]);
        gap = difference <= gap ? gap : difference;  // NaN stays
      }
      // Sums have some hundred terms.
      double relative = gap / largest, allowed = b.scalar == LK_F32 ? 2e-5 : 1e-13;
      if (!(relative <= allowed)) {
        printf("%s: %s of shape %d differs by %g\n", lk_isa_name(isa), b.kernel, b.shape, relative);
        wrong++;
      }
      worst = fmax(worst, relative / allowed);
    }
    printf("%s: %d arrays, the largest gap %.0f %% of what is allowed\n", lk_isa_name(isa), portable.count, 100 * worst);
  }
  if (!sets) puts("no set beside portable");
  return wrong || !sets;
}
