/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/if_packet.h>
