/* SPDX-License-Identifier: BSD-2-Clause */
/* The decision into the object: what is left out, where the rest is pinned and whose it is. */
#include <errno.h>
#include <string.h>

#include "boot/load.h"
#include "object/pin_place.h"

/* The decision has judged for the device that is booted; the plan would judge once more, for this machine. */
static void settle_policy(struct part_policy *policy)
{
	if (!policy)
		return;
	policy->kernel = (struct policy_window){ 0, POLICY_KERNEL_ANY };
	policy->ignore_on = 0;
}

static int set_skip(char **place, const char *skip)
{
	if (skip && !*place)
		*place = strdup(skip);
	return skip && !*place ? -ENOMEM : 0;
}

/* whose: as told, after lade_boot_opts.owners; NULL: nothing was told, without memory. */
static int set_pin(struct pin_place **place, const struct lade_context *context, const struct boot_part *part,
		   const struct boot_report_part *whose)
{
	CLEANUP(cleanup_free) char *first = part->pin_first ? lade_boot_place(context, part->pin_first) : NULL;
	struct lade_pin_opts opts = {
		.size = sizeof opts,
		.path = whose ? whose->pin : NULL,
		.first = first,
		.has_owner = part->has_owner,
		.uid = whose ? whose->uid : 0,
		.gid = whose ? whose->gid : 0,
		.has_mode = part->has_mode,
		.mode = part->mode,
	};

	if (!part->pin)
		return 0;
	return opts.path && (first || !part->pin_first) ? lade_pin_place_set(place, &opts) : -ENOMEM;
}

struct boot_report_part *lade_boot_told_part(const struct boot_item *item, enum lade_boot_part_kind kind,
					     const char *name)
{
	array_foreach(part, &item->parts)
		if (part->kind == kind && strcmp(part->name, name) == 0)
			return part;
	return NULL;
}

static int apply_map(const struct boot_item *item, const struct lade_context *context, size_t index)
{
	struct lade_map *map = item->object->maps.items[index];
	const struct boot_part *part = &item->decision.maps[index];

	settle_policy(map->policy);
	if (item->decision.without_btf)
		map->definition.btf_key_type = map->definition.btf_value_type = 0;
	int r = set_skip(&map->skip, part->skip);
	return r < 0 || map->skip
		       ? r
		       : set_pin(&map->place, context, part, lade_boot_told_part(item, LADE_BOOT_MAP, map->name));
}

static int set_optional(struct lade_program *program)
{
	if (!program->policy) {
		program->policy = calloc(1, sizeof *program->policy);
		if (!program->policy)
			return -ENOMEM;
		program->policy->loader.max = POLICY_LOADER_ANY;
		settle_policy(program->policy);
	}
	program->policy->optional = true;
	return 0;
}

static int apply_program(const struct boot_item *item, const struct lade_context *context, size_t index)
{
	struct lade_program *program = item->object->programs.items[index];
	const struct boot_part *part = &item->decision.programs[index];
	int r;

	settle_policy(program->policy);
	r = set_skip(&program->skip, part->skip);
	if (r < 0 || program->skip)
		return r;
	if (part->optional)
		r = set_optional(program);
	return r < 0 ? r
		     : set_pin(&program->place, context, part,
			       lade_boot_told_part(item, LADE_BOOT_PROGRAM, program->name));
}

int lade_boot_apply(struct boot_item *item, const struct lade_context *context)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < item->decision.map_count && i < item->object->maps.count; i++)
		r = apply_map(item, context, i);
	for (size_t i = 0; r == 0 && i < item->decision.program_count && i < item->object->programs.count; i++)
		r = apply_program(item, context, i);
	return r;
}
