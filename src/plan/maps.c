/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations of one map: its words adjusted to the target, its BTF kept or withheld, where it is shared,
 * its content and freezing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "object/pin_place.h"
#include "plan/plan.h"

#define MAX_RING_BYTES (UINT32_C(1) << 31) /* a power of two in 32 bits */

#define MAP_TYPE_ARENA      33 /* since 6.9 */
#define MAP_TYPE_INSN_ARRAY 34 /* since 7.0 */

/* Types whose keys and values the kernel does not describe by BTF: map_check_btf refuses ids for them. */
static const uint32_t types_without_btf[] = {
	BPF_MAP_TYPE_PROG_ARRAY,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	BPF_MAP_TYPE_CGROUP_ARRAY,
	BPF_MAP_TYPE_STACK_TRACE,
	BPF_MAP_TYPE_ARRAY_OF_MAPS,
	BPF_MAP_TYPE_HASH_OF_MAPS,
	BPF_MAP_TYPE_DEVMAP,
	BPF_MAP_TYPE_DEVMAP_HASH,
	BPF_MAP_TYPE_CPUMAP,
	BPF_MAP_TYPE_XSKMAP,
	BPF_MAP_TYPE_SOCKMAP,
	BPF_MAP_TYPE_SOCKHASH,
	BPF_MAP_TYPE_QUEUE,
	BPF_MAP_TYPE_STACK,
	BPF_MAP_TYPE_BLOOM_FILTER,
	BPF_MAP_TYPE_RINGBUF,
	BPF_MAP_TYPE_USER_RINGBUF,
	MAP_TYPE_ARENA,
	MAP_TYPE_INSN_ARRAY,
};

static bool takes_btf(uint32_t type)
{
	for (size_t i = 0; i < ELEMENTS(types_without_btf); i++)
		if (types_without_btf[i] == type)
			return false;
	return true;
}

/* Members of these types make the verifier ask for the map's BTF: a map created without it is useless. */
static const char *const special_fields[] = {
	"bpf_spin_lock", "bpf_timer",    "bpf_wq",     "bpf_list_head",     "bpf_list_node", "bpf_rb_root",
	"bpf_rb_node",   "bpf_refcount", "bpf_dynptr", "bpf_res_spin_lock", "bpf_task_work",
};

static bool is_special(const struct lade_btf *btf, uint32_t id)
{
	const char *name = lade_btf_type_name(btf, id);

	for (size_t i = 0; i < ELEMENTS(special_fields); i++)
		if (strcmp(name, special_fields[i]) == 0)
			return true;
	return false;
}

/* A pointer with a type tag is a kptr. */
static bool is_tagged_pointer(const struct lade_btf *btf, const struct btf_type *type)
{
	const struct btf_type *target = lade_btf_type(btf, type->type);

	return lade_btf_kind(type) == BTF_KIND_PTR && target && lade_btf_kind(target) == BTF_KIND_TYPE_TAG;
}

/* A hostile BTF can nest small structs into an astronomic tree: the walk has a budget. */
#define SPECIAL_WALK_DEPTH 8
#define SPECIAL_WALK_TYPES 10000

static bool holds_special(const struct lade_btf *btf, uint32_t id, unsigned depth, unsigned *budget);

static bool section_holds_special(const struct lade_btf *btf, const struct btf_type *section, unsigned depth,
				  unsigned *budget)
{
	for (uint32_t i = 0; i < lade_btf_vlen(section) && *budget; i++)
		if (holds_special(btf, lade_btf_secinfos(section)[i].type, depth, budget))
			return true;
	return false;
}

static bool holds_special(const struct lade_btf *btf, uint32_t id, unsigned depth, unsigned *budget)
{
	uint32_t plain = lade_btf_skip_modifiers(btf, id);
	const struct btf_type *type = lade_btf_type(btf, plain);
	uint32_t kind = type ? lade_btf_kind(type) : BTF_KIND_UNKN;

	if (!type || depth > SPECIAL_WALK_DEPTH || *budget == 0)
		return false;
	(*budget)--;
	if (is_tagged_pointer(btf, type))
		return true;
	if (kind == BTF_KIND_ARRAY)
		return holds_special(btf, lade_btf_array(type)->type, depth + 1, budget);
	if (kind == BTF_KIND_VAR)
		return holds_special(btf, type->type, depth + 1, budget);
	if (kind == BTF_KIND_DATASEC)
		return section_holds_special(btf, type, depth + 1, budget);
	if (kind != BTF_KIND_STRUCT && kind != BTF_KIND_UNION)
		return false;
	if (is_special(btf, plain))
		return true;
	for (uint32_t i = 0; i < lade_btf_vlen(type) && *budget; i++)
		if (holds_special(btf, lade_btf_members(type)[i].type, depth + 1, budget))
			return true;
	return false;
}

