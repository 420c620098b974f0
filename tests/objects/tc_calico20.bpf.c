/* SPDX-License-Identifier: BSD-2-Clause */
#define WORDS 5
#define REST
#include "tc_calico.h"
