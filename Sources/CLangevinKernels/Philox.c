// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
// One block in plain C; RandomWords.inc has many at a time.
#include "Philox.h"

#include "langevin_kernels.h"

void lk_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
  uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < LK_PHILOX_ROUNDS; round++) {
    uint64_t a = (uint64_t)x0 * LK_PHILOX_M0, b = (uint64_t)x2 * LK_PHILOX_M1;
    x0 = (uint32_t)(b >> 32) ^ x1 ^ k0;
    x1 = (uint32_t)b;
    x2 = (uint32_t)(a >> 32) ^ x3 ^ k1;
    x3 = (uint32_t)a;
    k0 += LK_PHILOX_W0;
    k1 += LK_PHILOX_W1;
  }
  words[0] = x0, words[1] = x1, words[2] = x2, words[3] = x3;
}
