/* SPDX-License-Identifier: BSD-2-Clause */
/* What the process may do: capabilities, seccomp, user namespace, locked memory. */
#include <limits.h>
#include <linux/bpf.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "doctor/doctor.h"

#define SECTION "privileges"

enum { SPLIT_VERSION = 5 << 16 | 8 << 8 };  /* CAP_BPF and CAP_PERFMON exist since 5.8 */
enum { MEMCG_VERSION = 5 << 16 | 11 << 8 }; /* RLIMIT_MEMLOCK no longer limits maps since 5.11 */
enum { SCOPE_VERSION = 5 << 16 | 19 << 8 }; /* before, unprivileged_bpf_disabled refused every command */

static const struct {
	int number;
	const char *name, *use;
} wanted[] = {
	{ CAPABILITY_BPF, "CAP_BPF", "every map and program but the simplest" },
	{ CAPABILITY_PERFMON, "CAP_PERFMON", "probes, tracepoints and whatever reads the kernel's memory" },
	{ CAPABILITY_NET_ADMIN, "CAP_NET_ADMIN", "XDP, traffic control, cgroups and other network programs" },
	{ CAPABILITY_SYS_ADMIN, "CAP_SYS_ADMIN", "ids and statistics of other programs, and everything before 5.8" },
};

static void put_set(struct lade_doctor *doctor, const char *status, const char *line, const char *name,
		    const char *source)
{
	struct strbuf names = { 0 };
	uint64_t set;

	if (!lade_doctor_status_number(status, line, 16, &set)) {
		lade_doctor_put(doctor, SECTION, name, LADE_FACT_UNKNOWN, source, "not known");
		return;
	}
	for (size_t i = 0; i < ELEMENTS(wanted); i++)
		if (lade_doctor_may(set, wanted[i].number))
			lade_strbuf_addf(&names, "%s%s", names.length ? " " : "", wanted[i].name);
	doctor->failed |= names.failed;
	lade_doctor_detail(doctor,
			   lade_doctor_put(doctor, SECTION, name, set ? LADE_FACT_GIVEN : LADE_FACT_ABSENT, source,
					   "%s",
					   names.length ? names.text
					   : set        ? "none for BPF"
							: "none"),
			   "%016llx", (unsigned long long)set);
	lade_strbuf_clear(&names);
}

static bool may(const struct lade_doctor *doctor, int number)
{
	uint64_t effective = doctor->who.effective;
	bool implied = number == CAPABILITY_BPF || number == CAPABILITY_PERFMON;

	return lade_doctor_may(effective, number) || (implied && lade_doctor_may(effective, CAPABILITY_SYS_ADMIN));
}

/* Before 5.8 CAP_SYS_ADMIN was what CAP_BPF and CAP_PERFMON are since. */
static bool matters(const struct lade_doctor *doctor, int number)
{
	bool old = doctor->version && doctor->version < SPLIT_VERSION;

	return number == CAPABILITY_NET_ADMIN || old == (number == CAPABILITY_SYS_ADMIN);
}

/* Without CAP_BPF nothing but socket filters goes, and those only where the sysctl lets them. */
static void judge_capability(struct lade_doctor *doctor, size_t index)
{
	int number = wanted[index].number;

	if (may(doctor, number) || !matters(doctor, number))
		return;
	bool essential = (number == CAPABILITY_BPF || number == CAPABILITY_SYS_ADMIN) && doctor->unprivileged != 0;
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, essential ? "doctor.capability.missing" : "doctor.capability.partly",
			      "%s is not effective", wanted[index].name);
	finding_cause(finding, "it is needed for: %s", wanted[index].use);
	finding_evidence(finding, "CapEff of /proc/%s/status is %016llx", doctor->process,
			 (unsigned long long)doctor->who.effective);
	finding_fix(finding, "run as root, or give the process %s", wanted[index].name);
}

static void judge_bounding(struct lade_doctor *doctor, const char *status)
{
	uint64_t bounding;

	if (!lade_doctor_status_number(status, "CapBnd", 16, &bounding) || lade_doctor_may(bounding, CAPABILITY_BPF) ||
	    lade_doctor_may(bounding, CAPABILITY_SYS_ADMIN))
		return;
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.capability.bounding",
			      "neither CAP_BPF nor CAP_SYS_ADMIN is in the bounding set: sudo and set-uid files cannot "
			      "bring them back");
	finding_evidence(finding, "CapBnd of /proc/%s/status is %016llx", doctor->process,
			 (unsigned long long)bounding);
}

static void put_capabilities(struct lade_doctor *doctor, const char *status, const char *source)
{
	put_set(doctor, status, "CapEff", "effective", source);
	put_set(doctor, status, "CapBnd", "bounding", source);
	put_set(doctor, status, "CapAmb", "ambient", source);
	if (!lade_doctor_status_number(status, "CapEff", 16, &doctor->who.effective))
		return;
	doctor->who.is_known = true;
	for (size_t i = 0; i < ELEMENTS(wanted); i++)
		judge_capability(doctor, i);
	judge_bounding(doctor, status);
}

/* ---- seccomp ---- */

/*
 * A command that no kernel has is EINVAL for everybody since 5.19, and before for those with CAP_BPF. EPERM then comes
 * from what looks at the call before the kernel does.
 */
