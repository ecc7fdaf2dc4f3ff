// The constants of Philox4x32-10: two multipliers, and what the two words of the key grow by from round to round.
#ifndef LK_PHILOX_H
#define LK_PHILOX_H

#include <stdint.h>

#define LK_PHILOX_ROUNDS 10
#define LK_PHILOX_M0 UINT32_C(0xD2511F53)
#define LK_PHILOX_M1 UINT32_C(0xCD9E8D57)
#define LK_PHILOX_W0 UINT32_C(0x9E3779B9)
#define LK_PHILOX_W1 UINT32_C(0xBB67AE85)

#endif