static void choose_btf(const struct lade_plan *plan, struct map_operation *operation)
{
	struct map_definition *definition = &operation->definition;

	operation->btf_slot = NO_SLOT;
	/* The kernel wants the object's BTF there, and no types from it. */
	if (operation->ops_value_type) {
		operation->btf_slot = plan->btf_slot;
		operation->btf_essential = true;
	}
	if (plan->btf_slot == NO_SLOT || !takes_btf(definition->type) || !definition->btf_value_type) {
		definition->btf_key_type = definition->btf_value_type = 0;
		return;
	}
	unsigned budget = SPECIAL_WALK_TYPES;
	operation->btf_slot = plan->btf_slot;
	operation->btf_essential = holds_special(plan->object->btf, definition->btf_value_type, 0, &budget);
}

static void adjust_perf_array(struct lade_plan *plan, const struct lade_map *map, const struct plan_target *target,
			      struct map_definition *definition)
{
	struct lade_finding *note;

	bool per_cpu = definition->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY || map->entries_per_cpu;

	if (!per_cpu || definition->max_entries || !target->possible_cpus)
		return;
	definition->max_entries = target->possible_cpus;
	note = lade_note_add(&plan->notes, map->entries_per_cpu ? "map.adjusted.per-cpu" : "map.adjusted.perf-array",
			     "%s: map %s has 0 entries; creating %u", plan->object->file, map->name,
			     target->possible_cpus);
	finding_map(note, map->name);
	finding_evidence(note, "this kernel has %u possible CPUs", target->possible_cpus);
}

static bool is_ring(uint32_t type)
{
	return type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_USER_RINGBUF;
}

/* Next power of two that is a whole number of pages. */
static uint32_t ring_bytes(uint32_t wanted, uint32_t page)
{
	uint32_t bytes = page;

	while (bytes < wanted && bytes < MAX_RING_BYTES)
		bytes *= 2;
	return bytes;
}

static void adjust_ring(struct lade_plan *plan, const struct lade_map *map, const struct plan_target *target,
			struct map_definition *definition)
{
	uint32_t wanted = definition->max_entries, bytes;
	struct lade_finding *note;

	if (!is_ring(definition->type) || wanted == 0 || wanted > MAX_RING_BYTES)
		return;
	bytes = ring_bytes(wanted, target->page_bytes ? target->page_bytes : 4096);
	if (bytes == wanted)
		return;
	definition->max_entries = bytes;
	note = lade_note_add(&plan->notes, "map.adjusted.ring", "%s: ring buffer %s asks for %u bytes; creating %u",
			     plan->object->file, map->name, wanted, bytes);
	finding_map(note, map->name);
}

/* libbpf's rule, which bpftool's users know: object's name, cut so that the section's name fits; sections of the
 * author's own naming (.data.custom) go alone. */
static void data_map_name(char result[16], const struct lade_object *object, const char *section)
{
	size_t suffix = strlen(section) < 7 ? 7 : strlen(section);
	size_t room = suffix >= BPF_OBJ_NAME_LEN - 1 || strchr(section + 1, '.') ? 0 : BPF_OBJ_NAME_LEN - 1 - suffix;
	size_t prefix = strnlen(object->name, room);
	char full[BPF_OBJ_NAME_LEN + BPF_OBJ_NAME_LEN] = { 0 };

	memcpy(full, object->name, prefix);
	memcpy(full + prefix, section, strnlen(section, BPF_OBJ_NAME_LEN - 1));
	lade_plan_kernel_name(result, full);
}

/* A symbol's name comes from the file and may hold anything: as a pin it keeps [A-Za-z0-9_-]. */
static char *pin_name(const char *name)
{
	char *safe = strdup(name);

	for (char *c = safe; c && *c; c++)
		if (!is_ascii_alnum(*c) && *c != '_' && *c != '-')
			*c = '_';
	return safe;
}

static char *share_path(const struct lade_map *map)
{
	if (map->place && !map->reuse_only)
		return strdup(map->place->path);
	if (map->pinning == LADE_PIN_BY_NAME && !map->reuse_only)
		return pin_name(map->name);
	return map->pin_path ? strdup(map->pin_path) : NULL;
}

static bool is_shared(const struct lade_map *map)
{
	return map->reuse_fd < 0 && (map->reuse_only || map->place || map->pinning != LADE_PIN_OBJECT);
}

