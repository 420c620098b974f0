/* SPDX-License-Identifier: BSD-2-Clause */
/* Structs and unions of the object that may be records: all with a name, but for keys, values and contexts. */
#include <errno.h>
#include <string.h>

#include "stream/types.h"

#define MAX_DEPTH 24

/* One bit a type: not a record. */
struct exclusion {
	const struct lade_btf *btf;
	uint8_t *bits;
};

static bool is_excluded(const struct exclusion *exclusion, uint32_t id)
{
	return exclusion->bits[id / 8] >> id % 8 & 1;
}

/* A typedef and what it stands for are both meant. */
static void exclude(struct exclusion *exclusion, uint32_t id)
{
	uint32_t last = lade_btf_skip_modifiers(exclusion->btf, id);
	for (unsigned step = 0; step < 64 && id && id < lade_btf_count(exclusion->btf); step++) {
		exclusion->bits[id / 8] |= (uint8_t)(1U << id % 8);
		if (id == last)
			return;
		id = lade_btf_type(exclusion->btf, id)->type;
	}
}

static bool is_group(const struct lade_btf *btf, uint32_t id)
{
	const struct btf_type *type = lade_btf_type(btf, id);
	return type && (lade_btf_kind(type) == BTF_KIND_STRUCT || lade_btf_kind(type) == BTF_KIND_UNION);
}

/* A context and what lies inside it: struct trace_entry in every tracepoint's record. */
static void exclude_deeply(struct exclusion *exclusion, uint32_t id, unsigned depth)
{
	uint32_t resolved = lade_btf_skip_modifiers(exclusion->btf, id);
	if (!is_group(exclusion->btf, resolved) || depth == MAX_DEPTH || is_excluded(exclusion, resolved))
		return;
	exclude(exclusion, id);
	const struct btf_type *type = lade_btf_type(exclusion->btf, resolved);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++)
		exclude_deeply(exclusion, lade_btf_members(type)[i].type, depth + 1);
}

/* Type that a pointer type points to; 0: no pointer. */
static uint32_t pointee(const struct lade_btf *btf, uint32_t id)
{
	const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));
	return type && lade_btf_kind(type) == BTF_KIND_PTR ? type->type : 0;
}

static void exclude_context(struct exclusion *exclusion, const char *program)
{
	const struct lade_btf *btf = exclusion->btf;
	const struct btf_type *function = lade_btf_type(btf, lade_btf_find(btf, program, BTF_KIND_FUNC));
	const struct btf_type *prototype = function ? lade_btf_type(btf, function->type) : NULL;
	if (prototype && lade_btf_kind(prototype) == BTF_KIND_FUNC_PROTO && lade_btf_vlen(prototype))
		exclude_deeply(exclusion, pointee(btf, lade_btf_params(prototype)[0].type), 0);
}

static bool is_buffer(uint32_t map_type)
{
	return map_type == BPF_MAP_TYPE_RINGBUF || map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

static bool names_buffer(const struct lade_instance *instance, const char *map)
{
	array_foreach(item, &instance->maps)
		if (strcmp(item->name, map) == 0)
			return is_buffer(item->definition.type);
	return false;
}

/* `key` and `value` of a definition in .maps: the kernel's copy has no ids for every map type. */
static void exclude_definition(struct exclusion *exclusion, uint32_t id)
{
	const struct lade_btf *btf = exclusion->btf;
	uint32_t resolved = lade_btf_skip_modifiers(btf, id);
	const struct btf_type *type = is_group(btf, resolved) ? lade_btf_type(btf, resolved) : NULL;
	for (uint32_t i = 0; type && i < lade_btf_vlen(type); i++) {
		const struct btf_member *member = &lade_btf_members(type)[i];
		const char *name = lade_btf_string(btf, member->name_off);
		if (strcmp(name, "key") == 0 || strcmp(name, "value") == 0)
			exclude(exclusion, pointee(btf, member->type));
	}
	exclude(exclusion, id);
}

static void exclude_definitions(struct exclusion *exclusion, const struct lade_instance *instance)
{
	const struct lade_btf *btf = exclusion->btf;
	const struct btf_type *section = lade_btf_type(btf, lade_btf_find(btf, ".maps", BTF_KIND_DATASEC));
	for (uint32_t i = 0; section && i < lade_btf_vlen(section); i++) {
		uint32_t id = lade_btf_secinfos(section)[i].type;
		const struct btf_type *variable = lade_btf_type(btf, id);
		if (variable && !names_buffer(instance, lade_btf_type_name(btf, id)))
			exclude_definition(exclusion, variable->type);
	}
}

static void fill_exclusion(struct exclusion *exclusion, const struct lade_instance *instance)
{
	array_foreach(map, &instance->maps) {
		if (is_buffer(map->definition.type))
			continue;
		exclude(exclusion, map->definition.btf_key_type);
		exclude(exclusion, map->definition.btf_value_type);
	}
	exclude_definitions(exclusion, instance);
	array_foreach(program, &instance->programs)
		exclude_context(exclusion, program->name);
}

/* A named struct, or a typedef of a nameless one. "____btf_map_NAME" pairs key and value in old objects. */
static bool is_candidate(const struct exclusion *exclusion, uint32_t id)
{
	const struct lade_btf *btf = exclusion->btf;
	const char *name = lade_btf_type_name(btf, id);
	uint32_t resolved = lade_btf_skip_modifiers(btf, id);
	if (!*name || !is_group(btf, resolved) || strncmp(name, "____btf_map_", 12) == 0)
		return false;
	if (is_excluded(exclusion, id) || is_excluded(exclusion, resolved))
		return false;
	return id == resolved ||
	       (lade_btf_kind(lade_btf_type(btf, id)) == BTF_KIND_TYPEDEF && !*lade_btf_type_name(btf, resolved));
}

static int collect(struct record_types *types, const struct exclusion *exclusion)
{
	for (uint32_t id = 1; id < lade_btf_count(types->btf); id++) {
		int64_t size = lade_btf_size(types->btf, id);
		if (size <= 0 || !is_candidate(exclusion, id))
			continue;
		struct record_candidate *candidate = array_push(&types->candidates);
		if (!candidate)
			return -ENOMEM;
		*candidate = (struct record_candidate){ .id = id, .size = (uint64_t)size };
	}
	return 0;
}

int lade_record_types_init(struct record_types *types, const struct lade_instance *instance)
{
	*types = (struct record_types){ 0 };
	if (!instance->btf)
		return 0;
	types->btf = lade_btf_ref(instance->btf);
	struct exclusion exclusion = { .btf = types->btf, .bits = calloc(lade_btf_count(types->btf) / 8 + 1, 1) };
	if (!exclusion.bits)
		return -ENOMEM;
	fill_exclusion(&exclusion, instance);
	int result = collect(types, &exclusion);
	free(exclusion.bits);
	return result;
}

void lade_record_types_clear(struct record_types *types)
{
	array_foreach(type, &types->compiled)
		(void)lade_decoder_free(type->decoder);
	array_clear(&types->compiled);
	array_clear(&types->candidates);
	types->btf = lade_btf_free(types->btf);
}
