/* SPDX-License-Identifier: BSD-2-Clause */
/* The running kernel: raw system calls, because libbpf's wrappers probe and print. */
#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/attr.h"
#include "kernel/files.h"
#include "kernel/log.h"
#include "kernel/memory.h"
#include "kernel/netlink.h"
#include "kernel/token.h"
#include "kernel/until.h"

#ifndef BPF_FS_MAGIC
#define BPF_FS_MAGIC 0xcafe4a11
#endif

struct live_kernel {
	struct kernel kernel;
	pid_t owner; /* thread that made it: the only one that may call the log sink */
};

static bool logs(const struct kernel *kernel)
{
	if (!kernel->log || !kernel->log->fn)
		return false;
	const struct live_kernel *live = (const struct live_kernel *)kernel;
	return live->owner == gettid();
}

#define LOGGED(kernel, result, ...)                                                                                    \
	__extension__({                                                                                                \
		int logged_ = (result);                                                                                \
		if (logs(kernel))                                                                                      \
			lade_kernel_log_call((kernel)->log, logged_, __VA_ARGS__);                                     \
		logged_;                                                                                               \
	})

static int result_of(long result)
{
	return result < 0 ? -errno : (int)result;
}

/* The other commands return 0 or a count. */
static const uint64_t returns_descriptor =
	1ULL << BPF_MAP_CREATE | 1ULL << BPF_PROG_LOAD | 1ULL << BPF_OBJ_GET | 1ULL << BPF_PROG_GET_FD_BY_ID |
	1ULL << BPF_MAP_GET_FD_BY_ID | 1ULL << BPF_RAW_TRACEPOINT_OPEN | 1ULL << BPF_BTF_LOAD |
	1ULL << BPF_BTF_GET_FD_BY_ID | 1ULL << BPF_LINK_CREATE | 1ULL << BPF_LINK_GET_FD_BY_ID |
	1ULL << BPF_ENABLE_STATS | 1ULL << BPF_ITER_CREATE | 1ULL << 36 /* BPF_TOKEN_CREATE */;

static int live_bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	int result = kernel->until && command == BPF_PROG_LOAD ? lade_call_until(command, attr, size, kernel->until)
								: result_of(syscall(SYS_bpf, command, attr, size));
	if (command >= 0 && command < 64 && (returns_descriptor >> command & 1))
		result = lade_fd_above_standard(result);
	if (logs(kernel))
		lade_kernel_log_bpf(kernel->log, command, attr, result);
	return result;
}

#define COMMON_ATTRIBUTES (1 << 16) /* BPF_COMMON_ATTRS */

static int live_bpf_logged(struct kernel *kernel, int command, void *attr, size_t size, struct attr_common *common)
{
	size_t common_size = offsetof(struct attr_common, pad);
	int result = result_of(syscall(SYS_bpf, command | COMMON_ATTRIBUTES, attr, size, common, common_size));
	if (returns_descriptor >> command & 1)
		result = lade_fd_above_standard(result);
	if (logs(kernel))
		lade_kernel_log_bpf(kernel->log, command, attr, result);
	return result;
}

static int live_perf_event_open(struct kernel *kernel, struct perf_event_attr *attr, pid_t pid, int cpu, int group,
				unsigned long flags)
{
	long fd = syscall(SYS_perf_event_open, attr, pid, cpu, group, flags | PERF_FLAG_FD_CLOEXEC);
	return LOGGED(kernel, lade_fd_above_standard(result_of(fd)),
		      "perf_event_open type=%u config=%llu pid=%d cpu=%d", attr->type, attr->config, pid, cpu);
}

static int live_ioctl(struct kernel *kernel, int fd, unsigned long request, unsigned long argument)
{
	return LOGGED(kernel, result_of(ioctl(fd, request, argument)), "ioctl fd=%d 0x%lx 0x%lx", fd, request,
		      argument);
}

