/* SPDX-License-Identifier: BSD-2-Clause */
#define WORDS      8
#define LAST_WORDS 0, 0, 0, 0x100
#include "dia_sized.h"
