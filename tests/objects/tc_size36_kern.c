/* SPDX-License-Identifier: BSD-2-Clause */
/* iproute2 4.13: flags, id, pinning, inner_id, inner_idx */
#define WORDS       9
#define CALLS_REST  0, 77, PIN_GLOBAL_NS
#define COUNTS_REST BPF_F_RDONLY, 0, PIN_NONE, 0, 0
#include "tc_sized.h"