static int live_socket(struct kernel *kernel, int domain, int type, int protocol)
{
	int fd = result_of(socket(domain, type | SOCK_CLOEXEC, protocol));
	return LOGGED(kernel, lade_fd_above_standard(fd), "socket %d %d %d", domain, type, protocol);
}

static int live_bind(struct kernel *kernel, int fd, const void *address, size_t length)
{
	return LOGGED(kernel, result_of(bind(fd, address, (socklen_t)length)), "bind fd=%d", fd);
}

static int live_setsockopt(struct kernel *kernel, int fd, int level, int option, const void *value, size_t length)
{
	return LOGGED(kernel, result_of(setsockopt(fd, level, option, value, (socklen_t)length)),
		      "setsockopt fd=%d %d %d", fd, level, option);
}

static int live_getsockopt(struct kernel *kernel, int fd, int level, int option, void *value, size_t length)
{
	socklen_t size = (socklen_t)length;
	int result = result_of(getsockopt(fd, level, option, value, &size));
	return LOGGED(kernel, result < 0 ? result : (int)size, "getsockopt fd=%d %d %d", fd, level, option);
}

/* System calls that the C library of Debian 12 may not wrap; one number on every processor. */
enum { CALL_PIDFD_OPEN = 434, CALL_PIDFD_GETFD = 438 };

static int process_fd(pid_t pid, int fd)
{
	if (pid == getpid())
		return result_of(fcntl(fd, F_DUPFD_CLOEXEC, 3));
	CLEANUP(cleanup_fd) int process = result_of(syscall(CALL_PIDFD_OPEN, pid, 0));
	return process < 0 ? process : lade_fd_above_standard(result_of(syscall(CALL_PIDFD_GETFD, process, fd, 0)));
}

static int live_process_fd(struct kernel *kernel, pid_t pid, int fd)
{
	return LOGGED(kernel, process_fd(pid, fd), "pidfd_getfd pid=%d fd=%d", (int)pid, fd);
}

static int live_netlink(struct kernel *kernel, struct netlink_request *request, netlink_reply_fn *reply, void *data)
{
	return LOGGED(kernel, lade_netlink_live(request, reply, data), "netlink type=%u flags=0x%x%s%s",
		      request->header.nlmsg_type, request->header.nlmsg_flags, *request->refusal ? " " : "",
		      request->refusal);
}

static int live_mount(struct kernel *kernel, const char *type, const char *path)
{
	const char *options = strcmp(type, "bpf") == 0 ? "mode=0700" : NULL;
	return LOGGED(kernel, result_of(mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, options)),
		      "mount %s %s", type, path);
}

static int live_mkdir(struct kernel *kernel, const char *path, mode_t mode)
{
	return LOGGED(kernel, lade_file_mkdir(path, mode), "mkdir %s", path);
}

static int live_rmdir(struct kernel *kernel, const char *path)
{
	return LOGGED(kernel, lade_file_rmdir(path), "rmdir %s", path);
}

static int live_unlink(struct kernel *kernel, const char *path)
{
	return LOGGED(kernel, lade_file_unlink(path), "unlink %s", path);
}

static int live_symlink(struct kernel *kernel, const char *text, const char *path)
{
	return LOGGED(kernel, lade_file_symlink(text, path), "symlink %s \"%s\"", path, text);
}

static int live_truncate(struct kernel *kernel, const char *path)
{
	return LOGGED(kernel, lade_file_truncate(path), "truncate %s", path);
}

static int live_append(struct kernel *kernel, const char *path, const char *text)
{
	return LOGGED(kernel, lade_file_append(path, text), "write %s \"%s\"", path, text);
}

static int live_rename(struct kernel *kernel, const char *from, const char *to, unsigned flags)
{
	return LOGGED(kernel, lade_file_rename(from, to, flags), "rename %s %s flags=%u", from, to, flags);
}

static int live_link(struct kernel *kernel, const char *from, const char *to)
{
	return LOGGED(kernel, lade_file_link(from, to), "link %s %s", from, to);
}

