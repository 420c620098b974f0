/* SPDX-License-Identifier: BSD-2-Clause */
/* What an object needs, held against the facts. */
#include <stdio.h>

#include "doctor/doctor.h"
#include "kernel/probe.h"
#include "needs/needs.h"
#include "needs/table.h"

#define SECTION "needs"

static bool put_need(struct lade_doctor *doctor, const struct lade_need_info *need, enum lade_fact_state state,
		     const char *source, const char *value)
{
	if (lade_doctor_find(doctor, SECTION, need->name)) /* of an object before; its finding is there as well */
		return false;
	lade_doctor_detail(doctor, lade_doctor_put(doctor, SECTION, need->name, state, source, "%s", value), "%s",
			   need->reason ? need->reason : "");
	return true;
}

static void add_who(struct lade_finding *finding, const struct lade_need_info *need)
{
	for (size_t i = 0; i < need->who_count; i++)
		finding_evidence(finding, "needed by %s", need->who[i]);
}

/* ---- options ---- */

static void lack_option(struct lade_doctor *doctor, const struct lade_need_info *need)
{
	struct lade_finding *finding =
		lade_note_add(&doctor->findings, need->to_attach ? "doctor.needs.config-attach" : "doctor.needs.config",
			      "the kernel was built without %s", need->name);

	/* Which option guards a feature can differ between versions. */
	finding_confidence(finding, LADE_LIKELY);
	finding_cause(finding, "%s", need->reason);
	finding_evidence(finding, "%s does not set it", doctor->config->path);
	add_who(finding, need);
	finding_fix(finding, "build the kernel with %s", need->name);
}

static void compare_option(struct lade_doctor *doctor, const struct lade_need_info *need)
{
	const char *value = doctor->config ? lade_kernel_config_value(doctor->config, need->name) : NULL;

	if (value && strcmp(value, "n") != 0) {
		(void)put_need(doctor, need, LADE_FACT_GIVEN, doctor->config->path, value);
	} else if (!doctor->config || !doctor->config->path || !lade_kernel_config_option(doctor->config, need->name)) {
		(void)put_need(doctor, need, LADE_FACT_UNKNOWN, "the kernel's configuration", "not known");
	} else if (put_need(doctor, need, LADE_FACT_ABSENT, doctor->config->path, "not set")) {
		lack_option(doctor, need);
	}
}

/* ---- capabilities ---- */

static int capability_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {
		{ "CAP_BPF", CAPABILITY_BPF },
		{ "CAP_PERFMON", CAPABILITY_PERFMON },
		{ "CAP_NET_ADMIN", CAPABILITY_NET_ADMIN },
		{ "CAP_SYS_ADMIN", CAPABILITY_SYS_ADMIN },
	};

	for (size_t i = 0; i < ELEMENTS(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].number;
	return -1;
}

static bool may(const struct lade_doctor *doctor, const struct lade_need_info *need, int number)
{
	uint32_t since = need->since ? lade_doctor_version(need->since) : 0;
	bool all = lade_doctor_may(doctor->who.effective, CAPABILITY_SYS_ADMIN);

	if (doctor->version && doctor->version < since)
		return all;
	if (number == CAPABILITY_BPF || number == CAPABILITY_PERFMON)
		return all || lade_doctor_may(doctor->who.effective, number);
	return lade_doctor_may(doctor->who.effective, number);
}

static void compare_capability(struct lade_doctor *doctor, const struct lade_need_info *need)
{
	int number = capability_number(need->name);

	if (number < 0 || !doctor->who.is_known) {
		(void)put_need(doctor, need, LADE_FACT_UNKNOWN, "/proc/self/status", "not known");
		return;
	}
	if (may(doctor, need, number)) {
		(void)put_need(doctor, need, LADE_FACT_GIVEN, "/proc/self/status", "effective");
		return;
	}
	if (!put_need(doctor, need, LADE_FACT_ABSENT, "/proc/self/status", "not effective"))
		return;
	struct lade_finding *finding = lade_note_add(&doctor->findings, "doctor.needs.capability",
						     "the object needs %s, which is not effective", need->name);
	finding_evidence(finding, "CapEff of /proc/%s/status is %016llx", doctor->process,
			 (unsigned long long)doctor->who.effective);
	add_who(finding, need);
	finding_fix(finding, "run as root, or give the process %s", need->name);
}

/* ---- versions: by mainline's tables, and distributions backport; types are tried, which counts more ---- */

static const char *text(uint32_t offset)
{
	return lade_need_text + offset;
}

static uint32_t find_type(const struct need_fact *facts, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(text(facts[i].name), name) == 0)
			return facts[i].number;
	return 0;
}

/* "programs of type xdp", "maps of type ringbuf" are what needs/collect.c gives as reasons. */
static enum probe_answer measure(const struct lade_doctor *doctor, const char *reason)
{
	static const char programs[] = "programs of type ", maps[] = "maps of type ";

