/* SPDX-License-Identifier: BSD-2-Clause */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android_layout.h"
