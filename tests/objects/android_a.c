/* SPDX-License-Identifier: BSD-2-Clause */
#define MAP_BYTES  28
#define PROG_BYTES 0
#include "android_layout.h"
