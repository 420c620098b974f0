/* SPDX-License-Identifier: BSD-2-Clause */
/* What the machine forbids: sysctls, lockdown, LSMs, functions that no kprobe may touch. */
#include <stdio.h>

#include "doctor/doctor.h"

#define SECTION "security"

/* ---- sysctls ---- */

static bool put_number(struct lade_doctor *doctor, const char *name, enum doctor_source source,
		       const char *const *words, size_t count, long first, long *ret_value)
{
	char shown[64];
	long value;
	int result = lade_doctor_number(doctor, source, &value);

	lade_doctor_source(doctor, source, shown, sizeof shown);
	if (result < 0) {
		lade_doctor_put(doctor, SECTION, name, LADE_FACT_UNKNOWN, shown, "%s",
				doctor->lacks_proc  ? "not known"
				: result == -ENOENT ? "no such setting"
						    : strerror(-result));
		return false;
	}
	bool known = value >= first && value - first < (long)count;
	lade_doctor_detail(doctor, lade_doctor_put(doctor, SECTION, name, LADE_FACT_GIVEN, shown, "%ld", value), "%s",
			   known ? words[value - first] : "unknown");
	*ret_value = value;
	return true;
}

static void put_unprivileged(struct lade_doctor *doctor)
{
	static const char *const words[] = { "everybody may load socket filters",
					     "privileged only, until the next boot", "privileged only" };
	long value;

	if (!put_number(doctor, "unprivileged_bpf_disabled", SOURCE_UNPRIVILEGED, words, ELEMENTS(words), 0, &value))
		return;
	doctor->unprivileged = (int)value;
	if (value != 0)
		return;
	struct lade_finding *finding = lade_note_add(&doctor->findings, "doctor.unprivileged",
						     "every user may load BPF programs (socket filters)");
	finding_evidence(finding, "kernel.unprivileged_bpf_disabled is 0");
}

static void put_perf(struct lade_doctor *doctor)
{
	/* 3 and 4: Debian's and Android's. */
	static const char *const words[] = {
		"everything is allowed to everybody",     "no raw tracepoints for the unprivileged",
		"no events of CPUs for the unprivileged", "no events of the kernel for the unprivileged",
		"no perf events for the unprivileged",    "no perf events without CAP_PERFMON"
	};
	long value;

	(void)put_number(doctor, "perf_event_paranoid", SOURCE_PERF_PARANOID, words, ELEMENTS(words), -1, &value);
}

static void put_pointers(struct lade_doctor *doctor)
{
	static const char *const words[] = { "addresses are shown to the privileged",
					     "addresses are shown to those with CAP_SYSLOG", "no address is shown" };
	long value;

	if (!put_number(doctor, "kptr_restrict", SOURCE_KPTR_RESTRICT, words, ELEMENTS(words), 0, &value) || value < 2)
		return;
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, "doctor.kptr", "the kernel shows no address to anybody");
	finding_evidence(finding, "kernel.kptr_restrict is %ld", value);
}

/* ---- securityfs ---- */

/* Why a file of a file system cannot be seen. */
static const char *unseen(struct lade_doctor *doctor, const char *filesystem, const char *otherwise)
{
	const struct doctor_fact *fact = lade_doctor_find(doctor, "mounts", filesystem);

	if (!fact || fact->state == LADE_FACT_UNKNOWN)
		return "not known";
	if (fact->state == LADE_FACT_GIVEN)
		return otherwise;
	return strcmp(filesystem, "debugfs") == 0 ? "debugfs is not mounted" : "securityfs is not mounted";
}

static void put_unseen(struct lade_doctor *doctor, const char *name, const char *path)
{
	lade_doctor_put(doctor, SECTION, name, LADE_FACT_UNKNOWN, path, "%s",
			unseen(doctor, "securityfs", "no such file"));
}

