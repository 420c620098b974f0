/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "socket:PID/FD": a filter on a socket that some process has open, or the program that chooses among the sockets of
 * its SO_REUSEPORT group. It stays there as long as the socket, whatever becomes of us: an effect.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach/method.h"
#include "kernel/bpf.h"
#include "kernel/sockets.h"

static enum attach_operation option_operation(const struct socket_option *option)
{
	return option->is_filter ? OPERATION_SO_ATTACH_BPF : OPERATION_SO_ATTACH_REUSEPORT;
}

/* ---- findings ---- */

static int fail_process(struct attach_call *call)
{
	struct lade_finding *finding =
		lade_error_add(call->error, ESRCH, "attach.process.missing", "%s: there is no process %d",
			       call->program->name, (int)call->target->pid);
	finding_program(finding, call->program->name);
	return -ESRCH;
}

static void list_sockets(pid_t pid, struct lade_finding *finding)
{
	struct strbuf numbers = { 0 };
	char path[64], target[64];
	(void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *stream = opendir(path);
	for (struct dirent *entry; stream && (entry = readdir(stream));) {
		ssize_t length = readlinkat(dirfd(stream), entry->d_name, target, sizeof target);
		if (length > 8 && strncmp(target, "socket:[", 8) == 0)
			lade_strbuf_addf(&numbers, "%s%s", numbers.length ? ", " : "", entry->d_name);
	}
	if (stream)
		(void)closedir(stream);
	finding_evidence(finding, "sockets of process %d: %s", (int)pid, numbers.text ? numbers.text : "none");
	lade_strbuf_clear(&numbers);
}

static int fail_descriptor(struct attach_call *call, int result)
{
	const struct attach_target *target = call->target;
	struct lade_finding *finding =
		lade_error_add(call->error, -result, "attach.socket.descriptor",
			       result == -ENOTSOCK ? "%s: descriptor %d of process %d is no socket"
						   : "%s: there is no descriptor %d in process %d",
			       call->program->name, target->descriptor, (int)target->pid);
	finding_program(finding, call->program->name);
	list_sockets(target->pid, finding);
	return result;
}

static int fail_held(struct attach_call *call, const char *what)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EEXIST, "attach.exists", "%s: %s has a filter already", call->program->name,
			       call->target->text);
	finding_program(finding, call->program->name);
	finding_cause(finding, "the socket's filter is %s, which would be lost", what);
	return -EEXIST;
}

/* ---- attaching ---- */

static int open_socket(struct attach_call *call, uint64_t *ret_cookie)
{
	CLEANUP(cleanup_fd)
	int fd = call->kernel->calls->process_fd(call->kernel, call->target->pid, call->target->descriptor);
	if (fd == -ESRCH)
		return fail_process(call);
	if (fd == -EBADF)
		return fail_descriptor(call, fd);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_PIDFD_GETFD, call->target->text, fd);
	int result = lade_socket_cookie(call->kernel, fd, ret_cookie);
	if (result == -ENOTSOCK)
		return fail_descriptor(call, result);
	return result < 0 ? lade_attach_refused(call, OPERATION_PIDFD_GETFD, call->target->text, result) : take_fd(&fd);
}

/* A filter would silently take the place of another. Of a group's program the kernel says nothing. */
static int refuse_if_held(struct attach_call *call, const struct socket_option *option, int fd)
{
	enum socket_filter filter = option->is_filter ? lade_socket_filter(call->kernel, fd) : SOCKET_FILTER_NONE;
	if (filter == SOCKET_FILTER_NONE)
		return 0;
	return fail_held(call, filter == SOCKET_FILTER_CLASSIC ? "a classic one" : "a BPF program");
}

static int begin(struct attach_call *call, const struct socket_option *option, uint64_t cookie, unsigned *ret_number)
{
	struct bpf_prog_info info;
	char pid[16], fd[16], unique[24], id[16];
	int result = lade_bpf_prog_info(call->kernel, call->program->fd, &info);
	if (result < 0)
		return lade_attach_refused(call, option_operation(option), call->target->text, result);
	(void)snprintf(pid, sizeof pid, "%d", (int)call->target->pid);
	(void)snprintf(fd, sizeof fd, "%d", call->target->descriptor);
	(void)snprintf(unique, sizeof unique, "%llu", (unsigned long long)cookie);
	(void)snprintf(id, sizeof id, "%u", info.id);
	const char *const pairs[] = { "pid",    pid,          "fd",      fd, "cookie", unique,
				      "option", option->word, "prog-id", id, NULL };
	return lade_attach_begin_effect(call, "socket", call->target->text, pairs, ret_number);
}

int lade_attach_process_socket(struct attach_call *call)
{
	bool is_group = call->program->type == BPF_PROG_TYPE_SK_REUSEPORT;
	const struct socket_option *option = lade_socket_option(is_group ? "reuseport" : "filter");
	uint64_t cookie = 0;
	unsigned number;
	CLEANUP(cleanup_fd) int fd = open_socket(call, &cookie);
	int result = fd < 0 ? fd : refuse_if_held(call, option, fd);
	if (result == 0)
		result = begin(call, option, cookie, &number);
	if (result < 0)
		return result;
	result = call->kernel->calls->setsockopt(call->kernel, fd, SOL_SOCKET, option->attach, &call->program->fd,
						 sizeof call->program->fd);
	if (result < 0) {
		(void)lade_txn_effect_undo(call->txn, number);
		return lade_attach_refused(call, option_operation(option), call->target->text, result);
	}
	return lade_attach_keep_effect(call, call->target->text, -1, number);
}
