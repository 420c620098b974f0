/* SPDX-License-Identifier: BSD-2-Clause */
/* The name under which programs for Android include the numbers of its users and groups. */
#include "../android_ids.h"
