/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/fault.h"

#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "kernel/netlink.h"
#include "object/sections_table.h"

struct fault_kernel {
	struct kernel kernel;
	struct kernel *inner;
	struct fault fault;
	pthread_mutex_t mutex; /* programs are loaded from several threads */
	ARRAY_OF(const char *) names;
};

/* They only look, or open what is there. */
static const int reading_commands[] = {
	BPF_MAP_LOOKUP_ELEM,  BPF_MAP_GET_NEXT_KEY,  BPF_OBJ_GET,          BPF_PROG_GET_NEXT_ID,
	BPF_MAP_GET_NEXT_ID,  BPF_PROG_GET_FD_BY_ID, BPF_MAP_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD,
	BPF_PROG_QUERY,       BPF_BTF_GET_FD_BY_ID,  BPF_TASK_FD_QUERY,    BPF_BTF_GET_NEXT_ID,
	BPF_MAP_LOOKUP_BATCH, BPF_LINK_GET_FD_BY_ID, BPF_LINK_GET_NEXT_ID,
};

static struct fault_kernel *of(struct kernel *kernel)
{
	return (struct fault_kernel *)kernel;
}

static bool is_reading(int command)
{
	for (size_t i = 0; i < ELEMENTS(reading_commands); i++)
		if (reading_commands[i] == command)
			return true;
	return false;
}

/* Counts a call and says what happens to it. */
static enum fault_action next_action(struct fault_kernel *fault, const char *name)
{
	(void)pthread_mutex_lock(&fault->mutex);
	const char **slot = array_push(&fault->names);
	if (slot)
		*slot = name;
	size_t number = fault->names.count, first = fault->fault.nth;
	(void)pthread_mutex_unlock(&fault->mutex);
	size_t repeat = fault->fault.repeat ? fault->fault.repeat : 1;
	return first && number >= first && number - first < repeat ? fault->fault.action : FAULT_NONE;
}

static int die(void)
{
	(void)kill(getpid(), SIGKILL);
	return -EINTR;
}

/* The call is an expression that must only be evaluated when it is to be made. */
#define FAULTY(wrapper, name, call)                                                                                    \
	__extension__({                                                                                                \
		enum fault_action action_ = next_action(wrapper, name);                                                \
		int result_;                                                                                           \
		if (action_ == FAULT_ERRNO)                                                                            \
			result_ = -(wrapper)->fault.errnum;                                                            \
		else if (action_ == FAULT_KILL_BEFORE)                                                                 \
			result_ = die();                                                                               \
		else                                                                                                   \
			result_ = (call);                                                                              \
		if (action_ == FAULT_KILL_AFTER)                                                                       \
			(void)die();                                                                                   \
		result_;                                                                                               \
	})

static int fault_bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	struct kernel *inner = of(kernel)->inner;
	/* Several threads come by here, and nearly always there is nothing to write. */
	if (inner->until != kernel->until)
		inner->until = kernel->until;
	if (is_reading(command) && !of(kernel)->fault.reading)
		return inner->calls->bpf(inner, command, attr, size);
	bool known = command >= 0 && (size_t)command < lade_command_name_count && lade_command_names[command];
	return FAULTY(of(kernel), known ? lade_command_names[command] : "bpf",
		      inner->calls->bpf(inner, command, attr, size));
}

static int fault_bpf_logged(struct kernel *kernel, int command, void *attr, size_t size, struct attr_common *common)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "bpf with a log", inner->calls->bpf_logged(inner, command, attr, size, common));
}

static int fault_perf_event_open(struct kernel *kernel, struct perf_event_attr *attr, pid_t pid, int cpu, int group,
				 unsigned long flags)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "perf_event_open",
		      inner->calls->perf_event_open(inner, attr, pid, cpu, group, flags));
}

static int fault_ioctl(struct kernel *kernel, int fd, unsigned long request, unsigned long argument)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "ioctl", inner->calls->ioctl(inner, fd, request, argument));
}

static int fault_socket(struct kernel *kernel, int domain, int type, int protocol)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "socket", inner->calls->socket(inner, domain, type, protocol));
}

static int fault_bind(struct kernel *kernel, int fd, const void *address, size_t length)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "bind", inner->calls->bind(inner, fd, address, length));
}

static int fault_setsockopt(struct kernel *kernel, int fd, int level, int option, const void *value, size_t length)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "setsockopt", inner->calls->setsockopt(inner, fd, level, option, value, length));
}

static int fault_getsockopt(struct kernel *kernel, int fd, int level, int option, void *value, size_t length)
{
	struct kernel *inner = of(kernel)->inner;
	return inner->calls->getsockopt(inner, fd, level, option, value, length);
}

static int fault_process_fd(struct kernel *kernel, pid_t pid, int fd)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "pidfd_getfd", inner->calls->process_fd(inner, pid, fd));
}

static int fault_netlink(struct kernel *kernel, struct netlink_request *request, netlink_reply_fn *reply, void *data)
{
	struct kernel *inner = of(kernel)->inner;
	if (lade_netlink_is_reading(request) && !of(kernel)->fault.reading)
		return inner->calls->netlink(inner, request, reply, data);
	return FAULTY(of(kernel), "netlink", inner->calls->netlink(inner, request, reply, data));
}

