#include "langevin_kernels.h"

bool lk_activation_needs_input(lk_activation activation) { return activation == LK_GELU || activation == LK_ERF; }
