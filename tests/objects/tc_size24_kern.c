/* SPDX-License-Identifier: BSD-2-Clause */
/* iproute2 4.5: id, pinning */
#define WORDS       6
#define CALLS_REST  77, PIN_GLOBAL_NS
#define COUNTS_REST 0, PIN_NONE
#include "tc_sized.h"