	if (!doctor->kernel || strcmp(doctor->process, "self") != 0 || !reason)
		return PROBE_UNKNOWN;
	if (strncmp(reason, programs, strlen(programs)) == 0) {
		uint32_t type = find_type(lade_need_programs, lade_need_program_count, reason + strlen(programs));
		return type ? lade_probe_program(doctor->kernel, type) : PROBE_UNKNOWN;
	}
	if (strncmp(reason, maps, strlen(maps)) == 0) {
		uint32_t type = find_type(lade_need_maps, lade_need_map_count, reason + strlen(maps));
		return type ? lade_probe_map(doctor->kernel, type) : PROBE_UNKNOWN;
	}
	return PROBE_UNKNOWN;
}

static void lack_version(struct lade_doctor *doctor, const struct lade_need_info *need, enum probe_answer answer)
{
	bool below = need->kind == LADE_NEED_KERNEL_BELOW, measured = answer == PROBE_NO;
	const char *reason = need->reason ? need->reason : "the object says so";
	const struct doctor_fact *release = lade_doctor_find(doctor, "kernel", "release");
	const char *code = need->left_out    ? "doctor.needs.left-out"
			   : need->to_attach ? "doctor.needs.kernel-attach"
			   : measured        ? "doctor.needs.type"
					     : "doctor.needs.kernel";
	struct lade_finding *finding =
		measured ? lade_note_add(&doctor->findings, code, "the kernel has no %s", reason)
			 : lade_note_add(&doctor->findings, code, "the object needs a kernel %s %s: %s",
					 below ? "before" : "from", need->name, reason);

	if (!measured)
		finding_confidence(finding, LADE_LIKELY);
	if (measured)
		finding_evidence(finding, "the smallest one was refused");
	finding_evidence(finding, "the kernel is %s; mainline has this since %s",
			 release ? release->value : "not known", need->name);
	add_who(finding, need);
}

static void compare_version(struct lade_doctor *doctor, const struct lade_need_info *need)
{
	bool below = need->kind == LADE_NEED_KERNEL_BELOW;
	char window[64];
	const char *name = need->reason;
	uint32_t wanted = lade_doctor_version(need->name);
	enum probe_answer answer = below ? PROBE_UNKNOWN : measure(doctor, need->reason);
	enum lade_fact_state state = answer == PROBE_YES                   ? LADE_FACT_GIVEN
				     : answer == PROBE_NO                  ? LADE_FACT_ABSENT
				     : !doctor->version                    ? LADE_FACT_UNKNOWN
				     : (doctor->version < wanted) == below ? LADE_FACT_GIVEN
									   : LADE_FACT_ABSENT;

	if (!name || !*name || strcmp(name, "the object says so") == 0) { /* several windows have the same reason */
		(void)snprintf(window, sizeof window, "a kernel %s %s", below ? "before" : "from", need->name);
		name = window;
	}
	if (lade_doctor_find(doctor, SECTION, name))
		return;
	lade_doctor_detail(doctor,
			   lade_doctor_put(doctor, SECTION, name, state,
					   answer == PROBE_UNKNOWN ? "/proc/sys/kernel/osrelease" : "bpf(2)", "%s",
					   state == LADE_FACT_GIVEN    ? "there"
					   : state == LADE_FACT_ABSENT ? "not there"
								       : "not known"),
			   "%s %s%s", below ? "before" : "since", need->name, answer == PROBE_UNKNOWN ? "" : "; tried");
	if (state == LADE_FACT_ABSENT)
		lack_version(doctor, need, answer);
}

static void (*const by_kind[])(struct lade_doctor *doctor, const struct lade_need_info *need) = {
	[LADE_NEED_CONFIG] = compare_option,
	[LADE_NEED_CAPABILITY] = compare_capability,
	[LADE_NEED_KERNEL] = compare_version,
	[LADE_NEED_KERNEL_BELOW] = compare_version,
};

int lade_doctor_compare(struct lade_doctor *doctor, const struct lade_object *object, struct lade_error **error)
{
	CLEANUP(cleanup_lade_needs) struct lade_needs *needs = lade_needs_new();

	if (!needs || lade_needs_add(needs, object) < 0)
		return lade_fail_memory(error);
	for (size_t i = 0; i < lade_needs_count(needs); i++) {
		struct lade_need_info need = { .size = sizeof need };
		if (lade_needs_get(needs, i, &need) == 0 && (size_t)need.kind < ELEMENTS(by_kind))
			by_kind[need.kind](doctor, &need);
	}
	lade_doctor_compare_locked(doctor, object);
	lade_doctor_compare_refused(doctor, object);
	return doctor->failed ? lade_fail_memory(error) : 0;
}
