/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the file systems that BPF uses are mounted, and which ones they really are. */
#include <limits.h>
#include <stdio.h>

#include "doctor/doctor.h"

#define SECTION "mounts"

struct wanted {
	const char *name, *type;
	const char *paths[2];  /* the usual place first */
	const char *absent;    /* code of the finding; NULL: it is no fault */
	const char *other;     /* something else is seen there */
	const char *read_only; /* code */
};

static const struct wanted wanted[] = {
	{ "bpffs", "bpf", { "/sys/fs/bpf" }, "doctor.bpffs.missing", "doctor.bpffs.other", "doctor.bpffs.read-only" },
	{ "tracefs",
	  "tracefs",
	  { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" },
	  "doctor.tracefs.missing",
	  "doctor.tracefs.other",
	  NULL },
	{ "debugfs", "debugfs", { "/sys/kernel/debug" }, NULL, NULL, NULL },
	{ "securityfs", "securityfs", { "/sys/kernel/security" }, "doctor.securityfs.missing", NULL, NULL },
	{ "cgroup2", "cgroup2", { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" }, "doctor.cgroup2.missing", NULL, NULL },
};

/* At its places first, then anywhere; a mount that another one hides does not count. */
static const struct doctor_mount *find(const struct doctor_mounts *mounts, const struct wanted *want)
{
	for (size_t i = 0; i < ELEMENTS(want->paths) && want->paths[i]; i++) {
		const struct doctor_mount *mount = lade_doctor_mount_at(mounts, want->paths[i]);
		if (mount && strcmp(mount->type, want->type) == 0)
			return mount;
	}
	array_foreach(mount, mounts)
		if (strcmp(mount->type, want->type) == 0 && lade_doctor_mount_at(mounts, mount->path) == mount)
			return mount;
	return NULL;
}

static void judge_absence(struct lade_doctor *doctor, const struct wanted *want, const struct doctor_mount *other)
{
	struct lade_finding *finding;

	if (other && want->other) {
		finding = lade_note_add(&doctor->findings, want->other, "%s is no %s but a %s", want->paths[0],
					want->name, other->type);
	} else {
		if (!want->absent)
			return;
		finding = lade_note_add(&doctor->findings, want->absent, "%s is not mounted", want->name);
	}
	finding_evidence(finding, "/proc/%s/mountinfo lists no file system of type %s", doctor->process, want->type);
}

static void put_absent(struct lade_doctor *doctor, const struct wanted *want, const struct doctor_mounts *mounts,
		       const char *source)
{
	const struct doctor_mount *other = lade_doctor_mount_at(mounts, want->paths[0]);

	if (other && want->other)
		lade_doctor_put(doctor, SECTION, want->name, LADE_FACT_ABSENT, source, "not mounted; %s is a %s",
				want->paths[0], other->type);
	else
		lade_doctor_put(doctor, SECTION, want->name, LADE_FACT_ABSENT, source, "not mounted");
	judge_absence(doctor, want, other);
}

static void put_mount(struct lade_doctor *doctor, const struct wanted *want, const struct doctor_mounts *mounts,
		      const char *source)
{
	const struct doctor_mount *mount = find(mounts, want);

	if (!mount) {
		put_absent(doctor, want, mounts, source);
		return;
	}
	struct doctor_fact *fact =
		lade_doctor_put(doctor, SECTION, want->name, LADE_FACT_GIVEN, source, "%s", mount->path);
	if (mount->read_only)
		lade_doctor_detail(doctor, fact, "read-only");
	if (!mount->read_only || !want->read_only)
		return;
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, want->read_only, "%s is mounted read-only", mount->path);
	finding_evidence(finding, "/proc/%s/mountinfo", doctor->process);
}

/* "delegate_cmds=any,delegate_maps=…" since 6.9 */
static void put_delegation(struct lade_doctor *doctor, const struct doctor_mounts *mounts, const char *source)
{
	array_foreach(mount, mounts) {
		const char *options = strcmp(mount->type, "bpf") == 0 ? strstr(mount->options, "delegate_cmds") : NULL;
		if (!options)
			continue;
		doctor->who.is_delegated = true;
		lade_doctor_put(doctor, SECTION, "delegation", LADE_FACT_GIVEN, source, "%s: %s", mount->path, options);
		return;
	}
}

static void put_old_cgroups(struct lade_doctor *doctor, const struct doctor_mounts *mounts, const char *source)
{
	size_t count = 0;

	array_foreach(mount, mounts)
		count += strcmp(mount->type, "cgroup") == 0;
	if (count)
		lade_doctor_put(doctor, SECTION, "cgroup (v1)", LADE_FACT_GIVEN, source, "%zu hierarchies", count);
}

void lade_doctor_mounted(struct lade_doctor *doctor)
{
	char source[64];
	struct doctor_mounts mounts = { 0 };
	CLEANUP(cleanup_free) char *text = lade_doctor_read(doctor, SOURCE_MOUNTS);

	lade_doctor_source(doctor, SOURCE_MOUNTS, source, sizeof source);
	if (!text) {
		for (size_t i = 0; i < ELEMENTS(wanted); i++)
			lade_doctor_put(doctor, SECTION, wanted[i].name, LADE_FACT_UNKNOWN, source, "not known");
		return;
	}
	if (lade_doctor_mounts_parse(text, &mounts) < 0) {
		doctor->failed = true;
	} else {
		for (size_t i = 0; i < ELEMENTS(wanted); i++)
			put_mount(doctor, &wanted[i], &mounts, source);
		put_old_cgroups(doctor, &mounts, source);
		put_delegation(doctor, &mounts, source);
	}
	lade_doctor_mounts_clear(&mounts);
}
