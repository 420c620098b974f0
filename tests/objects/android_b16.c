/* SPDX-License-Identifier: BSD-2-Clause */
#define MAP_BYTES  32
#define PROG_BYTES 16
#include "android_layout.h"
