/* SPDX-License-Identifier: BSD-2-Clause */
#include "tc_number.h"
