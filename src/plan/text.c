/* SPDX-License-Identifier: BSD-2-Clause */
/* An operation as one line for people. Made only when somebody reads it: most loads are read by nobody. */
#include "object/sections.h"
#include "plan/plan.h"

static const char *map_name(const struct lade_plan *plan, uint32_t map)
{
	return plan->object->maps.items[map]->name;
}

static const char *program_name(const struct lade_plan *plan, uint32_t program)
{
	return plan->object->programs.items[program]->name;
}

static void text_of_btf(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	size_t size;

	(void)operation;
	(void)lade_btf_bytes(lade_plan_btf(plan), &size);
	lade_strbuf_addf(into, "load BTF, %zu bytes", size);
}

static void text_of_module(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	(void)plan;
	lade_strbuf_addf(into, "open BTF of module %s", operation->module);
}

static void text_of_target(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	const struct lade_program *program = plan->object->programs.items[operation->program];

	lade_strbuf_addf(into, "open program %s, which %s is verified against", program->target_request, program->name);
}

static void text_of_map(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	const struct map_definition *definition = &operation->map_create.definition;
	const char *type = lade_map_type_name(definition->type);

	lade_strbuf_addf(into, "%s map %s: ", operation->kind == OPERATION_MAP_REUSE ? "reuse" : "create",
			 map_name(plan, operation->map));
	if (type)
		lade_strbuf_add(into, type);
	else
		lade_strbuf_addf(into, "type %u", definition->type);
	lade_strbuf_addf(into, ", key %u, value %u, %u entries", definition->key_size, definition->value_size,
			 definition->max_entries);
	if (definition->flags)
		lade_strbuf_addf(into, ", flags 0x%x", definition->flags);
	if (operation->map_create.share_path)
		lade_strbuf_addf(into, ", shared at %s", operation->map_create.share_path);
}

static void text_of_write(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	lade_strbuf_addf(into, "write %u bytes to %s", plan->object->maps.items[operation->map]->definition.value_size,
			 map_name(plan, operation->map));
}

static void text_of_freeze(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	lade_strbuf_addf(into, "freeze %s", map_name(plan, operation->map));
}

static void text_of_arena(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	const struct lade_map *map = plan->object->maps.items[operation->map];

	lade_strbuf_addf(into, "map %s into memory", map->name);
	if (map->arena_bytes)
		lade_strbuf_addf(into, ", write %u bytes at %u", map->arena_bytes, plan->arena_offset);
}

static void text_of_jumps(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	lade_strbuf_addf(into, "create a table of %zu jumps for %s", operation->jumps.count,
			 program_name(plan, operation->program));
}

static void text_of_program(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	const char *type = lade_program_type_name(operation->program_load->type);

	lade_strbuf_addf(into, "load program %s: %s, %zu instructions", program_name(plan, operation->program),
			 type ? type : "?", operation->program_load->instructions.count);
	if (operation->program_load->attach_btf_id)
		lade_strbuf_addf(into, ", against type id %u", operation->program_load->attach_btf_id);
	if (operation->program_load->own_target != NO_INDEX)
		lade_strbuf_addf(into, " of program %s", program_name(plan, operation->program_load->own_target));
	if (operation->program_load->ifindex)
		lade_strbuf_addf(into, ", for interface %u", operation->program_load->ifindex);
}

static const char *value_name(const struct lade_plan *plan, uint32_t slot)
{
	for (uint32_t i = 0; i < plan->object->programs.count; i++)
		if (plan->program_slots[i] == slot)
			return program_name(plan, i);
	for (uint32_t i = 0; i < plan->object->maps.count; i++)
		if (plan->map_slots[i] == slot)
			return map_name(plan, i);
	return "?";
}

static void text_of_slot(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	lade_strbuf_addf(into, "put %s into slot %u of %s", value_name(plan, operation->slot_fill.value_slot),
			 operation->slot_fill.index, map_name(plan, operation->slot_fill.array_map));
}

static void text_of_pin(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	if (operation->map != NO_INDEX)
		lade_strbuf_addf(into, "pin map %s", map_name(plan, operation->map));
	else
		lade_strbuf_addf(into, "pin program %s", program_name(plan, operation->program));
}

static void text_of_attach(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into)
{
	lade_strbuf_addf(into, "attach %s",
			 operation->map != NO_INDEX ? map_name(plan, operation->map)
						    : program_name(plan, operation->program));
	if (operation->attach_target)
		lade_strbuf_addf(into, " to %s", operation->attach_target);
}

typedef void text_fn(const struct lade_plan *plan, const struct operation *operation, struct strbuf *into);

static text_fn *const texts[] = {
	[OPERATION_BTF_LOAD] = text_of_btf,       [OPERATION_MAP_CREATE] = text_of_map,
	[OPERATION_MAP_REUSE] = text_of_map,      [OPERATION_MAP_WRITE] = text_of_write,
	[OPERATION_MAP_FREEZE] = text_of_freeze,  [OPERATION_PROGRAM_LOAD] = text_of_program,
	[OPERATION_SLOT_FILL] = text_of_slot,     [OPERATION_PIN] = text_of_pin,
	[OPERATION_ATTACH] = text_of_attach,      [OPERATION_BTF_OPEN] = text_of_module,
	[OPERATION_TARGET_OPEN] = text_of_target, [OPERATION_ARENA_MAP] = text_of_arena,
	[OPERATION_JUMP_TABLE] = text_of_jumps,
};

char *lade_plan_text(const struct lade_plan *plan, const struct operation *operation)
{
	struct strbuf text = { 0 };

	texts[operation->kind](plan, operation, &text);
	return lade_strbuf_take(&text);
}
