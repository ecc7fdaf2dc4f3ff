// What the kernels include from outside, before any target attribute is in force.
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "KernelTable.h"
