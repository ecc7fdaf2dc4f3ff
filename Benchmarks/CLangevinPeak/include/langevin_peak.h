// How fast this machine can multiply and add at best, to divide other speeds by.
#ifndef LANGEVIN_PEAK_H
#define LANGEVIN_PEAK_H

#include <stdint.h>

/// The loop that does them: chains that live in registers, or the sums of a product that reads an element for each row.
typedef enum lk_peak_loop { LK_CHAINS, LK_OUTER } lk_peak_loop;

/// Runs `rounds` rounds of independent multiply-adds with vectors of `bytes` (16, 32 or 64, as the processor has them) in
/// single precision; returns the floating-point operations done, two for each multiply-add.
double lk_peak_f32(lk_peak_loop loop, int bytes, int64_t rounds);
/// The same in double precision.
double lk_peak_f64(lk_peak_loop loop, int bytes, int64_t rounds);

/// The bytes of this process that are in memory now, without what was freed; 0 where the system does not say.
int64_t lk_resident_bytes(void);
/// The most bytes that this process has ever had in memory.
int64_t lk_peak_resident_bytes(void);

/// Seconds of a clock that no one sets, and those that this process was at work, all its threads together.
double lk_wall_seconds(void);
double lk_processor_seconds(void);

#endif
