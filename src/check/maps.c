/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps: type, flags, sizes, what is left away there. */
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "diagnose/map_rules.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "object/sections.h"

#define PERCPU_VALUE_MOST 32768u /* PCPU_MIN_UNIT_SIZE */
#define MAP_TYPE_ARENA    33

#define TYPE_BIT(type) (UINT64_C(1) << (type))

static const uint64_t per_cpu = TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH) |
				TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY);
static const uint64_t lru = TYPE_BIT(BPF_MAP_TYPE_LRU_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH);

static uint64_t bit_of(uint32_t type)
{
	return type < 64 ? TYPE_BIT(type) : 0;
}

static bool check_type(struct judging *judging, const struct map_definition *map)
{
	const struct known_fact fact = lade_target_map_type(judging->target, map->type);
	const char *name = lade_map_type_name(map->type);
	char key[64];

	(void)snprintf(key, sizeof key, "map type %u", map->type);
	if (lade_check_lacks_bpf(judging, &fact))
		return true;
	if (fact.answer != KNOWN_YES && lade_check_said(judging, lade_check_verdict(judging, &fact), key))
		return false;
	return lade_check_needs(judging, &fact, "check.map.type", "map %s: that kernel has no maps of type %s",
				judging->map->name, name ? name : "that the object wants");
}

/* ---- flags ---- */

/* Which flags a load leaves away by itself where they are not known; src/load/maps.c. */
static bool is_dropped(const struct lade_map *map, uint32_t flag)
{
	return flag == BPF_F_MMAPABLE || (map->ops_type && flag == (1U << 13) /* BPF_F_LINK */);
}

static void check_flag(struct judging *judging, const struct need_fact *row)
{
	const struct known_fact fact = lade_target_map_flag(judging->target, row->number);
	enum verdict verdict =
		is_dropped(judging->map, row->number) ? VERDICT_NOTE : lade_check_verdict(judging, &fact);

	if (fact.answer == KNOWN_YES || lade_check_lacks_bpf(judging, &fact) ||
	    lade_check_said(judging, verdict, need_text(row->name)))
		return;
	if (fact.answer == KNOWN_NO && is_dropped(judging->map, row->number))
		(void)lade_check_say(judging, VERDICT_NOTE, "check.adjusted", "map %s would be created without %s",
				     judging->map->name, need_text(row->name));
	else
		(void)lade_check_needs(judging, &fact, "check.map.flag", "map %s: that kernel has no %s",
				       judging->map->name, need_text(row->name));
}

static void check_flags(struct judging *judging, const struct map_definition *map)
{
	for (size_t i = 0; i < lade_need_flag_count; i++)
		if (map->flags & lade_need_flags[i].number)
			check_flag(judging, &lade_need_flags[i]);
}

/* ---- sizes ---- */

static void check_limits(struct judging *judging, const struct map_definition *map)
{
	uint64_t size;
	const struct need_limit *limit = lade_need_map_limit(map, judging->version, &size);
	struct lade_finding *finding;

	if (!limit || (limit->before && judging->backports))
		return;
	finding = lade_check_say(judging, VERDICT_REFUSED, limit->code, "map %s: %s; it has %llu", judging->map->name,
				 limit->what, (unsigned long long)size);
	if (!limit->before)
		return;
	finding_fix(finding, "a kernel from %s on takes it, or make it smaller", limit->before);
	judging->check->by_table = true;
}

/* One entry for each possible CPU, of which nobody knows here how many there are. */
static bool is_sized_there(struct judging *judging, const struct map_definition *map)
{
	if (map->max_entries || judging->plan_target.possible_cpus ||
	    (map->type != BPF_MAP_TYPE_PERF_EVENT_ARRAY && !judging->map->entries_per_cpu))
		return false;
	(void)lade_check_say(judging, VERDICT_NOTE, "check.adjusted",
			     "map %s would be created with an entry for each possible CPU", judging->map->name);
	return true;
}

