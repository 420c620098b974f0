/* SPDX-License-Identifier: BSD-2-Clause */
#define MAP_BYTES  40
#define PROG_BYTES 28
#include "android_layout.h"
