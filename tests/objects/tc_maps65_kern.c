/* SPDX-License-Identifier: BSD-2-Clause */
#define ONE_MORE
#include "tc_number.h"
