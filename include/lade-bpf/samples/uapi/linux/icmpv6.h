/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/icmpv6.h>
