/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/ipv6.h>
