/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the times: what is missing is zero */
#define WORDS       8
#define CALLS_REST  0, 77, PIN_GLOBAL_NS
#define COUNTS_REST BPF_F_RDONLY, 0, PIN_NONE, 0
#include "tc_sized.h"
