/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of kernel operations (struct_ops), rewritten from the struct as the object knows it to the struct as the
 * kernel has it: members are matched by name; what the object does not set may be missing there. The programs
 * behind the function pointers get what they are verified against from the table that they stand in.
 */
#include <stdio.h>
#include <string.h>

#include "btf/scan.h"
#include "object/member.h"
#include "plan/plan.h"

#define VALUE_PREFIX  "bpf_struct_ops_"
#define POINTER_BYTES 8
#define NAME_BYTES    256 /* longer names of types are no kernel's */

/* One table on its way. */
struct making {
	struct lade_plan *plan;
	const struct lade_map *map;
	const struct lade_btf *local, *kernel;
	const struct btf_type *local_type, *kernel_type;
	uint32_t data_offset; /* of the kernel's struct in the value */
	struct ops_table *table;
	struct lade_error **error;
};

struct ops_table *lade_ops_table_free(struct ops_table *table)
{
	if (!table)
		return NULL;
	array_clear(&table->places);
	free(table->module);
	free(table->value);
	free(table);
	return NULL;
}

int lade_plan_ops_name(const struct lade_map *map, const char *prefix, char **ret_name)
{
	const char *name = lade_btf_type_name(map->object->btf, map->ops_type);
	size_t length = lade_btf_essential_length(name, strlen(name));

	return length > NAME_BYTES || asprintf(ret_name, "%s%.*s", prefix, (int)length, name) < 0 ? -ENOMEM : 0;
}

/* ---- findings ---- */

static struct lade_finding *refuse(const struct making *making, int errnum, const char *code, const char *what)
{
	struct lade_finding *finding = lade_error_add(making->error, errnum, code, "%s: struct_ops %s: %s",
						      making->plan->object->file, making->map->name, what);

	finding_map(finding, making->map->name);
	return finding;
}

static const char *local_member_name(const struct making *making, uint32_t member)
{
	return lade_btf_string(making->local, lade_btf_members(making->local_type)[member].name_off);
}

static int refuse_member(const struct making *making, uint32_t member, int errnum, const char *code, const char *why)
{
	char what[2 * NAME_BYTES];

	(void)snprintf(what, sizeof what, "member %.200s %s", local_member_name(making, member), why);
	(void)refuse(making, errnum, code, what);
	return -errnum;
}

/* ---- the kernel's struct ---- */

static int find_kernel_value(struct making *making, struct kernel_type *ret_value)
{
	CLEANUP(cleanup_free) char *name = NULL;
	char what[NAME_BYTES];
	struct kernel_types *types;
	int r = lade_plan_ops_name(making->map, VALUE_PREFIX, &name) < 0 ? lade_fail_memory(making->error) : 0;

	if (r < 0)
		return r;
	(void)snprintf(what, sizeof what, "struct_ops %.200s", making->map->name);
	r = lade_plan_need_types(making->plan, what, &types, making->error);
	if (r == 0)
		r = lade_kernel_types_exact(types, name, BTF_KIND_STRUCT, true, ret_value, making->error);
	if (r < 0 || ret_value->id)
		return r;
	(void)snprintf(what, sizeof what, "this kernel has no operations of struct %.200s",
		       name + strlen(VALUE_PREFIX));
	finding_evidence(refuse(making, EOPNOTSUPP, "plan.struct-ops.kernel", what),
			 "neither the kernel's BTF nor that of its modules has a struct %s", name);
	return -EOPNOTSUPP;
}

/* "struct bpf_struct_ops_NAME { …; struct NAME data; }" */
static bool find_kernel_struct(struct making *making, const struct btf_type *value)
{
	const char *local = lade_btf_string(making->local, making->local_type->name_off);
	size_t length = lade_btf_essential_length(local, strlen(local));

	for (uint32_t i = 0; i < lade_btf_vlen(value); i++) {
		uint32_t id = lade_btf_members(value)[i].type;
		const struct btf_type *type = lade_btf_type(making->kernel, id);
		const char *name = lade_btf_type_name(making->kernel, id);
		uint32_t bits = lade_btf_member_bit_offset(value, i), end;
		if (!type || lade_btf_kind(type) != BTF_KIND_STRUCT || strlen(name) != length ||
		    memcmp(name, local, length) != 0)
			continue;
		making->table->kernel_type = id;
		making->kernel_type = type;
		making->data_offset = bits / 8;
		return !__builtin_add_overflow(making->data_offset, type->size, &end) && end <= value->size;
	}
	return false;
}