static int add_content(struct lade_plan *plan, uint32_t map, enum operation_kind kind)
{
	struct operation *operation = lade_plan_add(plan, kind);

	if (!operation)
		return -ENOMEM;
	operation->map = map;
	return lade_operation_need(operation, plan->map_slots[map]);
}

/* What a map starts with; NO_OPERATION: nothing, or what only attaching writes. */
#define NO_OPERATION (-1)
static int content_kind(const struct lade_plan *plan, uint32_t index)
{
	const struct lade_map *map = plan->object->maps.items[index];

	if (plan->map_slots[index] == NO_SLOT || map->inner_only || map->ops_type)
		return NO_OPERATION;
	if (map->definition.type == MAP_TYPE_ARENA)
		return OPERATION_ARENA_MAP;
	return map->data ? OPERATION_MAP_WRITE : NO_OPERATION;
}

int lade_plan_map_contents(struct lade_plan *plan, struct lade_error **error)
{
	for (uint32_t i = 0; i < plan->object->maps.count; i++) {
		int kind = content_kind(plan, i);
		if (kind != NO_OPERATION && add_content(plan, i, (enum operation_kind)kind) < 0)
			return lade_fail_memory(error);
	}
	for (uint32_t i = 0; i < plan->object->maps.count; i++)
		if (plan->object->maps.items[i]->is_readonly_data && plan->map_slots[i] != NO_SLOT &&
		    add_content(plan, i, OPERATION_MAP_FREEZE) < 0)
			return lade_fail_memory(error);
	return 0;
}

static int fill_create(struct lade_plan *plan, const struct lade_map *map, const struct plan_target *target,
		       struct operation *operation)
{
	struct map_operation *create = &operation->map_create;

	create->definition = map->definition;
	create->inner_slot = map->inner == NO_INDEX ? NO_SLOT : plan->map_slots[map->inner];
	if (map->is_data)
		data_map_name(create->kernel_name, plan->object, map->name);
	else
		lade_plan_kernel_name(create->kernel_name, map->name);
	adjust_perf_array(plan, map, target, &create->definition);
	adjust_ring(plan, map, target, &create->definition);
	lade_plan_old_kernel(plan, map, target, &create->definition);
	if (plan->ops[operation->map]) {
		create->ops_value_type = plan->ops[operation->map]->value_type;
		create->definition.value_size = plan->ops[operation->map]->value_size;
	}
	choose_btf(plan, create);
	if (is_shared(map)) {
		create->share_path = share_path(map);
		if (!create->share_path)
			return -ENOMEM;
	}
	if (create->inner_slot != NO_SLOT && lade_operation_need(operation, create->inner_slot) < 0)
		return -ENOMEM;
	if (create->btf_slot != NO_SLOT && lade_operation_need(operation, create->btf_slot) < 0)
		return -ENOMEM;
	if (create->ops_btf_slot != NO_SLOT && lade_operation_need(operation, create->ops_btf_slot) < 0)
		return -ENOMEM;
	return 0;
}

/* A template must come first, whatever the order in the file. */
static int add_template(struct lade_plan *plan, const struct lade_map *map, const struct plan_target *target,
			struct lade_error **error)
{
	if (map->inner == NO_INDEX || plan->map_slots[map->inner] != NO_SLOT)
		return 0;
	if (plan->object->maps.items[map->inner]->inner == NO_INDEX)
		return lade_plan_map(plan, map->inner, target, error);
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "plan.map.nested", "%s: map %s has the map-in-map %s as its template",
			       plan->object->file, map->name, plan->object->maps.items[map->inner]->name);
	finding_map(finding, map->name);
	return -EINVAL;
}

int lade_plan_map(struct lade_plan *plan, uint32_t index, const struct plan_target *target, struct lade_error **error)
{
	const struct lade_map *map = plan->object->maps.items[index];
	struct operation *operation;
	uint32_t module_slot = NO_SLOT;
	int r;

	if (plan->map_slots[index] != NO_SLOT)
		return 0;
	r = add_template(plan, map, target, error);
	if (r == 0 && plan->ops[index])
		r = lade_plan_module_btf(plan, plan->ops[index]->module, &module_slot, error);
	if (r < 0)
		return r;
	operation = lade_plan_add(plan, map->reuse_only ? OPERATION_MAP_REUSE : OPERATION_MAP_CREATE);
	if (!operation)
		return lade_fail_memory(error);
	operation->map = index;
	operation->map_create.ops_btf_slot = module_slot;
	operation->slot = plan->slot_count++;
	plan->map_slots[index] = operation->slot;
	if (fill_create(plan, map, target, operation) < 0)
		return lade_fail_memory(error);
	return 0;
}
