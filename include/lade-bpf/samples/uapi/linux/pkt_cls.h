/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/pkt_cls.h>
