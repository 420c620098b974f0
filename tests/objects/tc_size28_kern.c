/* SPDX-License-Identifier: BSD-2-Clause */
/* iproute2 4.6: flags, id, pinning */
#define WORDS       7
#define CALLS_REST  0, 77, PIN_GLOBAL_NS
#define COUNTS_REST BPF_F_RDONLY, 0, PIN_NONE
#include "tc_sized.h"