static int open_kernel_struct(struct making *making)
{
	struct kernel_type found = { 0 };
	const struct btf_type *value;
	int r = find_kernel_value(making, &found);

	if (r < 0)
		return r;
	making->kernel = found.btf;
	value = lade_btf_type(found.btf, found.id);
	if (!value || !find_kernel_struct(making, value)) {
		(void)refuse(making, EINVAL, "plan.struct-ops.kernel",
			     "the kernel's value of such tables does not hold the struct");
		return -EINVAL;
	}
	making->table->value_type = found.id;
	making->table->value_size = value->size;
	making->table->value = calloc(1, value->size ? value->size : 1);
	making->table->module = found.module ? strdup(found.module) : NULL;
	return making->table->value && (making->table->module || !found.module) ? 0 : lade_fail_memory(making->error);
}

/* ---- member by member ---- */

/* One member in both structs. */
struct pair {
	uint32_t local, kernel; /* indices */
	uint32_t local_id, kernel_id;
	const uint8_t *from;
	uint64_t bytes;
	uint32_t to; /* offset in the value */
};

static uint32_t find_by_name(const struct making *making, const char *name)
{
	const struct btf_member *members = lade_btf_members(making->kernel_type);

	for (uint32_t i = 0; i < lade_btf_vlen(making->kernel_type); i++)
		if (strcmp(lade_btf_string(making->kernel, members[i].name_off), name) == 0)
			return i;
	return NO_INDEX;
}

static uint32_t program_behind(const struct lade_map *map, uint32_t member)
{
	array_foreach(slot, &map->ops)
		if (slot->member == member)
			return slot->program;
	return NO_INDEX;
}

static bool is_zero(const uint8_t *bytes, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (bytes[i])
			return false;
	return true;
}

static int skip_missing(const struct making *making, const struct pair *pair)
{
	if (program_behind(making->map, pair->local) != NO_INDEX || !is_zero(pair->from, pair->bytes))
		return refuse_member(making, pair->local, EOPNOTSUPP, "plan.struct-ops.member",
				     "is set, and this kernel's struct has no such member");
	finding_map(lade_note_add(&making->plan->notes, "plan.struct-ops.missing",
				  "%s: struct_ops %s: this kernel has no member %s; it is not set",
				  making->plan->object->file, making->map->name,
				  local_member_name(making, pair->local)),
		    making->map->name);
	return 0;
}

static int put_program(const struct making *making, const struct pair *pair)
{
	uint32_t program = program_behind(making->map, pair->local);
	struct ops_place *place;

	if (!is_zero(pair->from, pair->bytes))
		return refuse_member(making, pair->local, EINVAL, "plan.struct-ops.pointer",
				     "is a pointer with a value that is no program");
	if (program == NO_INDEX)
		return 0;
	if (!lade_type_is_function_pointer(making->kernel, pair->kernel_id))
		return refuse_member(making, pair->local, EOPNOTSUPP, "plan.struct-ops.type",
				     "holds a program, and the kernel's is no pointer to a function");
	place = array_push(&making->table->places);
	if (!place)
		return lade_fail_memory(making->error);
	*place = (struct ops_place){ pair->kernel, pair->to, program };
	return 0;
}

static int copy_data(const struct making *making, const struct pair *pair)
{
	int64_t bytes = lade_btf_size(making->kernel, pair->kernel_id);

	if (bytes < 0 || (uint64_t)bytes != pair->bytes)
		return refuse_member(making, pair->local, EOPNOTSUPP, "plan.struct-ops.type",
				     "has another size in the kernel's struct");
	memcpy(making->table->value + pair->to, pair->from, pair->bytes);
	return 0;
}

