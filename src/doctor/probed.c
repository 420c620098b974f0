/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel can do, by asking it for one thing after another. */
#include <linux/btf.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "btf/btf.h"
#include "doctor/doctor.h"
#include "doctor/forms.h"
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

/* Answers about types of programs: a bit for each index into lade_need_programs. */
struct programs {
	uint64_t there; /* can be loaded */
	uint64_t given; /* or may be: refused for lack of privilege */
};

static struct programs probe_programs(struct lade_doctor *doctor)
{
	struct programs programs = { 0 };

	for (size_t i = 0; i < lade_need_program_count && i < TYPES_MOST; i++) {
		if (!lade_need_programs[i].number)
			continue;
		enum probe_answer answer = lade_probe_program(doctor->kernel, lade_need_programs[i].number);
		put_answer(doctor, "program types", text(lade_need_programs[i].name), answer);
		programs.there |= answer == PROBE_YES ? 1ULL << i : 0;
		programs.given |= answer != PROBE_NO ? 1ULL << i : 0;
	}
	return programs;
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

static void probe_attaches(struct lade_doctor *doctor, const struct probe_targets *targets)
{
	for (size_t i = 0; i < lade_need_attach_count; i++)
		put_answer(doctor, "attach types", text(lade_need_attachs[i].name),
			   lade_probe_attach(doctor->kernel, targets, lade_need_attachs[i].number));
}

static void probe_links(struct lade_doctor *doctor, const struct probe_targets *targets)
{
	for (uint32_t type = 1; lade_probe_link_name(type); type++)
		put_answer(doctor, "link types", lade_probe_link_name(type),
			   lade_probe_link(doctor->kernel, targets, type));
}

static void probe_features(struct lade_doctor *doctor)
{
	for (size_t i = 0; i < lade_probe_feature_count(); i++)
		put_answer(doctor, "features", lade_probe_feature_name(i), lade_probe_feature(doctor->kernel, i));
}

/* ---- helpers ---- */

/* In any form of the type. */
static enum probe_answer ask_helper(struct lade_doctor *doctor, const struct probe_forms *forms, uint32_t type,
				    uint32_t helper)
{
	enum probe_answer answer = lade_probe_helper(doctor->kernel, type, helper);

	for (size_t i = 0; answer != PROBE_YES && i < forms->count; i++) {
		if (forms->items[i].type != type)
			continue;
		enum probe_answer other = lade_probe_helper_of(doctor->kernel, &forms->items[i], helper);
		answer = other == PROBE_UNKNOWN ? answer : other;
	}
	return answer;
}

static void add_word(struct strbuf *words, const char *word)
{
	lade_strbuf_addf(words, "%s%s", words->length ? " " : "", word);
}

static void probe_helper(struct lade_doctor *doctor, const struct need_fact *helper, const struct programs *programs,
			 const struct probe_forms *forms)
{
	struct strbuf names = { 0 }, unasked = { 0 };

	lade_strbuf_add(&names, "");
	lade_strbuf_add(&unasked, "");
	for (size_t i = 0; i < lade_need_program_count && i < TYPES_MOST; i++) {
		const char *name = text(lade_need_programs[i].name);
		if (!(programs->given >> i & 1))
			continue;
		enum probe_answer answer =
			programs->there >> i & 1
				? ask_helper(doctor, forms, lade_need_programs[i].number, helper->number)
				: PROBE_UNKNOWN;
		if (answer != PROBE_NO)
			add_word(answer == PROBE_YES ? &names : &unasked, name);
	}
	doctor->failed |= names.failed || unasked.failed;
	struct doctor_fact *fact = lade_doctor_put(
		doctor, "helpers", text(helper->name), names.length ? LADE_FACT_GIVEN : LADE_FACT_UNKNOWN, "bpf(2)",
		"%s", names.length ? names.text : "none of the types that were asked may call it");
	if (unasked.length)
		lade_doctor_detail(doctor, fact, "not asked: %s", unasked.text);
	lade_strbuf_clear(&names);
	lade_strbuf_clear(&unasked);
}

/* A number beyond the last helper is asked of one type only. */
static void probe_helpers(struct lade_doctor *doctor, const struct programs *programs, const struct probe_forms *forms)
{
	for (size_t i = 0; i < lade_need_helper_count; i++) {
		const struct need_fact *helper = &lade_need_helpers[i];
		if (lade_probe_helper_exists(doctor->kernel, helper->number))
			probe_helper(doctor, helper, programs, forms);
		else
			lade_doctor_put(doctor, "helpers", text(helper->name), LADE_FACT_ABSENT, "bpf(2)",
					"no such helper");
	}
}

void lade_doctor_probed(struct lade_doctor *doctor, struct kernel_types *types)
{
	struct probe_targets targets = { 0 };
	struct probe_forms forms;
	struct programs programs = probe_programs(doctor);

	if (types)
		lade_doctor_targets(types, &targets);
	probe_maps(doctor);
	probe_attaches(doctor, &targets);
	probe_links(doctor, &targets);
	probe_kinds(doctor);
	probe_features(doctor);
	lade_doctor_forms(doctor->kernel, &targets, &forms);
	probe_helpers(doctor, &programs, &forms);
}
