/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of the tables, looked up by number or name. */
#include <stdio.h>
#include <string.h>

#include "base/glob.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "object/sections.h"

static const struct need_fact *find(const struct need_fact *facts, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (facts[i].number == number)
			return &facts[i];
	return NULL;
}

const struct need_fact *lade_need_map(uint32_t type)
{
	return find(lade_need_maps, lade_need_map_count, type);
}

const struct need_fact *lade_need_program(uint32_t type)
{
	return find(lade_need_programs, lade_need_program_count, type);
}

const struct need_fact *lade_need_attach(uint32_t type)
{
	return find(lade_need_attachs, lade_need_attach_count, type);
}

/* The table is in the order of the numbers, from 1 on. */
const struct need_fact *lade_need_helper(uint32_t helper)
{
	if (helper && helper <= lade_need_helper_count && lade_need_helpers[helper - 1].number == helper)
		return &lade_need_helpers[helper - 1];
	return find(lade_need_helpers, lade_need_helper_count, helper);
}

bool lade_need_helper_wants_gpl(uint32_t helper)
{
	const struct need_fact *fact = lade_need_helper(helper);

	return fact && fact->gpl;
}

const struct need_rule *lade_need_release(const char *what, const char *name)
{
	for (size_t i = 0; i < lade_need_rule_count; i++) {
		const struct need_rule *rule = &lade_need_rules[i];
		if (rule->kind == LADE_NEED_KERNEL && strcmp(need_text(rule->what), what) == 0 &&
		    lade_glob_matches(need_text(rule->match), name))
			return rule;
	}
	return NULL;
}

const struct need_rule *lade_need_feature(const char *feature)
{
	return lade_need_release("feature", feature);
}

void lade_need_sleepable_name(uint32_t type, uint32_t attach_type, char *buffer, size_t size)
{
	const char *name = lade_program_type_name(type), *attach = lade_attach_type_name(attach_type);

	(void)snprintf(buffer, size, "%s/%s", name ? name : "", attach ? attach : "");
}

static const struct need_kfunc *find_kfunc(const char *name)
{
	for (size_t i = 0; i < lade_need_kfunc_count; i++)
		if (strcmp(need_text(lade_need_kfuncs[i].name), name) == 0)
			return &lade_need_kfuncs[i];
	return NULL;
}

const char *lade_need_kfunc(const char *name)
{
	const struct need_kfunc *kfunc = find_kfunc(name);

	return kfunc ? need_text(kfunc->since) : NULL;
}

const char *lade_need_kfunc_module(const char *name)
{
	const struct need_kfunc *kfunc = find_kfunc(name);

	return kfunc && *need_text(kfunc->module) ? need_text(kfunc->module) : NULL;
}

bool lade_need_checks_attach_type(uint32_t program_type)
{
	static const uint32_t types[] = {
		BPF_PROG_TYPE_CGROUP_SOCK, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_PROG_TYPE_CGROUP_SOCKOPT,
		BPF_PROG_TYPE_SK_LOOKUP,   BPF_PROG_TYPE_TRACING,          BPF_PROG_TYPE_LSM,
	};

	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (types[i] == program_type)
			return true;
	return false;
}