/* The kernel's member must lie inside its struct: its BTF is not ours to trust. */
static int place_pair(const struct making *making, struct pair *pair)
{
	uint32_t bits = lade_btf_member_bit_offset(making->kernel_type, pair->kernel);
	uint64_t end;

	if (lade_btf_member_bit_size(making->local_type, pair->local) ||
	    lade_btf_member_bit_size(making->kernel_type, pair->kernel) || bits % 8)
		return refuse_member(making, pair->local, EOPNOTSUPP, "plan.struct-ops.type", "is a bit field");
	if (__builtin_add_overflow((uint64_t)bits / 8, pair->bytes, &end) || end > making->kernel_type->size)
		return refuse_member(making, pair->local, EOPNOTSUPP, "plan.struct-ops.type",
				     "does not fit into the kernel's struct");
	pair->to = making->data_offset + bits / 8;
	return 0;
}

static int make_member(const struct making *making, uint32_t member)
{
	uint32_t local_id = lade_btf_members(making->local_type)[member].type, local_kind, kernel_kind;
	uint32_t offset = lade_btf_member_bit_offset(making->local_type, member) / 8;
	int64_t bytes = lade_btf_size(making->local, local_id);
	struct pair pair = { .local = member, .local_id = local_id, .from = making->map->data + offset };
	uint64_t end;
	int r;

	if (bytes < 0 || __builtin_add_overflow((uint64_t)offset, (uint64_t)bytes, &end) ||
	    end > making->local_type->size)
		return refuse_member(making, member, EINVAL, "plan.struct-ops.type", "has no size, or ends outside");
	pair.bytes = (uint64_t)bytes;
	pair.kernel = find_by_name(making, local_member_name(making, member));
	if (pair.kernel == NO_INDEX)
		return skip_missing(making, &pair);
	r = place_pair(making, &pair);
	if (r < 0)
		return r;
	pair.kernel_id = lade_btf_members(making->kernel_type)[pair.kernel].type;
	local_kind = lade_btf_kind(lade_btf_type(making->local, lade_btf_skip_modifiers(making->local, local_id)));
	kernel_kind =
		lade_btf_kind(lade_btf_type(making->kernel, lade_btf_skip_modifiers(making->kernel, pair.kernel_id)));
	if (local_kind != kernel_kind)
		return refuse_member(making, member, EOPNOTSUPP, "plan.struct-ops.type",
				     "is of another kind in the kernel's struct");
	return local_kind == BTF_KIND_PTR ? put_program(making, &pair) : copy_data(making, &pair);
}

/* A plan for judging: which programs it holds is known without the kernel's struct. */
static int leave_open(struct ops_table *table, const struct lade_map *map, struct lade_error **error)
{
	array_foreach(slot, &map->ops) {
		struct ops_place *place = slot->program == NO_INDEX ? NULL : array_push(&table->places);
		if (slot->program == NO_INDEX)
			continue;
		if (!place)
			return lade_fail_memory(error);
		*place = (struct ops_place){ .member = slot->member, .program = slot->program };
	}
	return 0;
}

static int make_table(struct lade_plan *plan, uint32_t index, struct lade_error **error)
{
	const struct lade_map *map = plan->object->maps.items[index];
	struct ops_table *table = plan->ops[index] = calloc(1, sizeof *table);
	struct making making = {
		.plan = plan,
		.map = map,
		.local = plan->object->btf,
		.local_type = lade_btf_type(plan->object->btf, map->ops_type),
		.table = table,
		.error = error,
	};
	int r;

	if (table && lade_plan_leaves_open(plan))
		return leave_open(table, map, error);
	r = table ? open_kernel_struct(&making) : lade_fail_memory(error);
	for (uint32_t i = 0; r == 0 && i < lade_btf_vlen(making.local_type); i++)
		r = make_member(&making, i);
	return r;
}

/* ---- the programs ---- */

static bool is_referred_to(const struct lade_object *object, uint32_t program)
{
	array_foreach(map, &object->maps)
		array_foreach(slot, &(*map)->ops)
			if (slot->program == program)
				return true;
	return false;
}

