/* SPDX-License-Identifier: BSD-2-Clause */
#define WORDS 6
#define LAST_WORDS
#include "dia_sized.h"