static int live_chmod(struct kernel *kernel, const char *path, mode_t mode)
{
	return LOGGED(kernel, lade_file_chmod(path, mode), "chmod %s 0%o", path, (unsigned)mode);
}

static int live_chown(struct kernel *kernel, const char *path, uid_t uid, gid_t gid)
{
	return LOGGED(kernel, lade_file_chown(path, uid, gid), "chown %s %u:%u", path, (unsigned)uid, (unsigned)gid);
}

static int live_lock(struct kernel *kernel, const char *directory, bool wait)
{
	return LOGGED(kernel, lade_file_lock(directory, wait), "flock %s%s", directory, wait ? "" : " LOCK_NB");
}

static int live_raise_memlock(struct kernel *kernel)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	return LOGGED(kernel, result_of(setrlimit(RLIMIT_MEMLOCK, &unlimited)), "setrlimit RLIMIT_MEMLOCK infinity");
}

static int live_map_memory(struct kernel *kernel, int fd, uint64_t address, size_t bytes, void **ret_start)
{
	return LOGGED(kernel, lade_memory_map(fd, address, bytes, ret_start), "mmap fd=%d 0x%llx %zu bytes", fd,
		      (unsigned long long)address, bytes);
}

/* The number behind "name:" in the fdinfo of a map; -ENODATA without such a line. */
static int fdinfo_number(int fd, const char *name)
{
	char path[64], line[128];
	size_t length = strlen(name);
	(void)snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	int number = -ENODATA;
	while (number < 0 && fgets(line, sizeof line, file))
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			number = (int)strtol(line + length + 1, NULL, 10);
	(void)fclose(file);
	return number;
}

/* "frozen:\t1" since 5.2. */
static int live_map_frozen(struct kernel *kernel, int fd)
{
	(void)kernel;
	int frozen = fdinfo_number(fd, "frozen");
	return frozen > 0 ? 1 : frozen;
}

/* Since 4.10, once a program uses the array. */
static int live_map_owner_type(struct kernel *kernel, int fd)
{
	(void)kernel;
	return fdinfo_number(fd, "owner_prog_type");
}

static int live_is_bpffs(struct kernel *kernel, const char *path)
{
	(void)kernel;
	struct statfs status;
	if (statfs(path, &status) < 0)
		return -errno;
	return (unsigned long)status.f_type == BPF_FS_MAGIC;
}

static void live_free(struct kernel *kernel)
{
	lade_token_clear(kernel);
	free(kernel);
}

static const struct kernel_calls live_calls = {
	.bpf = live_bpf,
	.bpf_logged = live_bpf_logged,
	.perf_event_open = live_perf_event_open,
	.ioctl = live_ioctl,
	.socket = live_socket,
	.bind = live_bind,
	.setsockopt = live_setsockopt,
	.getsockopt = live_getsockopt,
	.process_fd = live_process_fd,
	.netlink = live_netlink,
	.mount = live_mount,
	.mkdir = live_mkdir,
	.rmdir = live_rmdir,
	.unlink = live_unlink,
	.symlink = live_symlink,
	.append = live_append,
	.truncate = live_truncate,
	.rename = live_rename,
	.link = live_link,
	.chmod = live_chmod,
	.chown = live_chown,
	.lock = live_lock,
	.raise_memlock = live_raise_memlock,
	.map_memory = live_map_memory,
	.map_frozen = live_map_frozen,
	.map_owner_type = live_map_owner_type,
	.is_bpffs = live_is_bpffs,
	.free = live_free,
};

int lade_kernel_live(const struct log_sink *log, struct kernel **ret_kernel, struct lade_error **error)
{
	struct live_kernel *live = calloc(1, sizeof *live);
	if (!live)
		return lade_fail_memory(error);
	live->kernel.calls = &live_calls;
	live->kernel.log = log;
	live->owner = gettid();
	*ret_kernel = &live->kernel;
	return 0;
}

struct kernel *lade_kernel_free(struct kernel *kernel)
{
	if (kernel)
		kernel->calls->free(kernel);
	return NULL;
}