/* What the tables say counts for programs in them, whatever their sections say: libbpf's rule since 1.4. */
static int settle_program(struct lade_plan *plan, uint32_t index)
{
	const struct lade_program *program = plan->object->programs.items[index];
	bool referred = is_referred_to(plan->object, index);
	const char *why = referred ? "no table that is created holds it" : "no table of operations holds it";
	struct ops_use use;
	struct lade_finding *note;

	if (program->type != BPF_PROG_TYPE_STRUCT_OPS || program->skip || plan->program_skips[index])
		return 0;
	plan->program_needed[index] = lade_plan_ops_use(plan, index, &use);
	if (plan->program_needed[index] || !program->autoload)
		return 0;
	plan->program_skips[index] = strdup(why);
	if (!plan->program_skips[index])
		return -ENOMEM;
	if (referred)
		return 0;
	note = lade_note_add(&plan->notes, "plan.struct-ops.unused", "%s: program %s (section %s) is left out: %s",
			     plan->object->file, program->name, program->section, why);
	finding_program(note, program->name);
	return 0;
}

bool lade_plan_ops_use(const struct lade_plan *plan, uint32_t program, struct ops_use *ret_use)
{
	for (uint32_t i = 0; i < plan->object->maps.count; i++) {
		if (!plan->ops[i])
			continue;
		array_foreach(place, &plan->ops[i]->places) {
			if (place->program != program)
				continue;
			*ret_use = (struct ops_use){ plan->ops[i], place, i };
			return true;
		}
	}
	return false;
}

static bool is_same_module(const char *left, const char *right)
{
	return left == right || (left && right && strcmp(left, right) == 0);
}

/* A program is verified against one member of one struct; tables may share it only there. */
static int check_place(const struct lade_plan *plan, uint32_t map, const struct ops_place *place,
		       struct lade_error **error)
{
	const struct ops_table *table = plan->ops[map];
	const char *program = plan->object->programs.items[place->program]->name;
	struct ops_use first;
	struct lade_finding *finding;

	if (!lade_plan_ops_use(plan, place->program, &first) ||
	    (first.table->kernel_type == table->kernel_type && first.place->member == place->member &&
	     is_same_module(first.table->module, table->module)))
		return 0;
	finding = lade_error_add(error, EINVAL, "plan.struct-ops.reuse",
				 "%s: program %s stands behind different members of struct_ops %s and %s",
				 plan->object->file, program, plan->object->maps.items[first.map]->name,
				 plan->object->maps.items[map]->name);
	finding_program(finding, program);
	finding_map(finding, plan->object->maps.items[map]->name);
	return -EINVAL;
}

static int check_places(const struct lade_plan *plan, struct lade_error **error)
{
	int r = 0;

	for (uint32_t i = 0; i < plan->object->maps.count; i++)
		for (size_t j = 0; r == 0 && plan->ops[i] && j < plan->ops[i]->places.count; j++)
			r = check_place(plan, i, &plan->ops[i]->places.items[j], error);
	return r;
}

int lade_plan_ops_program(struct lade_plan *plan, uint32_t index, struct program_operation *load,
			  struct lade_error **error)
{
	struct ops_use use;

	if (!lade_plan_ops_use(plan, index, &use))
		return 0;
	load->attach_btf_id = use.table->kernel_type;
	load->expected_attach_type = use.place->member;
	return lade_plan_module_btf(plan, use.table->module, &load->attach_btf_slot, error);
}

static int leave_asleep(struct lade_plan *plan, uint32_t index)
{
	const struct lade_map *map = plan->object->maps.items[index];
	int r = asprintf(&plan->map_skips[index], "not created by default (section %s): --map %s", map->section,
			 map->name);

	return r < 0 ? -ENOMEM : 0;
}

int lade_plan_ops(struct lade_plan *plan, struct lade_error **error)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->object->maps.count; i++) {
		const struct lade_map *map = plan->object->maps.items[i];
		if (!map->ops_type || plan->map_skips[i])
			continue;
		if (map->asleep)
			r = leave_asleep(plan, i) < 0 ? lade_fail_memory(error) : 0;
		else
			r = make_table(plan, i, error);
	}
	for (uint32_t i = 0; r == 0 && i < plan->object->programs.count; i++)
		r = settle_program(plan, i) < 0 ? lade_fail_memory(error) : 0;
	return r < 0 ? r : check_places(plan, error);
}
