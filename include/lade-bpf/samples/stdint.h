/* SPDX-License-Identifier: BSD-2-Clause */
#include "../android/stdint.h"
