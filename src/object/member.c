/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/member.h"

#include <errno.h>
#include <string.h>

bool lade_type_is_function_pointer(const struct lade_btf *btf, uint32_t id)
{
	const struct btf_type *pointer = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));
	if (!pointer || lade_btf_kind(pointer) != BTF_KIND_PTR)
		return false;
	return lade_btf_kind(lade_btf_type(btf, lade_btf_skip_modifiers(btf, pointer->type))) == BTF_KIND_FUNC_PROTO;
}

/* ---- finding ---- */

/* A part of a variable: where it begins, what it is. */
struct part {
	uint32_t offset, type;
};

/* Bit fields have no bytes of their own. */
static bool step_into(const struct lade_btf *btf, struct part *part, const char *name, size_t length)
{
	const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, part->type));
	uint32_t kind = lade_btf_kind(type);
	if (kind != BTF_KIND_STRUCT && kind != BTF_KIND_UNION)
		return false;
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		const char *member = lade_btf_string(btf, lade_btf_members(type)[i].name_off);
		uint32_t bits = lade_btf_member_bit_offset(type, i);
		if (strncmp(member, name, length) != 0 || member[length])
			continue;
		if (lade_btf_member_bit_size(type, i) || bits % 8 ||
		    __builtin_add_overflow(part->offset, bits / 8, &part->offset))
			return false;
		part->type = lade_btf_members(type)[i].type;
		return true;
	}
	return false;
}

static struct lade_variable *variable_before(const struct lade_object *object, const char *path, const char *dot)
{
	size_t length = (size_t)(dot - path);
	array_foreach(variable, &object->variables)
		if (strncmp((*variable)->name, path, length) == 0 && !(*variable)->name[length])
			return *variable;
	return NULL;
}

static bool find_part(const struct lade_variable *whole, const char *path, struct part *ret_part, uint32_t *ret_bytes)
{
	struct part part = { 0, whole->btf_type };
	const struct lade_btf *btf = whole->object->btf;
	uint32_t end;
	for (const char *dot; path; path = dot ? dot + 1 : NULL) {
		dot = strchr(path, '.');
		if (!step_into(btf, &part, path, dot ? (size_t)(dot - path) : strlen(path)))
			return false;
	}
	int64_t bytes = lade_btf_size(btf, part.type);
	if (bytes < 0 || bytes > UINT32_MAX || __builtin_add_overflow(part.offset, (uint32_t)bytes, &end) ||
	    end > whole->length)
		return false;
	*ret_part = part;
	*ret_bytes = (uint32_t)bytes;
	return true;
}

static struct lade_variable *add_member(struct lade_object *object, const struct lade_variable *whole, const char *path,
					const struct part *part, uint32_t bytes)
{
	struct lade_variable *member = calloc(1, sizeof *member);
	struct lade_variable **place = member ? array_push(&object->members) : NULL; /* NOLINT: items are pointers */
	char *name = place ? strdup(path) : NULL;
	if (place)
		*place = member;
	else
		free(member);
	if (!name)
		return NULL;
	*member = (struct lade_variable){
		.object = object,
		.name = name,
		.map = whole->map,
		.offset = whole->offset + part->offset,
		.length = bytes,
		.btf_type = part->type,
		.outside = whole->outside,
		.is_static = whole->is_static,
		.is_weak = whole->is_weak,
	};
	return member;
}

struct lade_variable *lade_object_find_member(struct lade_object *object, const char *path)
{
	const char *dot = strchr(path, '.');
	const struct lade_variable *whole = dot ? variable_before(object, path, dot) : NULL;
	struct part part;
	uint32_t bytes;
	array_foreach(known, &object->members)
		if ((*known)->name && strcmp((*known)->name, path) == 0)
			return *known;
	if (!whole || !whole->btf_type || !object->btf || !find_part(whole, dot + 1, &part, &bytes))
		return NULL;
	return add_member(object, whole, path, &part, bytes);
}

/* ---- programs behind function pointers ---- */

uint32_t lade_ops_member_at(const struct lade_btf *btf, const struct lade_map *table, uint64_t offset)
{
	const struct btf_type *type = lade_btf_type(btf, table->ops_type);
	uint64_t bits;
	if (__builtin_mul_overflow(offset, 8, &bits))
		return NO_INDEX;
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++)
		if (lade_btf_member_bit_offset(type, i) == bits &&
		    lade_type_is_function_pointer(btf, lade_btf_members(type)[i].type))
			return i;
	return NO_INDEX;
}

int lade_ops_put(struct lade_map *table, uint32_t member, uint32_t program)
{
	array_foreach(slot, &table->ops)
		if (slot->member == member) {
			slot->program = program;
			return 0;
		}
	struct ops_slot *slot = array_push(&table->ops);
	if (!slot)
		return -ENOMEM;
	*slot = (struct ops_slot){ member, program };
	return 0;
}

static int put(struct lade_map *table, uint32_t member, uint32_t program)
{
	int r = lade_ops_put(table, member, program);
	return r < 0 ? r : 1;
}

int lade_member_set_program(struct lade_variable *variable, const char *text)
{
	struct lade_object *object = variable->object;
	struct lade_map *table = object->maps.items[variable->map];
	uint32_t member = table->ops_type ? lade_ops_member_at(object->btf, table, variable->offset) : NO_INDEX;
	if (member == NO_INDEX || !lade_type_is_function_pointer(object->btf, variable->btf_type))
		return 0;
	if (strcmp(text, "0") == 0 || strcmp(text, "NULL") == 0)
		return put(table, member, NO_INDEX);
	const struct lade_program *program = lade_object_find_program(object, text);
	return program && program->type == BPF_PROG_TYPE_STRUCT_OPS ? put(table, member, lade_program_index(program))
								    : -EINVAL;
}
