/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../android/asm/byteorder.h"
