/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * socket: a filter of a socket, or the program of its SO_REUSEPORT group, which lives as long as the socket:
 *
 *     socket program=NAME method=reuseport target=socket:12/5 pid=12 fd=5 cookie=4711 option=reuseport prog-id=77
 *
 * The cookie proves that it is the same socket. Which program it has the kernel tells nobody: what is there counts as
 * ours as long as our program is in the kernel and, for filters, it is a program.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "kernel/bpf.h"
#include "kernel/sockets.h"
#include "txn/effect_netns.h"
#include "txn/internal.h"

static const struct socket_option *option_of(const struct journal_entry *entry)
{
	const char *word = lade_journal_value(entry, "option");
	return word ? lade_socket_option(word) : NULL;
}

/* -ENXIO: it is gone, or nobody whom we know has it. */
static int open_socket(struct kernel *kernel, const struct journal_entry *entry)
{
	const char *cookie = lade_journal_value(entry, "cookie");
	pid_t pid = (pid_t)lade_effect_number(entry, "pid");
	uint64_t wanted = cookie ? strtoull(cookie, NULL, 10) : 0, found = 0;
	CLEANUP(cleanup_fd)
	int fd = pid ? kernel->calls->process_fd(kernel, pid, (int)lade_effect_number(entry, "fd")) : -ESRCH;
	if (fd < 0)
		return fd == -ESRCH || fd == -EBADF ? -ENXIO : fd;
	int result = lade_socket_cookie(kernel, fd, &found);
	return result < 0 || found != wanted ? -ENXIO : take_fd(&fd);
}

static bool is_alive(struct kernel *kernel, uint32_t prog_id)
{
	CLEANUP(cleanup_fd) int fd = lade_bpf_prog_by_id(kernel, prog_id);
	return fd != -ENOENT;
}

/* 1, 0 or a negative errno. */
static int is_there(struct kernel *kernel, const struct journal_entry *entry, int fd)
{
	const struct socket_option *option = option_of(entry);
	if (!option)
		return 0;
	return is_alive(kernel, lade_effect_number(entry, "prog-id")) &&
	       (!option->is_filter || lade_socket_filter(kernel, fd) == SOCKET_FILTER_PROGRAM);
}

int lade_check_socket(struct kernel *kernel, const struct journal_entry *entry)
{
	CLEANUP(cleanup_fd) int fd = open_socket(kernel, entry);
	if (fd < 0)
		return fd == -ENXIO ? 0 : fd;
	return is_there(kernel, entry, fd);
}

int lade_undo_socket(struct kernel *kernel, const struct journal_entry *entry)
{
	int nothing = 0;
	CLEANUP(cleanup_fd) int fd = open_socket(kernel, entry);
	if (fd < 0)
		return fd == -ENXIO ? 0 : fd;
	int result = is_there(kernel, entry, fd);
	if (result <= 0)
		return result;
	result = kernel->calls->setsockopt(kernel, fd, SOL_SOCKET, option_of(entry)->detach, &nothing, sizeof nothing);
	return result == -ENOENT ? 0 : result;
}

/* The option puts a program in the place of another in one step. */
int lade_replace_socket(struct kernel *kernel, const struct journal_entry *entry, int program_fd)
{
	CLEANUP(cleanup_fd) int fd = open_socket(kernel, entry);
	if (fd < 0)
		return fd == -ENXIO ? -ESTALE : fd;
	int result = is_there(kernel, entry, fd);
	if (result <= 0)
		return result < 0 ? result : -ESTALE;
	return kernel->calls->setsockopt(kernel, fd, SOL_SOCKET, option_of(entry)->attach, &program_fd,
					 sizeof program_fd);
}
