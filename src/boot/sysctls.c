/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/sysctls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNPRIVILEGED "kernel/unprivileged_bpf_disabled"

/* Paths of a policy may be whole. */
static const char *below_sys(const char *path)
{
	size_t length = strlen(BOOT_SYSCTLS "/");

	return strncmp(path, BOOT_SYSCTLS "/", length) == 0 ? path + length : path;
}

/* "net.core.bpf_jit_enable" */
static const char *spelled(const char *path, char buffer[64])
{
	(void)snprintf(buffer, 64, "%s", path);
	for (char *byte = buffer; *byte; byte++)
		if (*byte == '/')
			*byte = '.';
	return buffer;
}

static int read_value(const char *proc_sys, const char *path, long *ret_value)
{
	char whole[512], text[32];

	(void)snprintf(whole, sizeof whole, "%s/%s", proc_sys, path);
	FILE *file = fopen(whole, "re");
	if (!file)
		return -errno;
	char *line = fgets(text, sizeof text, file);
	(void)fclose(file);
	if (!line)
		return -EIO;
	*ret_value = strtol(text, NULL, 10);
	return 0;
}

static int write_value(const char *proc_sys, const char *path, long value)
{
	char whole[512], text[32];

	(void)snprintf(whole, sizeof whole, "%s/%s", proc_sys, path);
	size_t length = (size_t)snprintf(text, sizeof text, "%ld\n", value);
	CLEANUP(cleanup_fd) int fd = open(whole, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t written = write(fd, text, length);
	return written < 0 ? -errno : (size_t)written == length ? 0 : -EIO;
}

static int change(const char *proc_sys, const char *path, long value, struct lade_error **error)
{
	char name[64];
	int r = write_value(proc_sys, path, value);

	return r == 0 ? 0
		      : lade_fail(error, -r, "boot.sysctl.write", "writing %ld to %s: %s", value, spelled(path, name),
				  strerror(-r));
}

/* What lets more people load is never written. */
static bool opens_up(const char *path)
{
	return strcmp(path, UNPRIVILEGED) == 0;
}

static void note_difference(const char *path, long value, long wanted, struct findings *notes)
{
	char name[64];
	struct lade_finding *finding =
		lade_note_add(notes, opens_up(path) ? "boot.sysctl.unprivileged" : "boot.sysctl.differs",
			      "%s is %ld; Android wants %ld", spelled(path, name), value, wanted);

	if (!opens_up(path))
		finding_fix(finding, "lade boot --sysctls, or sysctl -w %s=%ld", name, wanted);
}

static void note_absent(const char *path, int result, struct findings *notes)
{
	char name[64];
	struct lade_finding *finding = lade_note_add(notes, "boot.sysctl.absent", "there is no %s: %s",
						     spelled(path, name), strerror(-result));

	finding_cause(finding, "the kernel was built without %s",
		      strstr(path, "jit") ? "CONFIG_BPF_JIT, or its processor has no JIT" : "CONFIG_BPF_SYSCALL");
}

static int settle(const char *proc_sys, const struct boot_sysctl *sysctl, bool may_write, struct findings *notes,
		  struct lade_error **error)
{
	const char *path = below_sys(sysctl->path);
	char name[64];
	long value, wanted = strtol(sysctl->value, NULL, 10);
	int r = read_value(proc_sys, path, &value);

	if (r < 0) {
		note_absent(path, r, notes);
		return 0;
	}
	if (value == wanted)
		return 0;
	if (!may_write || opens_up(path)) {
		note_difference(path, value, wanted, notes);
		return 0;
	}
	r = change(proc_sys, path, wanted, sysctl->fatal ? error : NULL);
	if (r == 0)
		(void)lade_note_add(notes, "boot.sysctl.written", "%s was %ld and is %ld now", spelled(path, name),
				    value, wanted);
	else if (!sysctl->fatal)
		note_difference(path, value, wanted, notes);
	return sysctl->fatal ? r : 0;
}

int lade_boot_sysctls(const char *proc_sys, const struct boot_policy *policy, bool write, struct findings *notes,
		      struct lade_error **error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < policy->sysctl_count; i++)
		r = settle(proc_sys, &policy->sysctls[i], write, notes, error);
	return r;
}

int lade_boot_lock_down(const char *proc_sys, struct findings *notes, struct lade_error **error)
{
	long value;
	int r = read_value(proc_sys, UNPRIVILEGED, &value);

	if (r < 0)
		return lade_fail(error, -r, "boot.sysctl.write", "reading kernel.unprivileged_bpf_disabled: %s",
				 strerror(-r));
	if (value != 0)
		return 0;
	r = change(proc_sys, UNPRIVILEGED, 1, error);
	if (r == 0)
		(void)lade_note_add(
			notes, "boot.locked",
			"kernel.unprivileged_bpf_disabled is 1 now: until the next start of the machine only "
			"processes with CAP_BPF or CAP_SYS_ADMIN can load");
	return r;
}