static void ask_unknown_command(struct lade_doctor *doctor)
{
	uint64_t attr[8] = { 0 };

	if (!doctor->kernel || strcmp(doctor->process, "self") != 0 ||
	    (doctor->version < SCOPE_VERSION && !may(doctor, CAPABILITY_BPF)))
		return;
	int result = doctor->kernel->calls->bpf(doctor->kernel, 9999, attr, sizeof attr), size = -E2BIG;
	const bool is_denied = result == -EPERM || result == -EACCES;
	/* A filter may answer EINVAL, too; but the kernel looks at the size first. */
	if (!is_denied)
		size = doctor->kernel->calls->bpf(doctor->kernel, BPF_MAP_CREATE, attr, 1 << 20);
	if (!is_denied && (size == -E2BIG || size == -ENOSYS || size >= 0))
		return;
	struct lade_finding *finding = lade_note_add(&doctor->findings, "doctor.filtered",
						     "bpf(2) is refused before the kernel looks at the command");
	finding_confidence(finding, doctor->who.seccomp > 0 ? LADE_LIKELY : LADE_POSSIBLE);
	finding_cause(finding, doctor->who.seccomp > 0 ? "a seccomp filter refuses bpf(2)"
						       : "an LSM (SELinux, a BPF LSM program) refuses bpf(2)");
	if (is_denied)
		finding_evidence(finding, "a command that does not exist answers %s, and not EINVAL",
				 lade_errno_word(-result));
	else
		finding_evidence(finding, "a BPF_MAP_CREATE of 1 MiB of attributes answers %s, and not E2BIG",
				 lade_errno_word(-size));
	finding_evidence(finding, "Seccomp of /proc/self/status is %d", doctor->who.seccomp);
}

static void put_seccomp(struct lade_doctor *doctor, const char *status, const char *source)
{
	static const char *const words[] = { "none", "strict", "filter" };
	uint64_t mode, filters = 0;

	if (!lade_doctor_status_number(status, "Seccomp", 10, &mode) || mode >= ELEMENTS(words)) {
		lade_doctor_put(doctor, SECTION, "seccomp", LADE_FACT_UNKNOWN, source, "not known");
		return;
	}
	doctor->who.seccomp = (int)mode;
	struct doctor_fact *fact =
		lade_doctor_put(doctor, SECTION, "seccomp", LADE_FACT_GIVEN, source, "%s", words[mode]);
	if (lade_doctor_status_number(status, "Seccomp_filters", 10, &filters) && filters) /* since 5.9 */
		lade_doctor_detail(doctor, fact, "%llu", (unsigned long long)filters);
	ask_unknown_command(doctor);
}

/* ---- user namespace ---- */

static void put_namespace(struct lade_doctor *doctor)
{
	char source[64];

	(void)snprintf(source, sizeof source, "/proc/%s/ns/user", doctor->process);
	doctor->who.user_namespace = lade_doctor_user_namespace(doctor, doctor->process);
	if (doctor->who.user_namespace < 0) {
		lade_doctor_put(doctor, SECTION, "user namespace", LADE_FACT_UNKNOWN, source, "not known");
		return;
	}
	lade_doctor_put(doctor, SECTION, "user namespace", LADE_FACT_GIVEN, source, "%s",
			doctor->who.user_namespace ? "not the first one" : "the first one");
	if (!doctor->who.user_namespace)
		return;
	/* With a token it is a matter of what is delegated. */
	struct lade_finding *finding = lade_note_add(
		&doctor->findings, doctor->who.is_delegated ? "doctor.user-namespace.token" : "doctor.user-namespace",
		"the process is in a user namespace, whose capabilities bpf(2) does not accept");
	finding_evidence(finding, "%s is another than the first one", source);
}

/* ---- RLIMIT_MEMLOCK ---- */

static void judge_memlock(struct lade_doctor *doctor, const char *soft)
{
	if (strncmp(soft, "unlimited", 9) == 0 || !doctor->version || doctor->version >= MEMCG_VERSION)
		return;
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.memlock",
			      "locked memory is limited, and this kernel counts maps and programs");
	finding_evidence(finding, "Max locked memory of /proc/%s/limits is %.*s bytes", doctor->process,
			 (int)strcspn(soft, " "), soft);
}

static void put_memlock(struct lade_doctor *doctor)
{
	static const char line[] = "Max locked memory";
	char source[64];
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, SOURCE_LIMITS);
	const char *found = text ? strstr(text, line) : NULL;

	lade_doctor_source(doctor, SOURCE_LIMITS, source, sizeof source);
	if (!found) {
		lade_doctor_put(doctor, SECTION, "memlock", LADE_FACT_UNKNOWN, source, "not known");
		return;
	}
	found += strlen(line);
	found += strspn(found, " ");
	bool counts = doctor->version && doctor->version < MEMCG_VERSION;
	lade_doctor_detail(doctor,
			   lade_doctor_put(doctor, SECTION, "memlock", LADE_FACT_GIVEN, source, "%.*s",
					   (int)strcspn(found, " \n"), found),
			   "%s", counts ? "maps and programs count" : "does not matter since 5.11");
	judge_memlock(doctor, found);
}

void lade_doctor_privileges(struct lade_doctor *doctor)
{
	char source[64];
	CLEANUP(cleanup_free) char *status = lade_doctor_read(doctor, SOURCE_STATUS);

	lade_doctor_source(doctor, SOURCE_STATUS, source, sizeof source);
	put_capabilities(doctor, status ? status : "", source);
	put_seccomp(doctor, status ? status : "", source);
	put_namespace(doctor);
	put_memlock(doctor);
}
