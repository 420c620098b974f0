/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"

/* Numbers of <asm-generic/socket.h> that the C library may not have yet. */
enum { COOKIE = 57, DETACH_REUSEPORT_BPF = 68 };

static const struct socket_option options[] = {
	{ "filter", SO_ATTACH_BPF, SO_DETACH_BPF, true },
	{ "reuseport", SO_ATTACH_REUSEPORT_EBPF, DETACH_REUSEPORT_BPF, false },
};

const struct socket_option *lade_socket_option(const char *word)
{
	for (size_t i = 0; i < ELEMENTS(options); i++)
		if (strcmp(options[i].word, word) == 0)
			return &options[i];
	return NULL;
}

int lade_socket_cookie(struct kernel *kernel, int fd, uint64_t *ret_cookie)
{
	uint64_t cookie = 0;
	int result = kernel->calls->getsockopt(kernel, fd, SOL_SOCKET, COOKIE, &cookie, sizeof cookie);
	if (result < 0)
		return result;
	*ret_cookie = cookie;
	return 0;
}

/* Length 0 asks how many instructions a classic filter has; of a program the answer is EACCES. */
enum socket_filter lade_socket_filter(struct kernel *kernel, int fd)
{
	uint64_t nothing = 0;
	int result = kernel->calls->getsockopt(kernel, fd, SOL_SOCKET, SO_GET_FILTER, &nothing, 0);
	if (result == -EACCES)
		return SOCKET_FILTER_PROGRAM;
	return result > 0 ? SOCKET_FILTER_CLASSIC : SOCKET_FILTER_NONE;
}
