/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content of the map .kconfig: what the user set, else what the kernel's configuration says. A value that is
 * missing or does not fit is an error only for a program that reads it.
 */
#include <string.h>

#include "base/similar.h"
#include "needs/table.h"
#include "object/config.h"
#include "object/kconfig.h"
#include "plan/externs.h"

enum answer {
	ANSWER_VALUE,
	ANSWER_NONE,    /* not set */
	ANSWER_UNKNOWN, /* nobody could say */
	ANSWER_TYPE,
	ANSWER_RANGE,
};

static enum answer ask(const struct lade_plan *plan, const struct object_extern *outside, uint8_t *bytes, bool *ret_cut)
{
	const struct kernel_config *config = plan->target->config;
	const char *text = config ? lade_kernel_config_value(config, outside->name) : NULL;
	int r;

	*ret_cut = false;
	if (outside->is_set)
		return ANSWER_VALUE;
	if (!text)
		return config && lade_kernel_config_knows(config, outside->name) ? ANSWER_NONE : ANSWER_UNKNOWN;
	r = lade_kconfig_value(outside, text, bytes, ret_cut);
	if (r < 0)
		return r == -ERANGE ? ANSWER_RANGE : ANSWER_TYPE;
	return ANSWER_VALUE;
}

static void note_cut(struct lade_plan *plan, const struct object_extern *outside)
{
	struct lade_finding *note = lade_note_add(&plan->notes, "kconfig.cut",
						  "%s: the value of %s is longer than the %u bytes that it is given",
						  plan->object->file, outside->name, outside->length);

	finding_evidence(note, "%s=%s", outside->name, lade_kernel_config_value(plan->target->config, outside->name));
}

int lade_plan_kconfig(struct lade_plan *plan, struct lade_error **error)
{
	const struct lade_object *object = plan->object;
	const struct lade_map *map = object->kconfig_map == NO_INDEX ? NULL : object->maps.items[object->kconfig_map];

	if (!map)
		return 0;
	plan->kconfig_values = malloc(map->definition.value_size);
	if (!plan->kconfig_values)
		return lade_fail_memory(error);
	memcpy(plan->kconfig_values, map->data, map->definition.value_size);
	array_foreach(outside, &object->externs) {
		bool cut;
		if (outside->kind != EXTERN_KCONFIG)
			continue;
		(void)ask(plan, outside, plan->kconfig_values + outside->offset, &cut);
		if (cut)
			note_cut(plan, outside);
	}
	return 0;
}

/* ---- a program that reads it ---- */

/* Options that have to do with BPF, and what is no option. */
static void suggest(const char *name, struct lade_finding *finding)
{
	static const char *const others[] = { "LINUX_KERNEL_VERSION", "LINUX_HAS_BPF_COOKIE",
					      "LINUX_HAS_SYSCALL_WRAPPER" };
	struct similar_names similar = { .wanted = name };

	for (size_t i = 0; i < ELEMENTS(others); i++)
		lade_similar_consider(&similar, others[i]);
	for (size_t i = 0; i < lade_need_option_count; i++)
		if (strcmp(lade_need_text + lade_need_options[i].name, name) != 0)
			lade_similar_consider(&similar, lade_need_text + lade_need_options[i].name);
	if (similar.count && similar.distances[0] <= 2)
		finding_fix(finding, "did you mean %s? Else declare it __weak, or give its value: --set %s=VALUE",
			    similar.names[0], name);
	lade_similar_clear(&similar);
}

static bool is_option(const char *name)
{
	for (size_t i = 0; i < lade_need_option_count; i++)
		if (strcmp(lade_need_text + lade_need_options[i].name, name) == 0)
			return true;
	return false;
}

static int fail(const struct lade_plan *plan, const struct lade_program *program, const struct object_extern *outside,
		const char *code, const char *why, struct lade_error **error)
{
	const struct kernel_config *config = plan->target->config;
	const char *text = lade_kernel_config_value(config, outside->name);
	struct lade_finding *finding = lade_error_add(error, ENOENT, code, "%s: program %s reads %s, %s",
						      plan->object->file, program->name, outside->name, why);

	finding_program(finding, program->name);
	if (text)
		finding_evidence(finding, "%s=%s", outside->name, text);
	if (config->path)
		finding_evidence(finding, "%s was read", config->path);
	else
		array_foreach(tried, &config->tried)
			finding_evidence(finding, "%s", *tried);
	finding_evidence(finding, "the object declares it as %s of %u byte%s", lade_kconfig_type_text(outside->value),
			 outside->length, outside->length == 1 ? "" : "s");
	if (!text)
		finding_fix(finding, "declare it __weak, or give its value: --set %s=VALUE", outside->name);
	if (!text && strcmp(code, "kconfig.absent") == 0 && !is_option(outside->name))
		suggest(outside->name, finding);
	return -ENOENT;
}

int lade_plan_kconfig_check(const struct lade_plan *plan, const struct lade_program *program,
			    const struct object_extern *outside, struct lade_error **error)
{
	CLEANUP(cleanup_free) uint8_t *scratch = calloc(outside->length, 1);
	bool is_line = strncmp(outside->name, "CONFIG_", strlen("CONFIG_")) == 0, cut;

	if (!scratch)
		return lade_fail_memory(error);
	switch (ask(plan, outside, scratch, &cut)) {
	case ANSWER_TYPE:
		return fail(plan, program, outside, "kconfig.type", "which has a value of another type here", error);
	case ANSWER_RANGE:
		return fail(plan, program, outside, "kconfig.range", "whose value does not fit here", error);
	case ANSWER_NONE:
		if (outside->is_weak)
			return 0;
		return fail(plan, program, outside, "kconfig.absent",
			    is_line ? "which this kernel's configuration does not set"
				    : "which is nothing that a loader knows",
			    error);
	case ANSWER_UNKNOWN:
		/* What the kernel can do and could not be asked counts as what it cannot do. */
		if (outside->is_weak || !is_line || !plan->target->config)
			return 0;
		return fail(plan, program, outside, "kconfig.missing", "and this kernel's configuration is not there",
			    error);
	default:
		return 0;
	}
}