static int fault_mount(struct kernel *kernel, const char *type, const char *path)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "mount", inner->calls->mount(inner, type, path));
}

static int fault_mkdir(struct kernel *kernel, const char *path, mode_t mode)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "mkdir", inner->calls->mkdir(inner, path, mode));
}

static int fault_rmdir(struct kernel *kernel, const char *path)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "rmdir", inner->calls->rmdir(inner, path));
}

static int fault_unlink(struct kernel *kernel, const char *path)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "unlink", inner->calls->unlink(inner, path));
}

static int fault_symlink(struct kernel *kernel, const char *text, const char *path)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "symlink", inner->calls->symlink(inner, text, path));
}

static int fault_truncate(struct kernel *kernel, const char *path)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "truncate", inner->calls->truncate(inner, path));
}

static int fault_append(struct kernel *kernel, const char *path, const char *text)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "append", inner->calls->append(inner, path, text));
}

static int fault_rename(struct kernel *kernel, const char *from, const char *to, unsigned flags)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "rename", inner->calls->rename(inner, from, to, flags));
}

static int fault_link(struct kernel *kernel, const char *from, const char *to)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "link", inner->calls->link(inner, from, to));
}

static int fault_chmod(struct kernel *kernel, const char *path, mode_t mode)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "chmod", inner->calls->chmod(inner, path, mode));
}

static int fault_chown(struct kernel *kernel, const char *path, uid_t uid, gid_t gid)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "chown", inner->calls->chown(inner, path, uid, gid));
}

static int fault_lock(struct kernel *kernel, const char *directory, bool wait)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "lock", inner->calls->lock(inner, directory, wait));
}

static int fault_raise_memlock(struct kernel *kernel)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "raise_memlock", inner->calls->raise_memlock(inner));
}

static int fault_map_memory(struct kernel *kernel, int fd, uint64_t address, size_t bytes, void **ret_start)
{
	struct kernel *inner = of(kernel)->inner;
	return FAULTY(of(kernel), "mmap", inner->calls->map_memory(inner, fd, address, bytes, ret_start));
}

static int fault_map_frozen(struct kernel *kernel, int fd)
{
	struct kernel *inner = of(kernel)->inner;
	return inner->calls->map_frozen(inner, fd);
}

static int fault_map_owner_type(struct kernel *kernel, int fd)
{
	struct kernel *inner = of(kernel)->inner;
	return inner->calls->map_owner_type(inner, fd);
}

static int fault_is_bpffs(struct kernel *kernel, const char *path)
{
	struct kernel *inner = of(kernel)->inner;
	return inner->calls->is_bpffs(inner, path);
}

static void fault_free(struct kernel *kernel)
{
	struct fault_kernel *fault = of(kernel);
	lade_kernel_free(fault->inner);
	array_clear(&fault->names);
	(void)pthread_mutex_destroy(&fault->mutex);
	free(fault);
}

static const struct kernel_calls fault_calls = {
	.bpf = fault_bpf,
	.bpf_logged = fault_bpf_logged,
	.perf_event_open = fault_perf_event_open,
	.ioctl = fault_ioctl,
	.socket = fault_socket,
	.bind = fault_bind,
	.setsockopt = fault_setsockopt,
	.getsockopt = fault_getsockopt,
	.process_fd = fault_process_fd,
	.netlink = fault_netlink,
	.mount = fault_mount,
	.mkdir = fault_mkdir,
	.rmdir = fault_rmdir,
	.unlink = fault_unlink,
	.symlink = fault_symlink,
	.append = fault_append,
	.truncate = fault_truncate,
	.rename = fault_rename,
	.link = fault_link,
	.chmod = fault_chmod,
	.chown = fault_chown,
	.lock = fault_lock,
	.raise_memlock = fault_raise_memlock,
	.map_memory = fault_map_memory,
	.map_frozen = fault_map_frozen,
	.map_owner_type = fault_map_owner_type,
	.is_bpffs = fault_is_bpffs,
	.free = fault_free,
};

int lade_kernel_fault(struct kernel *inner, const struct fault *fault, struct kernel **ret_kernel)
{
	struct fault_kernel *wrapper = calloc(1, sizeof *wrapper);
	if (!wrapper)
		return -ENOMEM;
	wrapper->kernel.calls = &fault_calls;
	wrapper->kernel.log = inner->log;
	wrapper->kernel.recorded_version = inner->recorded_version;
	wrapper->inner = inner;
	wrapper->fault = *fault;
	(void)pthread_mutex_init(&wrapper->mutex, NULL);
	*ret_kernel = &wrapper->kernel;
	return 0;
}

unsigned lade_kernel_fault_count(const struct kernel *kernel)
{
	return (unsigned)((const struct fault_kernel *)kernel)->names.count;
}

const char *lade_kernel_fault_call(const struct kernel *kernel, unsigned nth)
{
	const struct fault_kernel *fault = (const struct fault_kernel *)kernel;
	return nth >= 1 && nth <= fault->names.count ? fault->names.items[nth - 1] : NULL;
}
