/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs on sockets: which options attach and detach them, and what the kernel says of a socket. */
#ifndef LADE_KERNEL_SOCKETS_H
#define LADE_KERNEL_SOCKETS_H

#include "kernel/kernel.h"

struct socket_option {
	const char *word; /* in journal entries */
	int attach, detach;
	bool is_filter; /* of the socket; else of its SO_REUSEPORT group */
};
const struct socket_option *lade_socket_option(const char *word); /* NULL: there is none */

/* What no other socket has had since the machine was started (since 4.12). -ENOTSOCK */
int lade_socket_cookie(struct kernel *kernel, int fd, uint64_t *ret_cookie);

enum socket_filter {
	SOCKET_FILTER_NONE,
	SOCKET_FILTER_CLASSIC,
	SOCKET_FILTER_PROGRAM, /* BPF; the kernel does not say which */
};
enum socket_filter lade_socket_filter(struct kernel *kernel, int fd);

#endif
