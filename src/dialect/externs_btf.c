/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel says to BTF of externs is no: every variable must lie somewhere, and functions are none. So, as
 * libbpf does, the variables of .ksyms become ints one after another, its functions one such variable and global
 * functions, and the variables of .kconfig lie where the map .kconfig has them.
 */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

#define DUMMY_NAME "dummy_ksym"

static uint32_t find_int(const struct lade_btf *btf)
{
	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (lade_btf_kind(type) == BTF_KIND_INT && lade_btf_int_bits(type) == 32)
			return id;
	}
	return 0;
}

static bool holds_function(const struct lade_btf *btf, uint32_t datasec)
{
	const struct btf_type *type = lade_btf_type(btf, datasec);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++)
		if (lade_btf_kind(lade_btf_type(btf, lade_btf_secinfos(type)[i].type)) == BTF_KIND_FUNC)
			return true;
	return false;
}

/* The kernel wants names for the parameters of functions. */
static void name_parameters(struct lade_btf *btf, uint32_t prototype, uint32_t name)
{
	struct btf_type *type = lade_btf_edit(btf, prototype);
	struct btf_param *items =
		type && lade_btf_kind(type) == BTF_KIND_FUNC_PROTO ? (struct btf_param *)(type + 1) : NULL;
	for (uint32_t i = 0; items && i < lade_btf_vlen(type); i++)
		if (items[i].type && !items[i].name_off)
			items[i].name_off = name;
}

static void fix_function(struct lade_btf *btf, struct btf_var_secinfo *info, uint32_t dummy)
{
	struct btf_type *type = lade_btf_edit(btf, info->type);
	name_parameters(btf, type->type, lade_btf_type(btf, dummy)->name_off);
	type->info = (uint32_t)BTF_KIND_FUNC << 24 | BTF_FUNC_GLOBAL;
	info->type = dummy;
}

static void fix_variable(struct btf_type *type, uint32_t integer)
{
	((struct btf_var *)(type + 1))->linkage = BTF_VAR_GLOBAL_ALLOCATED;
	type->type = integer;
}

static int fix_ksyms(struct filling *filling, uint32_t id)
{
	struct lade_btf *btf = filling->source->btf;
	uint32_t integer = find_int(btf), dummy = 0;
	if (!integer) /* nothing but void and pointers: BPF_BTF_LOAD will say that it does not like them */
		return 0;
	int result = holds_function(btf, id)
			     ? lade_btf_add_variable(btf, DUMMY_NAME, integer, BTF_VAR_GLOBAL_ALLOCATED, &dummy)
			     : 0;
	if (result < 0)
		return result == -ENOMEM ? lade_fail_memory(filling->error) : result;
	struct btf_type *datasec = lade_btf_edit(btf, id);
	struct btf_var_secinfo *items = (struct btf_var_secinfo *)(datasec + 1);
	uint32_t count = lade_btf_vlen(datasec);
	for (uint32_t i = 0; i < count; i++) {
		struct btf_type *type = lade_btf_edit(btf, items[i].type);
		if (lade_btf_kind(type) == BTF_KIND_FUNC)
			fix_function(btf, &items[i], dummy);
		else if (lade_btf_kind(type) == BTF_KIND_VAR)
			fix_variable(type, integer);
		items[i].offset = i * (uint32_t)sizeof(int);
		items[i].size = sizeof(int);
	}
	datasec->size = count * (uint32_t)sizeof(int);
	return 0;
}

static int compare_offsets(const void *left, const void *right)
{
	const struct btf_var_secinfo *a = left, *b = right;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

/* By type id: index of the extern that this variable declares, plus one. */
static uint32_t *index_values(const struct filling *filling)
{
	uint32_t *index = calloc(lade_btf_count(filling->source->btf), sizeof *index);
	for (uint32_t i = 0; index && i < filling->object->externs.count; i++)
		if (filling->object->externs.items[i].kind == EXTERN_KCONFIG)
			index[filling->object->externs.items[i].btf_type] = i + 1;
	return index;
}

static int fix_kconfig(struct filling *filling, uint32_t id, uint32_t bytes)
{
	uint32_t *index CLEANUP(cleanup_free) = index_values(filling);
	struct btf_type *datasec = lade_btf_edit(filling->source->btf, id);
	struct btf_var_secinfo *items = (struct btf_var_secinfo *)(datasec + 1);
	if (!index)
		return lade_fail_memory(filling->error);
	for (uint32_t i = 0; i < lade_btf_vlen(datasec); i++) {
		struct btf_type *type = lade_btf_edit(filling->source->btf, items[i].type);
		uint32_t outside = index[items[i].type];
		if (!outside || lade_btf_kind(type) != BTF_KIND_VAR)
			continue;
		((struct btf_var *)(type + 1))->linkage = BTF_VAR_GLOBAL_ALLOCATED;
		items[i].offset = filling->object->externs.items[outside - 1].offset;
	}
	datasec->size = bytes;
	if (lade_btf_vlen(datasec))
		qsort(items, lade_btf_vlen(datasec), sizeof *items, compare_offsets);
	return 0;
}

int lade_externs_fix(struct filling *filling, uint32_t kconfig_bytes)
{
	uint32_t ksyms = lade_btf_find(filling->source->btf, ".ksyms", BTF_KIND_DATASEC);
	uint32_t kconfig = lade_btf_find(filling->source->btf, ".kconfig", BTF_KIND_DATASEC);
	int result = ksyms ? fix_ksyms(filling, ksyms) : 0;
	return result == 0 && kconfig ? fix_kconfig(filling, kconfig, kconfig_bytes) : result;
}

/* ---- the map of the configuration's values ---- */

static int add_values(struct filling *filling, uint32_t map)
{
	for (uint32_t i = 0; i < filling->object->externs.count; i++) {
		const struct object_extern *outside = &filling->object->externs.items[i];
		if (outside->kind != EXTERN_KCONFIG)
			continue;
		struct lade_variable *variable = lade_object_add_variable(filling->object, outside->name, map);
		if (!variable)
			return -ENOMEM;
		variable->offset = outside->offset;
		variable->length = outside->length;
		variable->btf_type = lade_btf_type(filling->source->btf, outside->btf_type)->type;
		variable->is_weak = outside->is_weak;
		variable->outside = i;
	}
	return 0;
}

static bool has_values(const struct lade_object *object)
{
	array_foreach(outside, &object->externs)
		if (outside->kind == EXTERN_KCONFIG)
			return true;
	return false;
}

int lade_kconfig_map(struct filling *filling)
{
	const struct lade_btf *btf = filling->source->btf;
	uint32_t id = btf ? lade_btf_find(btf, ".kconfig", BTF_KIND_DATASEC) : 0;
	const struct btf_type *datasec = lade_btf_type(btf, id);
	if (!datasec || !datasec->size || !has_values(filling->object)) /* its size may be anything then */
		return 0;
	struct lade_map *map = lade_object_add_map(filling->object, ".kconfig", ".kconfig");
	if (!map)
		return lade_fail_memory(filling->error);
	map->definition = (struct map_definition){
		.type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = datasec->size,
		.max_entries = 1,
		.flags = BPF_F_RDONLY_PROG | BPF_F_MMAPABLE,
		.btf_value_type = id,
	};
	map->is_data = map->is_readonly_data = true;
	map->elf_section = NO_INDEX; /* it lies in no section */
	map->data = calloc(datasec->size, 1);
	filling->object->kconfig_map = (uint32_t)(filling->object->maps.count - 1);
	return map->data && add_values(filling, filling->object->kconfig_map) == 0 ? 0
										   : lade_fail_memory(filling->error);
}
