/* SPDX-License-Identifier: BSD-2-Clause */
/* Other maps: longer values, more entries, one more variable. */
#define VERSION 3
#define ENTRIES 32
#define VALUE struct { __u64 first, second; }
#define MORE_VARIABLES
#include "rep_common.h"