static void judge_lockdown(struct lade_doctor *doctor, const char *mode)
{
	bool confidential = strcmp(mode, "confidentiality") == 0;

	if (!confidential && strcmp(mode, "integrity") != 0)
		return;
	struct lade_finding *finding = lade_note_add(
		&doctor->findings, confidential ? "doctor.lockdown.confidentiality" : "doctor.lockdown.integrity",
		"the kernel is locked down: %s", mode);
	finding_evidence(finding, "/sys/kernel/security/lockdown: [%s]", mode);
}

/* "none [integrity] confidentiality" */
static void put_lockdown(struct lade_doctor *doctor)
{
	static const char path[] = "/sys/kernel/security/lockdown";
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, SOURCE_LOCKDOWN);
	char *start = text ? strchr(text, '[') : NULL, *end = start ? strchr(start, ']') : NULL;

	if (!end) {
		put_unseen(doctor, "lockdown", path);
		return;
	}
	*end = '\0';
	lade_doctor_put(doctor, SECTION, "lockdown", LADE_FACT_GIVEN, path, "%s", start + 1);
	judge_lockdown(doctor, start + 1);
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == length && memcmp(list, word, length) == 0)
			return true;
	return false;
}

static void put_lsm(struct lade_doctor *doctor)
{
	static const char path[] = "/sys/kernel/security/lsm";
	const struct doctor_fact *option = lade_doctor_find(doctor, "config", "CONFIG_BPF_LSM");
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, SOURCE_LSM);

	if (!text) {
		put_unseen(doctor, "lsm", path);
		return;
	}
	lade_doctor_put(doctor, SECTION, "lsm", LADE_FACT_GIVEN, path, "%s", *text ? text : "none");
	if (has_word(text, "bpf") || !option || option->state != LADE_FACT_GIVEN)
		return;
	struct lade_finding *finding = lade_note_add(&doctor->findings, "doctor.lsm.inactive",
						     "LSM programs load and attach, and are never called");
	finding_evidence(finding, "%s is %s, without bpf, and CONFIG_BPF_LSM is set", path, text);
}

/* ---- the kprobe blacklist ---- */

static void put_blacklist(struct lade_doctor *doctor)
{
	static const char path[] = "/sys/kernel/debug/kprobes/blacklist";
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, SOURCE_BLACKLIST);
	int saved = errno;
	size_t count = text && *text;

	if (!text) {
		lade_doctor_put(doctor, SECTION, "kprobe blacklist", LADE_FACT_UNKNOWN, path, "%s",
				unseen(doctor, "debugfs", strerror(saved)));
		return;
	}
	for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n'))
		count++;
	lade_doctor_put(doctor, SECTION, "kprobe blacklist", LADE_FACT_GIVEN, path, "%zu functions", count);
}

/* ---- switches that stop what is attached, or keep it from being attached ---- */

static void put_switch(struct lade_doctor *doctor, const char *name, enum doctor_source source, const char *code)
{
	char shown[64];
	long value;

	if (lade_doctor_number(doctor, source, &value) < 0)
		return; /* not built in, or not to be seen: the configuration and the mounts say which */
	lade_doctor_source(doctor, source, shown, sizeof shown);
	lade_doctor_put(doctor, SECTION, name, LADE_FACT_GIVEN, shown, "%ld", value);
	if (value != 0)
		return;
	struct lade_finding *finding = lade_note_add(&doctor->findings, code, "%s is switched off", name);
	finding_evidence(finding, "%s is 0", shown);
}

void lade_doctor_security(struct lade_doctor *doctor)
{
	put_unprivileged(doctor);
	put_lockdown(doctor);
	put_lsm(doctor);
	put_perf(doctor);
	put_pointers(doctor);
	put_blacklist(doctor);
	put_switch(doctor, "ftrace", SOURCE_FTRACE, "doctor.ftrace");
	put_switch(doctor, "kprobes", SOURCE_KPROBES, "doctor.kprobes");
}
