// Plain C with the compiler's vector extensions: whatever the baseline of the platform is.
#define LK_SET portable
#define LK_BYTES 16
#include "KernelPrelude.h"
#include "KernelSet.h"