/* What no kernel takes, by the rules that a refused map is explained with. */
static bool check_rules(struct judging *judging, const struct map_operation *create)
{
	struct map_definition definition = create->definition;
	const struct map_rule *rule;
	struct lade_finding *finding;

	if (is_sized_there(judging, &definition))
		definition.max_entries = 1;
	rule = lade_map_broken_rule(&definition);

	if (!rule || (bit_of(create->definition.type) & per_cpu && create->definition.value_size > PERCPU_VALUE_MOST))
		return true; /* the latter is a limit */
	finding = lade_check_say(judging, VERDICT_REFUSED, "check.map.rule", "map %s: %s", judging->map->name,
				 rule->cause);
	finding_cause(finding, "%s", rule->cause);
	finding_fix(finding, "%s", rule->fix);
	return false;
}

/* ---- what goes with the flags ---- */

static void check_numa(struct judging *judging, const struct map_definition *map)
{
	if (!(map->flags & BPF_F_NUMA_NODE))
		return;
	if (bit_of(map->type) & per_cpu || (bit_of(map->type) & lru && map->flags & BPF_F_NO_COMMON_LRU))
		(void)lade_check_say(judging, VERDICT_REFUSED, "check.map.rule",
				     "map %s: what has a value for each CPU lies on no NUMA node", judging->map->name);
	else
		(void)lade_check_say(judging, VERDICT_NOTE, "check.map.numa",
				     "map %s wants NUMA node %u, which that machine must have", judging->map->name,
				     map->numa_node);
}

static bool needs_inner(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static void check_inner(struct judging *judging, const struct map_operation *create)
{
	if (needs_inner(create->definition.type) && create->inner_slot == NO_SLOT)
		(void)lade_check_say(judging, VERDICT_REFUSED, "check.map.rule",
				     "map %s: the object says nothing of the maps that it holds", judging->map->name);
}

/* An arena is memory that programs share with us, which takes a JIT that knows of it. */
static void check_arena(struct judging *judging, const struct map_definition *map)
{
	const char *machine = lade_target_machine(judging->target);
	const char *since = !machine                          ? NULL
			    : strcmp(machine, "aarch64") == 0 ? "6.10"
			    : strcmp(machine, "x86_64") == 0  ? "6.9"
							      : NULL;
	struct known_fact fact;

	if (map->type != MAP_TYPE_ARENA || !since)
		return;
	fact = lade_target_since(judging->target, since);
	if (fact.answer == KNOWN_NO)
		(void)lade_check_needs(judging, &fact, "check.map.type",
				       "map %s: kernels for %s have arenas from %s on", judging->map->name, machine,
				       since);
}

static void check_adjustments(struct judging *judging, const struct map_operation *create)
{
	if (create->kernel_name[0] && lade_check_before(judging, 4, 15) &&
	    !lade_check_said(judging, VERDICT_NOTE, "names"))
		(void)lade_check_say(judging, VERDICT_NOTE, "check.adjusted",
				     "map %s would have no name in that kernel", judging->map->name);
	if (judging->map->is_readonly_data && lade_check_before(judging, 5, 2))
		(void)lade_check_say(judging, VERDICT_NOTE, "check.adjusted",
				     "map %s would not be frozen: programs and others could write to it",
				     judging->map->name);
}

static void check_map(struct judging *judging, const struct map_operation *create)
{
	const struct map_definition *map = &create->definition;
	const struct need_fact *row = lade_need_map(map->type);

	if (!check_type(judging, map))
		return;
	if (row) {
		(void)lade_check_option_words(judging, need_text(row->options), false, "maps of this type");
		lade_check_rules(judging, "map", need_text(row->name));
	}
	check_flags(judging, map);
	if (judging->map->ops_type) /* its value is the kernel's struct */
		return;
	if (!check_rules(judging, create))
		return;
	check_limits(judging, map);
	check_numa(judging, map);
	check_inner(judging, create);
	check_arena(judging, map);
	(void)lade_check_map_cost(judging, map);
	check_adjustments(judging, create);
}

/* A map that only optional programs use is still created. */
void lade_check_maps(struct judging *judging)
{
	array_foreach(operation, &judging->plan->operations) {
		if (operation->kind != OPERATION_MAP_CREATE && operation->kind != OPERATION_MAP_REUSE)
			continue;
		judging->map = judging->object->maps.items[operation->map];
		if (operation->kind == OPERATION_MAP_CREATE)
			check_map(judging, &operation->map_create);
	}
	judging->map = NULL;
}
