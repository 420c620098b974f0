/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types that the file does not give. The kernel lets only programs of one type share a prog array, so a
 * program without a type takes that of one it shares an array with, directly or through others. What then
 * still has none is assumed to be sched_cls, and a note says so.
 *
 * This is done again after an edit: --type of the main program moves what it tail-calls, too.
 */
#include <errno.h>
#include <string.h>

#include "object/model.h"
#include "object/reach.h"

#define ASSUMED_TYPE BPF_PROG_TYPE_SCHED_CLS
#define NOTE         "program.type.assumed"

/* A forest over programs and, behind them, maps. */
struct groups {
	struct lade_object *object;
	uint32_t *parents;
	uint32_t *typed; /* by root: the program that gives the type, or NO_INDEX */
	bool *has_main;  /* by root: a program in no slot */
	bool *in_slot;   /* by program */
};

static uint32_t root_of(const struct groups *groups, uint32_t node)
{
	while (groups->parents[node] != node) {
		groups->parents[node] = groups->parents[groups->parents[node]];
		node = groups->parents[node];
	}
	return node;
}

static void join(const struct groups *groups, uint32_t program, uint32_t map)
{
	uint32_t a = root_of(groups, program), b = root_of(groups, map + (uint32_t)groups->object->programs.count);
	groups->parents[a < b ? b : a] = a < b ? a : b;
}

static int join_used(const struct groups *groups, uint32_t index)
{
	const struct lade_program *program = groups->object->programs.items[index];
	int result = lade_program_reach(program);
	array_foreach(map, &program->reach_maps)
		if (groups->object->maps.items[*map]->definition.type == BPF_MAP_TYPE_PROG_ARRAY)
			join(groups, index, *map);
	return result;
}

static void join_slots(const struct groups *groups, uint32_t map)
{
	array_foreach(initial, &groups->object->maps.items[map]->initial) {
		if (initial->program == NO_INDEX)
			continue;
		groups->in_slot[initial->program] = true;
		join(groups, initial->program, map);
	}
}

/* A type that will be loaded wins over one that will not. */
static bool is_better(const struct lade_program *program, const struct lade_program *than)
{
	bool loaded = program->autoload && !program->skip;
	return !program->type_assumed && program->type && (!than || (loaded && !(than->autoload && !than->skip)));
}

static void find_types(const struct groups *groups)
{
	const struct lade_object *object = groups->object;
	for (uint32_t i = 0; i < object->programs.count; i++) {
		uint32_t root = root_of(groups, i), known = groups->typed[root];
		groups->has_main[root] = groups->has_main[root] || !groups->in_slot[i];
		if (is_better(object->programs.items[i], known == NO_INDEX ? NULL : object->programs.items[known]))
			groups->typed[root] = i;
	}
}

static int build(struct groups *groups)
{
	uint32_t programs = (uint32_t)groups->object->programs.count, maps = (uint32_t)groups->object->maps.count;
	for (uint32_t i = 0; i < programs + maps; i++) {
		groups->parents[i] = i;
		groups->typed[i] = NO_INDEX;
	}
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < programs; i++)
		result = join_used(groups, i);
	for (uint32_t i = 0; i < maps; i++)
		join_slots(groups, i);
	if (result == 0)
		find_types(groups);
	return result;
}

static void drop_notes(struct findings *notes)
{
	size_t kept = 0;
	for (size_t i = 0; i < notes->count; i++) {
		if (strcmp(notes->items[i]->code, NOTE) == 0)
			(void)lade_finding_free(notes->items[i]);
		else
			notes->items[kept++] = notes->items[i];
	}
	notes->count = kept;
}

static void note_assumed(const struct groups *groups, const struct lade_program *program)
{
	struct lade_finding *note = lade_note_add(&groups->object->notes, NOTE,
						  "section %s does not say what program %s is; taken for sched_cls",
						  program->section, program->name);
	finding_program(note, program->name);
	finding_fix(note, "if it is not: --type %s=TYPE (sched_act, xdp, lwt_in, lwt_out, lwt_xmit …)", program->name);
}

static void settle_program(const struct groups *groups, uint32_t index)
{
	struct lade_program *program = groups->object->programs.items[index];
	uint32_t root = root_of(groups, index), typed = groups->typed[root];
	if (!program->type_assumed)
		return;
	program->type = typed == NO_INDEX ? ASSUMED_TYPE : groups->object->programs.items[typed]->type;
	/* What sits in a slot follows the program that calls it; one note there is enough. */
	if (typed == NO_INDEX && !(groups->in_slot[index] && groups->has_main[root]))
		note_assumed(groups, program);
}

static int settle(struct lade_object *object)
{
	size_t count = object->programs.count + object->maps.count + 1;
	uint32_t *parents CLEANUP(cleanup_free) = calloc(count, sizeof *parents);
	uint32_t *typed CLEANUP(cleanup_free) = calloc(count, sizeof *typed);
	bool *has_main CLEANUP(cleanup_free) = calloc(count, sizeof *has_main);
	bool *in_slot CLEANUP(cleanup_free) = calloc(count, sizeof *in_slot);
	if (!parents || !typed || !has_main || !in_slot)
		return -ENOMEM;
	struct groups groups = { object, parents, typed, has_main, in_slot };
	int result = build(&groups);
	if (result < 0)
		return result;
	drop_notes(&object->notes);
	for (uint32_t i = 0; i < object->programs.count; i++)
		settle_program(&groups, i);
	return 0;
}

int lade_object_settle_types(const struct lade_object *object)
{
	if (!object->types_unsettled)
		return 0;
	struct lade_object *edited = (struct lade_object *)(uintptr_t)object; /* filled lazily, like reach */
	int result = settle(edited);
	if (result == 0)
		edited->types_unsettled = false;
	return result;
}
