/* SPDX-License-Identifier: BSD-2-Clause */
#define MAP_BYTES  116
#define PROG_BYTES 92
#include "android_layout.h"
