/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and protocols, as the kernel describes them. */
#include <sys/socket.h>
#include <linux/in.h>
#include <linux/in6.h>
