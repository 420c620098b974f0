/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether bpf(2) is there: commands that cannot do anything, and what the kernel's lists say. */
#include "kernel/presence.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/bpf.h"
#include "kernel/config.h"

/*
 * Every one of them is refused by every kernel that has the system call: by what it is given, or for lack of privilege.
 * The bytes are all ones, so that descriptors and types are none, or all zero.
 */
static const struct {
	int command;
	const char *name;
	uint8_t byte;
	uint32_t bytes;
} commands[] = {
	{ BPF_MAP_CREATE, "BPF_MAP_CREATE", 0xff, 16 },           /* no such type */
	{ BPF_MAP_LOOKUP_ELEM, "BPF_MAP_LOOKUP_ELEM", 0xff, 32 }, /* descriptor -1, and so below */
	{ BPF_MAP_UPDATE_ELEM, "BPF_MAP_UPDATE_ELEM", 0xff, 32 },
	{ BPF_MAP_GET_NEXT_KEY, "BPF_MAP_GET_NEXT_KEY", 0xff, 24 },
	{ BPF_PROG_LOAD, "BPF_PROG_LOAD", 0, 48 }, /* no instructions */
	{ BPF_OBJ_GET, "BPF_OBJ_GET", 0, 16 },     /* no path */
	{ BPF_OBJ_GET_INFO_BY_FD, "BPF_OBJ_GET_INFO_BY_FD", 0xff, 16 },
	{ BPF_PROG_GET_NEXT_ID, "BPF_PROG_GET_NEXT_ID", 0xff, 8 }, /* nothing comes after the last id */
	{ BPF_MAP_GET_NEXT_ID, "BPF_MAP_GET_NEXT_ID", 0xff, 8 },
};

static void ask_commands(struct kernel *kernel, struct bpf_presence *presence)
{
	for (size_t i = 0; i < ELEMENTS(commands); i++) {
		uint64_t attr[32] = { 0 }; /* the log looks at whole structs */
		int result;

		memset(attr, commands[i].byte, commands[i].bytes);
		result = kernel->calls->bpf(kernel, commands[i].command, attr, commands[i].bytes);
		presence->asked++;
		presence->absent += result == -ENOSYS;
		if (result == -ENOSYS || presence->answered)
			continue;
		presence->answered = commands[i].name;
		presence->answer = result < 0 ? -result : 0;
	}
}

/* ---- what the kernel's lists say ---- */

static int has_filesystem(void)
{
	FILE *file = fopen("/proc/filesystems", "re");
	char line[128];
	bool found = false;

	if (!file)
		return -1;
	while (!found && fgets(line, sizeof line, file))
		found = strcmp(line, "nodev\tbpf\n") == 0;
	(void)fclose(file);
	return found;
}

static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The kernel makes it where it has a bpffs to be mounted there. Without sysfs nothing is learnt. */
static int has_directory(void)
{
	if (is_directory("/sys/fs/bpf"))
		return 1;
	return is_directory("/sys/kernel") ? 0 : -1;
}

static int seccomp_mode(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	int mode = -1;

	while (file && mode < 0 && fgets(line, sizeof line, file))
		if (strncmp(line, "Seccomp:", strlen("Seccomp:")) == 0)
			mode = (int)strtol(line + strlen("Seccomp:"), NULL, 10);
	if (file)
		(void)fclose(file);
	return mode;
}

static void ask_config(struct bpf_presence *presence)
{
	CLEANUP(cleanup_kernel_config) struct kernel_config *config = lade_kernel_config_new(NULL);
	CLEANUP(cleanup_lade_error) struct lade_error *error = NULL;
	const char *value;

	if (!config || lade_kernel_config_ask(config, "CONFIG_BPF_SYSCALL") < 0 ||
	    lade_kernel_config_find(config, NULL, &error) < 0 ||
	    !lade_kernel_config_knows(config, "CONFIG_BPF_SYSCALL") || !config->path)
		return;
	value = lade_kernel_config_value(config, "CONFIG_BPF_SYSCALL");
	presence->config = value && strcmp(value, "y") == 0;
	(void)snprintf(presence->config_file, sizeof presence->config_file, "%s", config->path);
}

