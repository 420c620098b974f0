/* SPDX-License-Identifier: BSD-2-Clause */
/* Every file that is read, in one table, so that tests and copies of another machine's files can move them all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "doctor/doctor.h"

#define MOST_BYTES (1U << 20)

/* %s is the process. */
static const char *const paths[SOURCES] = {
	[SOURCE_RELEASE] = "/proc/sys/kernel/osrelease",
	[SOURCE_BUILD] = "/proc/sys/kernel/version",
	[SOURCE_SIGNATURE] = "/proc/version_signature",  /* Ubuntu */
	[SOURCE_ARCHITECTURE] = "/proc/sys/kernel/arch", /* since 6.1 */
	[SOURCE_JIT_ENABLE] = "/proc/sys/net/core/bpf_jit_enable",
	[SOURCE_JIT_HARDEN] = "/proc/sys/net/core/bpf_jit_harden",
	[SOURCE_JIT_LIMIT] = "/proc/sys/net/core/bpf_jit_limit",
	[SOURCE_POSSIBLE] = "/sys/devices/system/cpu/possible",
	[SOURCE_ONLINE] = "/sys/devices/system/cpu/online",
	[SOURCE_FTRACE] = "/proc/sys/kernel/ftrace_enabled",
	[SOURCE_KPROBES] = "/sys/kernel/debug/kprobes/enabled",
	[SOURCE_UNPRIVILEGED] = "/proc/sys/kernel/unprivileged_bpf_disabled",
	[SOURCE_PERF_PARANOID] = "/proc/sys/kernel/perf_event_paranoid",
	[SOURCE_KPTR_RESTRICT] = "/proc/sys/kernel/kptr_restrict",
	[SOURCE_STATUS] = "/proc/%s/status",
	[SOURCE_UID_MAP] = "/proc/%s/uid_map",
	[SOURCE_LIMITS] = "/proc/%s/limits",
	[SOURCE_MOUNTS] = "/proc/%s/mountinfo",
	[SOURCE_CGROUP] = "/proc/%s/cgroup",
	[SOURCE_LOCKDOWN] = "/sys/kernel/security/lockdown",
	[SOURCE_LSM] = "/sys/kernel/security/lsm",
	[SOURCE_BLACKLIST] = "/sys/kernel/debug/kprobes/blacklist",
	[SOURCE_BTF] = "/sys/kernel/btf/vmlinux",
	[SOURCE_BTF_DIRECTORY] = "/sys/kernel/btf",
	[SOURCE_FILESYSTEMS] = "/proc/filesystems",
	[SOURCE_DOCKER] = "/.dockerenv",
	[SOURCE_PODMAN] = "/run/.containerenv",
	[SOURCE_SYSTEMD_CONTAINER] = "/run/systemd/container",
	[SOURCE_INIT_ENVIRONMENT] = "/proc/1/environ",
	[SOURCE_PROCESSES] = "/proc",
};

const char *lade_doctor_source(const struct lade_doctor *doctor, enum doctor_source source, char *buffer, size_t size)
{
	/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): the table is ours */
	(void)snprintf(buffer, size, paths[source], doctor->process);
	return buffer;
}

int lade_doctor_path(const struct lade_doctor *doctor, const char *shown, char *buffer, size_t size)
{
	int length = snprintf(buffer, size, "%s%s", doctor->root, shown);

	return length >= 0 && (size_t)length < size ? 0 : -ENAMETOOLONG;
}

static char *read_all(int fd)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length = 0, capacity = 0;

	while (length < MOST_BYTES) {
		if (length + 1 >= capacity) {
			capacity = capacity ? 4 * capacity : 4096;
			char *grown = realloc(text, capacity);
			if (!grown)
				return NULL;
			text = grown;
		}
		ssize_t got = lade_read_whole(fd, text + length, capacity - length - 1);
		if (got < 0)
			return errno = (int)-got, NULL;
		length += (size_t)got;
		if (length + 1 < capacity)
			break;
	}
	while (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return TAKE(text);
}

char *lade_doctor_read_path(const struct lade_doctor *doctor, const char *shown)
{
	char path[PATH_MAX];

	if (lade_doctor_path(doctor, shown, path, sizeof path) < 0) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? NULL : read_all(fd);
}

/* What a file of /proc says of the kernel, uname(2) says without it. */
static char *read_name(enum doctor_source source)
{
	struct utsname name;

	if ((source != SOURCE_RELEASE && source != SOURCE_BUILD) || uname(&name) < 0)
		return NULL;
	return strdup(source == SOURCE_RELEASE ? name.release : name.version);
}

char *lade_doctor_read(const struct lade_doctor *doctor, enum doctor_source source)
{
	char shown[64], *text;

	text = lade_doctor_read_path(doctor, lade_doctor_source(doctor, source, shown, sizeof shown));
	return text || !doctor->lacks_proc ? text : read_name(source);
}

int lade_doctor_number(const struct lade_doctor *doctor, enum doctor_source source, long *ret_number)
{
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, source);
	char *end = NULL;

	if (!text)
		return -errno;
	errno = 0;
	long number = strtol(text, &end, 10);
	if (end == text || errno)
		return -EINVAL;
	*ret_number = number;
	return 0;
}
