/* SPDX-License-Identifier: BSD-2-Clause */
#define MAP_BYTES  32
#define PROG_BYTES 8
#include "android_layout.h"
