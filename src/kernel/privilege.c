/* SPDX-License-Identifier: BSD-2-Clause */
/* Why the kernel said EPERM: what /proc tells about this process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "kernel/kernel.h"

#define CAPABILITY(number) (1ULL << (number))

enum { NET_ADMIN = 12, SYS_ADMIN = 21, SYS_RESOURCE = 24, PERFMON = 38, BPF = 39 };
enum { CAPABILITY_VERSION = 5 << 16 | 8 << 8 }; /* CAP_BPF and CAP_PERFMON exist since 5.8 */
enum { MEMCG_VERSION = 5 << 16 | 11 << 8 };     /* RLIMIT_MEMLOCK no longer limits maps since 5.11 */

static const struct {
	int number;
	const char *name;
} wanted[] = {
	{ BPF, "CAP_BPF" },
	{ PERFMON, "CAP_PERFMON" },
	{ NET_ADMIN, "CAP_NET_ADMIN" },
	{ SYS_ADMIN, "CAP_SYS_ADMIN" },
};

struct privilege {
	uint64_t capabilities;
	int seccomp;      /* 0 none, 1 strict, 2 filter; -1 unknown */
	int unprivileged; /* the sysctl; -1 unknown */
	bool user_namespace;
};

/* Value of "Name:\t…" in /proc/self/status. */
static bool status_line(const char *line, const char *name, int base, uint64_t *ret_value)
{
	size_t length = strlen(name);
	if (strncmp(line, name, length) != 0 || line[length] != ':')
		return false;
	*ret_value = strtoull(line + length + 1, NULL, base);
	return true;
}

static void read_status(struct privilege *privilege)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[512];
	uint64_t value;
	while (file && fgets(line, sizeof line, file)) {
		if (status_line(line, "CapEff", 16, &value))
			privilege->capabilities = value;
		if (status_line(line, "Seccomp", 10, &value))
			privilege->seccomp = (int)value;
	}
	if (file)
		(void)fclose(file);
}

static int read_sysctl(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[32];
	int value = -1;
	if (file && fgets(line, sizeof line, file))
		value = (int)strtol(line, NULL, 10);
	if (file)
		(void)fclose(file);
	return value;
}

/* The first user namespace maps all of 0…4294967294 to itself. */
static bool in_user_namespace(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	char line[128];
	unsigned long long numbers[3] = { 0, 0, UINT32_MAX };
	if (file && fgets(line, sizeof line, file)) {
		char *text = line;
		for (size_t i = 0; i < ELEMENTS(numbers); i++)
			numbers[i] = strtoull(text, &text, 10);
	}
	if (file)
		(void)fclose(file);
	return numbers[0] != 0 || numbers[1] != 0 || numbers[2] != UINT32_MAX;
}

static struct privilege read_privilege(void)
{
	struct privilege privilege = { .seccomp = -1 };
	read_status(&privilege);
	privilege.unprivileged = read_sysctl("/proc/sys/kernel/unprivileged_bpf_disabled");
	privilege.user_namespace = in_user_namespace();
	return privilege;
}

static bool has(const struct privilege *privilege, int capability)
{
	return privilege->capabilities & CAPABILITY(capability);
}

/* "CAP_BPF, CAP_PERFMON" of those that neither are there nor implied; NULL when none is missing. */
static char *missing_names(struct kernel *kernel, const struct privilege *privilege)
{
	struct strbuf names = { 0 };
	bool old = lade_kernel_version(kernel) < CAPABILITY_VERSION;
	for (size_t i = 0; i < ELEMENTS(wanted); i++) {
		bool implied = wanted[i].number != NET_ADMIN && has(privilege, SYS_ADMIN);
		bool unknown = old && wanted[i].number >= PERFMON;
		bool optional = !old && wanted[i].number == SYS_ADMIN;
		if (has(privilege, wanted[i].number) || implied || unknown || optional)
			continue;
		lade_strbuf_addf(&names, "%s%s", names.length ? ", " : "", wanted[i].name);
	}
	return names.length ? lade_strbuf_take(&names) : NULL;
}

static void add_evidence(struct lade_finding *finding, const struct privilege *privilege, const char *missing)
{
	finding_evidence(finding, "CapEff of /proc/self/status is %016llx: %s%s",
			 (unsigned long long)privilege->capabilities, missing ? "without " : "nothing is missing",
			 missing ? missing : "");
	if (privilege->unprivileged >= 0)
		finding_evidence(finding, "kernel.unprivileged_bpf_disabled is %d", privilege->unprivileged);
	if (privilege->seccomp > 0)
		finding_evidence(finding, "Seccomp of /proc/self/status is %d: a filter sees every system call",
				 privilege->seccomp);
	if (privilege->user_namespace)
		finding_evidence(finding, "/proc/self/uid_map shows a user namespace, whose capabilities bpf(2) "
					  "does not accept");
}

/* Everything that is needed is there, and yet: what else refuses. */
static void explain_policy(struct kernel *kernel, struct lade_finding *finding, const struct privilege *privilege)
{
	if (lade_kernel_version(kernel) < MEMCG_VERSION) {
		finding_cause(finding, "the limit of locked memory (RLIMIT_MEMLOCK) is used up, or a policy refuses");
		finding_fix(finding, "ulimit -l unlimited; else ask the policy (seccomp, SELinux, lockdown)");
		return;
	}
	finding_cause(finding, privilege->seccomp > 0 ? "a seccomp filter or another policy of this machine refuses"
						      : "a policy of this machine (SELinux, lockdown, an LSM) refuses");
	finding_fix(finding, privilege->seccomp > 0
				     ? "allow bpf and perf_event_open in the container's seccomp profile"
				     : "look for the denial in the audit log; cat /sys/kernel/security/lockdown");
	finding_confidence(finding, LADE_LIKELY);
}

void lade_kernel_explain_privilege(struct kernel *kernel, struct lade_finding *finding)
{
	if (!finding || kernel->recorded_version)
		return;
	struct privilege privilege = read_privilege();
	CLEANUP(cleanup_free) char *missing = missing_names(kernel, &privilege);
	add_evidence(finding, &privilege, missing);
	if (privilege.user_namespace) {
		finding_cause(finding, "this process runs in a user namespace (a rootless container)");
		finding_fix(
			finding,
			"run it in the machine's own user namespace, as root or with %s; or give it a BPF token (since "
			"6.9): --token BPFFS",
			missing ? missing : "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
		return;
	}
	if (!missing) {
		explain_policy(kernel, finding, &privilege);
		return;
	}
	finding_cause(finding, "this process lacks %s", missing);
	finding_fix(finding, "run as root, or give it %s", missing);
}
