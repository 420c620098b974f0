/* SPDX-License-Identifier: BSD-2-Clause */
/* iproute2 4.1: id */
#define WORDS       5
#define CALLS_REST  77
#define COUNTS_REST 0
#include "tc_sized.h"
