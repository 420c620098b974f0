/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/gate_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FIRST_USER_NAMESPACE 0xEFFFFFFDU /* inode of the machine's own: PROC_USER_INIT_INO */
#define SECURITYFS_KIND      0x73636673  /* SECURITYFS_MAGIC */

/* As much of a file as fits, as a string without the newlines at its end; false: it cannot be read. */
static bool read_text(const char *path, char *buffer, size_t size)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, buffer, size - 1);

	if (length < 0)
		return false;
	while (length > 0 && (buffer[length - 1] == '\n' || buffer[length - 1] == '\0'))
		length--;
	buffer[length] = '\0';
	return true;
}

static int read_number(const char *path, int otherwise)
{
	char text[32];

	return read_text(path, text, sizeof text) ? (int)strtol(text, NULL, 10) : otherwise;
}

/* The number behind "name:" at the start of a line. */
static bool find_number(const char *text, const char *name, int base, uint64_t *ret_number)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, name, length) == 0 && line[length] == ':') {
			*ret_number = strtoull(line + length + 1, NULL, base);
			return true;
		}
	return false;
}

/* ---- this process ---- */

static void read_status(struct gate_facts *facts)
{
	char text[4096];
	uint64_t number;

	if (!read_text("/proc/thread-self/status", text, sizeof text) &&
	    !read_text("/proc/self/status", text, sizeof text))
		return;
	facts->knows_capabilities =
		find_number(text, "CapEff", 16, &facts->effective) && find_number(text, "CapBnd", 16, &facts->bounding);
	if (find_number(text, "Seccomp", 10, &number))
		facts->seccomp = (int)number;
}

/* The link tells for certain; the mapping alone can look like that of the first namespace. */
static int find_user_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/user", &status) < 0 ? -1 : status.st_ino != FIRST_USER_NAMESPACE;
}

static uint64_t find_memlock(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

/* ---- policies ---- */

void lade_gate_lockdown(const char *text, char *mode, size_t size)
{
	const char *start = strchr(text, '['), *end = start ? strchr(start, ']') : NULL;
	size_t length = end ? (size_t)(end - start - 1) : 0;

	*mode = '\0';
	if (!end || length >= size)
		return;
	memcpy(mode, start + 1, length);
	mode[length] = '\0';
}

static void read_policies(struct gate_facts *facts)
{
	struct statfs status;
	char text[128];

	facts->has_securityfs = statfs("/sys/kernel/security", &status) == 0 && status.f_type == SECURITYFS_KIND;
	if (read_text("/sys/kernel/security/lockdown", text, sizeof text))
		lade_gate_lockdown(text, facts->lockdown, sizeof facts->lockdown);
	if (!read_text("/sys/kernel/security/lsm", facts->modules, sizeof facts->modules))
		facts->modules[0] = '\0';
	if (!read_text("/proc/self/attr/current", facts->label, sizeof facts->label))
		facts->label[0] = '\0';
	facts->enforcing = read_number("/sys/fs/selinux/enforce", -1);
}

/* ---- tokens ---- */

static bool find_bits(const char *text, const char *name, uint64_t *ret_bits)
{
	const char *line = strstr(text, name);

	if (!line)
		return false;
	line += strlen(name);
	line += strspn(line, ":\t ");
	*ret_bits = strncmp(line, "any", 3) == 0 ? UINT64_MAX : strtoull(line, NULL, 16);
	return true;
}

bool lade_gate_delegation(const char *fdinfo, struct gate_delegation *ret_delegation)
{
	struct gate_delegation delegation;

	if (!find_bits(fdinfo, "allowed_cmds", &delegation.commands) ||
	    !find_bits(fdinfo, "allowed_maps", &delegation.maps) ||
	    !find_bits(fdinfo, "allowed_progs", &delegation.programs) ||
	    !find_bits(fdinfo, "allowed_attachs", &delegation.attachs))
		return false;
	*ret_delegation = delegation;
	return true;
}

static void read_token(struct kernel *kernel, struct gate_facts *facts)
{
	char path[64], text[1024];

	facts->token = atomic_load(&kernel->token);
	if (facts->token <= 0)
		return;
	(void)snprintf(path, sizeof path, "/proc/self/fdinfo/%d", facts->token);
	facts->knows_delegation = read_text(path, text, sizeof text) && lade_gate_delegation(text, &facts->delegation);
}

/* ---- what only the kernel can answer ---- */

enum { CANARY_BYTES = 1 << 20 }; /* more than any page: the kernel refuses it before it looks at anything else */

/*
 * The same command with more bytes than bpf(2) takes: E2BIG is the kernel's first word, before LSMs and capabilities
 * (kernels up to 5.18 look at the sysctl still earlier). Who answers otherwise stands before the kernel.
 */
static int ask_bpf(struct kernel *kernel, int command)
{
	uint64_t nothing[64] = { 0 }; /* not looked at by the kernel, but by whoever logs calls */
	int result = kernel->calls->bpf(kernel, command, nothing, CANARY_BYTES);

	return result < 0 ? -result : 0;
}

/* A flag that no kernel knows is what perf_event_open(2) looks at first. */
static int ask_perf(struct kernel *kernel)
{
	struct perf_event_attr attr = { .size = sizeof attr };
	int result = kernel->calls->perf_event_open(kernel, &attr, 0, -1, -1, 1UL << 30);

	if (result >= 0)
		(void)close(result);
	return result < 0 ? -result : 0;
}

static int ask(struct kernel *kernel, const struct denied_call *call)
{
	if (call->command >= 0)
		return ask_bpf(kernel, call->command);
	return strcmp(call->name, "perf_event_open") == 0 ? ask_perf(kernel) : 0;
}

static int ask_smaller(struct kernel *kernel, const struct denied_call *call)
{
	int result;

	if (!call->smaller)
		return 1;
	result = call->smaller(kernel, call->data);
	if (result > 0)
		(void)close(result);
	return result < 0 ? result : 0;
}

void lade_gate_facts(struct kernel *kernel, const struct denied_call *call, struct gate_facts *ret_facts)
{
	struct gate_facts facts = {
		.version = lade_kernel_version(kernel), .seccomp = -1, .uid = geteuid(), .smaller = 1
	};

	read_status(&facts);
	facts.has_finer = read_number("/proc/sys/kernel/cap_last_cap", GATE_BPF) >= GATE_BPF;
	facts.unprivileged = read_number("/proc/sys/kernel/unprivileged_bpf_disabled", -1);
	facts.paranoid = read_number("/proc/sys/kernel/perf_event_paranoid", INT_MIN);
	facts.user_namespace = find_user_namespace();
	facts.memlock = find_memlock();
	read_policies(&facts);
	read_token(kernel, &facts);
	facts.canary = ask(kernel, call);
	if (call->is_charged && facts.memlock != UINT64_MAX && facts.version < LADE_CHARGED_TO_CGROUPS)
		facts.smaller = ask_smaller(kernel, call);
	*ret_facts = facts;
}
