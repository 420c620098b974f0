/* SPDX-License-Identifier: BSD-2-Clause */
#define WORDS 6
#define REST  3
#include "tc_calico.h"
