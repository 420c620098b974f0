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

static void exclude_context(struct exclusion *exclusion, uint32_t function_id)
{
	const struct lade_btf *btf = exclusion->btf;
	const struct btf_type *function = lade_btf_type(btf, function_id);
	const struct btf_type *prototype =
		function && lade_btf_kind(function) == BTF_KIND_FUNC ? lade_btf_type(btf, function->type) : NULL;
	if (prototype && lade_btf_kind(prototype) == BTF_KIND_FUNC_PROTO && lade_btf_vlen(prototype))
		exclude_deeply(exclusion, pointee(btf, lade_btf_params(prototype)[0].type), 0);
}

bool lade_is_record_buffer(uint32_t map_type)
{
	return map_type == BPF_MAP_TYPE_RINGBUF || map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

/* ---- definitions in .maps ---- */

/* What a member points to: of `type` an array of that many elements, of `key` and `value` the type itself; 0: none. */
static uint32_t defined(const struct lade_btf *btf, uint32_t definition, const char *member)
{
	uint32_t resolved = lade_btf_skip_modifiers(btf, definition);
	const struct btf_type *type = is_group(btf, resolved) ? lade_btf_type(btf, resolved) : NULL;
	for (uint32_t i = 0; type && i < lade_btf_vlen(type); i++) {
		const struct btf_member *item = &lade_btf_members(type)[i];
		if (strcmp(lade_btf_string(btf, item->name_off), member) == 0)
			return pointee(btf, item->type);
	}
	return 0;
}

static uint32_t defined_type(const struct lade_btf *btf, uint32_t definition)
{
	const struct btf_type *type =
		lade_btf_type(btf, lade_btf_skip_modifiers(btf, defined(btf, definition, "type")));
	return type && lade_btf_kind(type) == BTF_KIND_ARRAY ? lade_btf_array(type)->nelems : 0;
}

/* Calls back for every map that .maps defines. */
typedef void definition_fn(void *userdata, const struct lade_btf *btf, const char *name, uint32_t definition);

static void each_definition(const struct lade_btf *btf, definition_fn *fn, void *userdata)
{
	const struct btf_type *section = lade_btf_type(btf, lade_btf_find(btf, ".maps", BTF_KIND_DATASEC));
	for (uint32_t i = 0; section && i < lade_btf_vlen(section); i++) {
		uint32_t id = lade_btf_secinfos(section)[i].type;
		const struct btf_type *variable = lade_btf_type(btf, id);
		if (variable && lade_btf_kind(variable) == BTF_KIND_VAR)
			fn(userdata, btf, lade_btf_type_name(btf, id), variable->type);
	}
}

#define USER_RINGBUF 31 /* BPF_MAP_TYPE_USER_RINGBUF, since 6.1 */

static bool carries_records(uint32_t map_type)
{
	return lade_is_record_buffer(map_type) || map_type == USER_RINGBUF;
}

/* The kernel's copy of a definition has no ids for every map type. */
static void exclude_definition(void *userdata, const struct lade_btf *btf, const char *name, uint32_t definition)
{
	struct exclusion *exclusion = userdata;
	(void)name;
	exclude(exclusion, definition);
	if (carries_records(defined_type(btf, definition)))
		return;
	exclude(exclusion, defined(btf, definition, "key"));
	exclude(exclusion, defined(btf, definition, "value"));
}

struct declaration {
	const char *map;
	uint32_t type;
};

/* The kernel keeps 15 characters of a name. */
static bool is_name_of(const char *map, const char *name)
{
	return strcmp(map, name) == 0 || (strlen(map) == 15 && strncmp(map, name, 15) == 0);
}

static void find_declaration(void *userdata, const struct lade_btf *btf, const char *name, uint32_t definition)
{
	struct declaration *declaration = userdata;
	if (!declaration->type && is_name_of(declaration->map, name) && carries_records(defined_type(btf, definition)))
		declaration->type = defined(btf, definition, "value");
}

uint32_t lade_record_types_declared(const struct record_types *types, const char *map)
{
	struct declaration declaration = { .map = map };
	if (types->btf)
		each_definition(types->btf, find_declaration, &declaration);
	return declaration.type;
}

static void fill_exclusion(struct exclusion *exclusion, const struct type_uses *uses)
{
	array_foreach(id, &uses->elements)
		exclude(exclusion, *id);
	each_definition(exclusion->btf, exclude_definition, exclusion);
	array_foreach(function, &uses->programs)
		exclude_context(exclusion, *function);
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

/* What a member's type is made of: through arrays, and through names to what they stand for. */
static void mark_parts(struct exclusion *parts, uint32_t id)
{
	for (unsigned depth = 0; depth < MAX_DEPTH; depth++) {
		uint32_t resolved = lade_btf_skip_modifiers(parts->btf, id);
		const struct btf_type *type = lade_btf_type(parts->btf, resolved);
		exclude(parts, id);
		if (!type || lade_btf_kind(type) != BTF_KIND_ARRAY)
			return;
		id = lade_btf_array(type)->type;
	}
}

static void mark_candidates(struct record_types *types, struct exclusion *parts)
{
	memset(parts->bits, 0, lade_btf_count(types->btf) / 8 + 1);
	for (uint32_t id = 1; id < lade_btf_count(types->btf); id++) {
		const struct btf_type *type = is_group(types->btf, id) ? lade_btf_type(types->btf, id) : NULL;
		for (uint32_t i = 0; type && i < lade_btf_vlen(type); i++)
			mark_parts(parts, lade_btf_members(type)[i].type);
	}
	array_foreach(candidate, &types->candidates)
		candidate->is_part = is_excluded(parts, candidate->id);
}

int lade_record_types_init(struct record_types *types, struct lade_btf *btf, const struct type_uses *uses)
{
	if (!btf)
		return 0;
	types->btf = lade_btf_ref(btf);
	struct exclusion exclusion = { .btf = btf, .bits = calloc(lade_btf_count(btf) / 8 + 1, 1) };
	if (!exclusion.bits)
		return -ENOMEM;
	fill_exclusion(&exclusion, uses);
	int result = collect(types, &exclusion);
	mark_candidates(types, &exclusion);
	free(exclusion.bits);
	return result;
}

void lade_type_uses_clear(struct type_uses *uses)
{
	array_clear(&uses->elements);
	array_clear(&uses->programs);
}

void lade_record_types_clear(struct record_types *types)
{
	array_foreach(type, &types->compiled)
		(void)lade_decoder_free(type->decoder);
	array_clear(&types->compiled);
	array_clear(&types->candidates);
	types->btf = lade_btf_free(types->btf);
}
