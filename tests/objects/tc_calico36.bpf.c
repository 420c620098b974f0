/* SPDX-License-Identifier: BSD-2-Clause */
#define WORDS 9
#define REST  3, PIN_GLOBAL_NS
#include "tc_calico.h"