void lade_kernel_presence(struct kernel *kernel, struct bpf_presence *ret_presence)
{
	struct bpf_presence presence = { .filesystem = -1, .directory = -1, .seccomp = -1, .config = -1 };

	if (!kernel->recorded_version) {
		ask_commands(kernel, &presence);
		presence.seccomp = seccomp_mode();
	}
	if (presence.absent) {
		presence.filesystem = has_filesystem();
		presence.directory = has_directory();
		ask_config(&presence);
	}
	*ret_presence = presence;
}

/* ---- what that means ---- */

static bool is_built(const struct bpf_presence *presence)
{
	return presence->absent < presence->asked || presence->filesystem == 1 || presence->directory == 1;
}

/* Nothing but what a filter can forge was to be seen. */
static bool is_uncertain(const struct bpf_presence *presence)
{
	return presence->filesystem < 0 && presence->directory < 0;
}

const char *lade_presence_code(const struct bpf_presence *presence)
{
	if (!presence->absent)
		return NULL;
	if (is_built(presence) || (is_uncertain(presence) && presence->seccomp > 0))
		return "kernel.bpf.filtered";
	return "kernel.bpf.absent";
}

static void add_answers(const struct bpf_presence *presence, struct lade_finding *finding)
{
	if (presence->absent == presence->asked)
		finding_evidence(finding, "bpf(2) answers ENOSYS to every command (%u of them were asked)",
				 presence->asked);
	else
		finding_evidence(finding, "bpf(2) answers ENOSYS to %u of %u commands; %s answers %s", presence->absent,
				 presence->asked, presence->answered,
				 presence->answer ? lade_errno_word(presence->answer) : "0");
}

static void add_evidence(const struct bpf_presence *presence, struct lade_finding *finding)
{
	add_answers(presence, finding);
	finding_evidence(finding, presence->filesystem == 1   ? "/proc/filesystems has a line bpf"
				  : presence->filesystem == 0 ? "/proc/filesystems has no line bpf"
							      : "/proc/filesystems cannot be read");
	if (presence->directory >= 0)
		finding_evidence(finding, presence->directory ? "the kernel made the directory /sys/fs/bpf"
							      : "the kernel made no directory /sys/fs/bpf");
	if (presence->config >= 0)
		finding_evidence(finding, "%s has %s", presence->config_file,
				 presence->config ? "CONFIG_BPF_SYSCALL=y" : "no CONFIG_BPF_SYSCALL");
	if (presence->seccomp >= 0)
		finding_evidence(finding, "Seccomp of /proc/self/status is %d: %s", presence->seccomp,
				 presence->seccomp ? "a filter sees every system call" : "no filter");
}

static void explain_filter(const struct bpf_presence *presence, struct lade_finding *finding)
{
	if (presence->seccomp > 0)
		finding_cause(finding, "a seccomp filter of this process answers in the kernel's place");
	else
		finding_cause(finding, "the kernel has bpf(2), and something else answers in its place");
	if (presence->seccomp <= 0 || is_uncertain(presence))
		finding_confidence(finding, LADE_LIKELY);
	finding_fix(finding, "allow bpf in the seccomp profile of the container or service (systemd: "
			     "SystemCallFilter=bpf; Docker: a profile with bpf, or --cap-add BPF)");
	finding_see(finding, "/proc/filesystems: a kernel without CONFIG_BPF_SYSCALL would have no line bpf there, and "
			     "no directory /sys/fs/bpf");
}

static void explain_absence(const struct bpf_presence *presence, struct lade_finding *finding)
{
	finding_cause(finding, "the kernel was built without CONFIG_BPF_SYSCALL, so bpf(2) itself is absent");
	finding_fix(finding, "build the kernel with CONFIG_BPF=y CONFIG_BPF_SYSCALL=y");
	if (is_uncertain(presence))
		finding_confidence(finding, LADE_LIKELY);
	finding_see(finding,
		    "/proc/self/status: had a seccomp filter answered ENOSYS instead, Seccomp would be 2 there, "
		    "/proc/filesystems would have a line bpf, and /sys/fs/bpf would exist");
}

void lade_presence_explain(const struct bpf_presence *presence, struct lade_finding *finding)
{
	const char *code = lade_presence_code(presence);

	if (!finding || !code)
		return;
	add_evidence(presence, finding);
	if (strcmp(code, "kernel.bpf.absent") == 0)
		explain_absence(presence, finding);
	else
		explain_filter(presence, finding);
}
