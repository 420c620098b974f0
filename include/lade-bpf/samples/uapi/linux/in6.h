/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/in6.h>
