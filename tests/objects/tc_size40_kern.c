/* SPDX-License-Identifier: BSD-2-Clause */
/* Longer than any iproute2 ever knew, even with zeros */
#define WORDS       10
#define CALLS_REST  0, 77, PIN_GLOBAL_NS
#define COUNTS_REST BPF_F_RDONLY, 0, PIN_NONE, 0, 0
#include "tc_sized.h"
