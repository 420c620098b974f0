/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel can do, by asking it for one thing after another. */
#include <linux/btf.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "btf/btf.h"
#include "doctor/doctor.h"
#include "kernel/probe.h"
#include "needs/table.h"

#define TYPES_MOST 64 /* types of programs: one bit each */

static const char *text(uint32_t offset)
{
	return lade_need_text + offset;
}

static void put_answer(struct lade_doctor *doctor, const char *section, const char *name, enum probe_answer answer)
{
	static const struct {
		enum lade_fact_state state;
		const char *value;
	} meanings[] = {
		[PROBE_NO] = { LADE_FACT_ABSENT, "no" },
		[PROBE_YES] = { LADE_FACT_GIVEN, "yes" },
		[PROBE_UNKNOWN] = { LADE_FACT_UNKNOWN, "not known" },
	};

	lade_doctor_put(doctor, section, name, meanings[answer].state, "bpf(2)", "%s", meanings[answer].value);
}

/* Those that can be loaded: a bit for each index into lade_need_programs. */
static uint64_t probe_programs(struct lade_doctor *doctor)
{
	uint64_t there = 0;

	for (size_t i = 0; i < lade_need_program_count && i < TYPES_MOST; i++) {
		if (!lade_need_programs[i].number)
			continue;
		enum probe_answer answer = lade_probe_program(doctor->kernel, lade_need_programs[i].number);
		put_answer(doctor, "program types", text(lade_need_programs[i].name), answer);
		there |= answer == PROBE_YES ? 1ULL << i : 0;
	}
	return there;
}

static void probe_maps(struct lade_doctor *doctor)
{
	for (size_t i = 0; i < lade_need_map_count; i++)
		if (lade_need_maps[i].number)
			put_answer(doctor, "map types", text(lade_need_maps[i].name),
				   lade_probe_map(doctor->kernel, lade_need_maps[i].number));
}

static void probe_kinds(struct lade_doctor *doctor)
{
	for (uint32_t kind = BTF_KIND_INT; lade_btf_kind_name(kind); kind++)
		put_answer(doctor, "btf kinds", lade_btf_kind_name(kind), lade_probe_btf_kind(doctor->kernel, kind));
}

static void probe_helper(struct lade_doctor *doctor, const struct need_fact *helper, uint64_t programs)
{
	struct strbuf names = { 0 };

	lade_strbuf_add(&names, "");
	for (size_t i = 0; i < lade_need_program_count && i < TYPES_MOST; i++)
		if (programs >> i & 1 &&
		    lade_probe_helper(doctor->kernel, lade_need_programs[i].number, helper->number) == PROBE_YES)
			lade_strbuf_addf(&names, "%s%s", names.length ? " " : "", text(lade_need_programs[i].name));
	doctor->failed |= names.failed;
	/* Types that are verified against a function of the kernel, and attach types, were not asked. */
	lade_doctor_put(doctor, "helpers", text(helper->name), names.length ? LADE_FACT_GIVEN : LADE_FACT_UNKNOWN,
			"bpf(2)", "%s", names.length ? names.text : "none of the types that were asked may call it");
	lade_strbuf_clear(&names);
}

/* A number beyond the last helper is asked of one type only. */
static void probe_helpers(struct lade_doctor *doctor, uint64_t programs)
{
	for (size_t i = 0; i < lade_need_helper_count; i++) {
		const struct need_fact *helper = &lade_need_helpers[i];
		if (lade_probe_helper_exists(doctor->kernel, helper->number))
			probe_helper(doctor, helper, programs);
		else
			lade_doctor_put(doctor, "helpers", text(helper->name), LADE_FACT_ABSENT, "bpf(2)",
					"no such helper");
	}
}

void lade_doctor_probed(struct lade_doctor *doctor)
{
	uint64_t programs = probe_programs(doctor);

	probe_maps(doctor);
	probe_kinds(doctor);
	probe_helpers(doctor, programs);
}
