// A fixed team of threads with a static split: item i always runs on the same thread, so what a thread has in its cache
// is there again the next time, and no result can depend on timing.
//
// A run is a generation: the caller publishes the work and raises the number of the generation; each worker does its
// share and counts itself out. Both sides spin for some microseconds before they sleep, because the work of one layer
// is often shorter than waking a thread.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "langevin_kernels.h"

enum { SPINS = 2000, CACHE_LINE = 128 };

typedef struct worker {
  lk_pool *pool;
  pthread_t thread;
  int index;
} worker;

struct lk_pool {
  int threads;
  int items;
  void (*body)(void *context, int item);
  void *context;
  lk_isa isa;  // the caller's instruction set, which the workers use as well
  bool running, stopping;
  pthread_mutex_t mutex;
  pthread_cond_t started, finished;
  // Each on its own cache line: workers spin on the first while others count down the second.
  _Alignas(CACHE_LINE) atomic_uint generation;
  _Alignas(CACHE_LINE) atomic_int unfinished;
  _Alignas(CACHE_LINE) worker workers[];  // threads 1, 2, ...; the caller is thread 0
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void run_share(const lk_pool *pool, int thread) {
  int64_t items = pool->items, threads = pool->threads;
  for (int64_t item = thread * items / threads; item < (thread + 1) * items / threads; item++)
    pool->body(pool->context, (int)item);
}

static void *work(void *argument) {
  const worker *self = argument;
  lk_pool *pool = self->pool;
  for (unsigned seen = 0;; seen++) {
    for (int spin = 0; spin < SPINS && atomic_load_explicit(&pool->generation, memory_order_acquire) == seen; spin++)
      pause_briefly();
    if (atomic_load_explicit(&pool->generation, memory_order_acquire) == seen) {
      pthread_mutex_lock(&pool->mutex);
      while (atomic_load_explicit(&pool->generation, memory_order_acquire) == seen)
        pthread_cond_wait(&pool->started, &pool->mutex);
      pthread_mutex_unlock(&pool->mutex);
    }
    if (pool->stopping) return NULL;
    lk_isa_select(pool->isa);
    run_share(pool, self->index);
    if (atomic_fetch_sub_explicit(&pool->unfinished, 1, memory_order_acq_rel) == 1) {
      pthread_mutex_lock(&pool->mutex);
      pthread_cond_signal(&pool->finished);
      pthread_mutex_unlock(&pool->mutex);
    }
  }
}

static void start_generation(lk_pool *pool) {
  atomic_store_explicit(&pool->unfinished, pool->threads - 1, memory_order_relaxed);
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add_explicit(&pool->generation, 1, memory_order_release);
  pthread_cond_broadcast(&pool->started);
  pthread_mutex_unlock(&pool->mutex);
}

lk_pool *lk_pool_create(int threads) {
  if (threads < 1) threads = 1;
  size_t size = sizeof(lk_pool) + (size_t)(threads - 1) * sizeof(worker);
  lk_pool *pool = aligned_alloc(CACHE_LINE, (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
  if (!pool) abort();
  *pool = (lk_pool){.threads = 1};
  if (threads == 1) return pool;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->started, NULL);
  pthread_cond_init(&pool->finished, NULL);
  // Where the system grants fewer threads than were asked for, the team is smaller.
  for (; pool->threads < threads; pool->threads++) {
    worker *next = &pool->workers[pool->threads - 1];
    *next = (worker){.pool = pool, .index = pool->threads};
    if (pthread_create(&next->thread, NULL, work, next)) break;
  }
  return pool;
}

void lk_pool_destroy(lk_pool *pool) {
  if (!pool) return;
  if (pool->threads > 1) {
    pool->stopping = true;
    start_generation(pool);
    for (int i = 0; i < pool->threads - 1; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->started);
    pthread_mutex_destroy(&pool->mutex);
  }
  free(pool);
}

int lk_pool_threads(const lk_pool *pool) { return pool->threads; }

void lk_pool_run(lk_pool *pool, int items, void (*body)(void *context, int item), void *context) {
  // `running` is true only inside a body, on whichever thread: the start of the generation published it.
  if (pool->threads == 1 || items < 2 || pool->running) {
    for (int item = 0; item < items; item++) body(context, item);
    return;
  }
  pool->items = items;
  pool->body = body;
  pool->context = context;
  pool->isa = lk_isa_current();
  pool->running = true;
  start_generation(pool);
  run_share(pool, 0);
  for (int spin = 0; spin < SPINS && atomic_load_explicit(&pool->unfinished, memory_order_acquire); spin++)
    pause_briefly();
  if (atomic_load_explicit(&pool->unfinished, memory_order_acquire)) {
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load_explicit(&pool->unfinished, memory_order_acquire))
      pthread_cond_wait(&pool->finished, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
  }
  pool->running = false;
}
