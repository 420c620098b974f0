/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps of section .maps: a DATASEC of variables whose struct types carry the attributes.
 *
 *     __uint(name, n)    int (*name)[n]                  a number as the length of an array
 *     __ulong(name, n)   enum { … = n } name             a number of 64 bits
 *     __type(name, T)    T *name                         a type
 *     __array(name, T)   T *name[]                       what the slots hold
 */
#include "dialect/fill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct attribute {
	uint64_t number; /* given by __uint or __ulong */
	uint32_t type;   /* given by __type or __array: the pointed-to type */
	bool is_given;
};

enum attribute_name {
	TYPE,
	KEY_SIZE,
	VALUE_SIZE,
	MAX_ENTRIES,
	MAP_FLAGS,
	NUMA_NODE,
	PINNING,
	MAP_EXTRA,
	KEY,
	VALUE,
	VALUES,
	ATTRIBUTES,
};

struct reading {
	struct filling *filling;
	const struct lade_btf *btf;
	const char *name; /* of the map, for findings */
	bool is_inner;
	struct attribute attributes[ATTRIBUTES];
};

static int fail_field(const struct reading *reading, const char *code, const char *field, const char *why)
{
	struct lade_finding *finding = lade_error_add(reading->filling->error, ENOEXEC, code, "%s: map %s: %s %s",
						      reading->filling->elf->file, reading->name, field, why);
	finding_map(finding, reading->name);
	return -ENOEXEC;
}

/* ---- attributes ---- */

static const struct btf_type *type_at(const struct reading *reading, uint32_t id)
{
	return lade_btf_type(reading->btf, lade_btf_skip_modifiers(reading->btf, id));
}

static bool read_enumerator(const struct btf_type *type, uint64_t *ret_number)
{
	uint32_t kind = lade_btf_kind(type);
	if (lade_btf_vlen(type) != 1)
		return false;
	if (kind == BTF_KIND_ENUM)
		*ret_number = (uint32_t)lade_btf_enums(type)->val;
	else if (kind == BTF_KIND_ENUM64)
		*ret_number = (uint64_t)lade_btf_enums64(type)->val_hi32 << 32 | lade_btf_enums64(type)->val_lo32;
	return kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64;
}

static bool read_number(const struct reading *reading, uint32_t id, struct attribute *attribute)
{
	const struct btf_type *type = type_at(reading, id);
	if (type && read_enumerator(type, &attribute->number))
		return true;
	const struct btf_type *array =
		type && lade_btf_kind(type) == BTF_KIND_PTR ? type_at(reading, type->type) : NULL;
	if (!array || lade_btf_kind(array) != BTF_KIND_ARRAY)
		return false;
	attribute->number = lade_btf_array(array)->nelems;
	return true;
}

static bool read_type(const struct reading *reading, uint32_t id, struct attribute *attribute)
{
	const struct btf_type *type = type_at(reading, id);
	if (!type || lade_btf_kind(type) != BTF_KIND_PTR)
		return false;
	attribute->type = type->type;
	return true;
}

static bool read_array(const struct reading *reading, uint32_t id, struct attribute *attribute)
{
	const struct btf_type *type = type_at(reading, id);
	if (!type || lade_btf_kind(type) != BTF_KIND_ARRAY || lade_btf_array(type)->nelems)
		return false;
	return read_type(reading, lade_btf_array(type)->type, attribute);
}

static const struct {
	const char *name;
	bool (*read)(const struct reading *reading, uint32_t id, struct attribute *attribute);
	const char *wanted;
} attribute_table[ATTRIBUTES] = {
	[TYPE] = { "type", read_number, "must be a number: __uint(type, …)" },
	[KEY_SIZE] = { "key_size", read_number, "must be a number: __uint(key_size, …)" },
	[VALUE_SIZE] = { "value_size", read_number, "must be a number: __uint(value_size, …)" },
	[MAX_ENTRIES] = { "max_entries", read_number, "must be a number: __uint(max_entries, …)" },
	[MAP_FLAGS] = { "map_flags", read_number, "must be a number: __uint(map_flags, …)" },
	[NUMA_NODE] = { "numa_node", read_number, "must be a number: __uint(numa_node, …)" },
	[PINNING] = { "pinning", read_number, "must be a number: __uint(pinning, …)" },
	[MAP_EXTRA] = { "map_extra", read_number, "must be a number: __uint or __ulong(map_extra, …)" },
	[KEY] = { "key", read_type, "must be a type: __type(key, …)" },
	[VALUE] = { "value", read_type, "must be a type: __type(value, …)" },
	[VALUES] = { "values", read_array, "must be an array without a length: __array(values, …)" },
};

static int read_member(struct reading *reading, const struct btf_member *member)
{
	const char *name = lade_btf_string(reading->btf, member->name_off);
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		if (strcmp(attribute_table[i].name, name) != 0)
			continue;
		if (reading->attributes[i].is_given)
			return fail_field(reading, "dialect.btf.map.attribute", name, "is given twice");
		reading->attributes[i].is_given = true;
		if (!attribute_table[i].read(reading, member->type, &reading->attributes[i]))
			return fail_field(reading, "dialect.btf.map.attribute", name, attribute_table[i].wanted);
		return 0;
	}
	return fail_field(reading, "dialect.btf.map.unknown", *name ? name : "(unnamed member)",
			  "is no attribute of a map");
}

static int read_members(struct reading *reading, uint32_t id)
{
	const struct btf_type *type = type_at(reading, id);
	if (!type || lade_btf_kind(type) != BTF_KIND_STRUCT)
		return fail_field(reading, "dialect.btf.map.attribute", "its type", "is no struct");
	const struct btf_member *members = lade_btf_members(type);
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < lade_btf_vlen(type); i++)
		result = read_member(reading, &members[i]);
	return result;
}

/* ---- attributes to definition ---- */

/* A size is given as such, by a type, or both ways alike. */
static int read_size(const struct reading *reading, enum attribute_name size, enum attribute_name type,
		     uint32_t *ret_bytes)
{
	uint64_t bytes = reading->attributes[size].number;
	if (reading->attributes[type].is_given) {
		int64_t of_type = lade_btf_size(reading->btf, reading->attributes[type].type);
		if (of_type < 0)
			return fail_field(reading, "dialect.btf.map.attribute", attribute_table[type].name,
					  "has a type without a size");
		if (reading->attributes[size].is_given && bytes != (uint64_t)of_type)
			return fail_field(reading, "dialect.btf.map.conflict", attribute_table[size].name,
					  "is not the size of the type that is given too");
		bytes = (uint64_t)of_type;
	}
	if (bytes > UINT32_MAX)
		return fail_field(reading, "dialect.btf.map.range", attribute_table[size].name,
				  "has more than 32 bits");
	*ret_bytes = (uint32_t)bytes;
	return 0;
}

static int read_words(const struct reading *reading, struct map_definition *definition)
{
	struct {
		enum attribute_name attribute;
		uint32_t *place;
	} words[] = {
		{ TYPE, &definition->type },
		{ MAX_ENTRIES, &definition->max_entries },
		{ MAP_FLAGS, &definition->flags },
		{ NUMA_NODE, &definition->numa_node },
	};
	for (size_t i = 0; i < ELEMENTS(words); i++) {
		uint64_t number = reading->attributes[words[i].attribute].number;
		if (number > UINT32_MAX)
			return fail_field(reading, "dialect.btf.map.range", attribute_table[words[i].attribute].name,
					  "has more than 32 bits");
		*words[i].place = (uint32_t)number;
	}
	definition->extra = reading->attributes[MAP_EXTRA].number;
	/* The kernel reads the node only with the flag; libbpf sends both as they are. */
	definition->has_numa_node = reading->attributes[NUMA_NODE].is_given;
	return definition->type ? 0 : fail_field(reading, "dialect.btf.map.type", "type", "is missing or zero");
}

static bool is_record(const struct reading *reading, uint32_t id)
{
	const struct btf_type *type = type_at(reading, id);
	uint32_t kind = type ? lade_btf_kind(type) : BTF_KIND_UNKN;
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

/* A buffer's types describe its records to us; to the kernel they are a mistake. */
static void describe_buffer(const struct reading *reading, struct lade_map *map)
{
	struct map_definition *definition = &map->definition;
	bool is_perf = definition->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	bool is_ring = definition->type == BPF_MAP_TYPE_RINGBUF || definition->type == BPF_MAP_TYPE_USER_RINGBUF;
	if (!is_perf && !is_ring)
		return;
	if (is_record(reading, definition->btf_value_type))
		map->btf_record_type = definition->btf_value_type;
	definition->btf_key_type = definition->btf_value_type = 0;
	definition->key_size = definition->value_size = is_perf ? 4 : 0;
}

static int read_pinning(const struct reading *reading, struct lade_map *map)
{
	uint64_t pinning = reading->attributes[PINNING].number;
	if (pinning > 1)
		return fail_field(reading, "dialect.btf.map.pinning", "pinning",
				  "is neither LIBBPF_PIN_NONE nor LIBBPF_PIN_BY_NAME");
	if (pinning && reading->is_inner)
		return fail_field(reading, "dialect.btf.map.inner", "pinning", "is of no use in a template");
	map->pinning = pinning ? LADE_PIN_BY_NAME : LADE_PIN_OBJECT;
	return 0;
}

static int define(struct reading *reading, struct lade_map *map)
{
	struct map_definition *definition = &map->definition;
	int result = read_words(reading, definition);
	if (result == 0)
		result = read_size(reading, KEY_SIZE, KEY, &definition->key_size);
	if (result == 0)
		result = read_size(reading, VALUE_SIZE, VALUE, &definition->value_size);
	if (result == 0)
		result = read_pinning(reading, map);
	if (result < 0)
		return result;
	definition->btf_key_type = reading->attributes[KEY].type;
	definition->btf_value_type = reading->attributes[VALUE].type;
	describe_buffer(reading, map);
	if (lade_btf_is_special(reading->btf, definition->btf_value_type))
		reading->filling->object->btf_required = true;
	return 0;
}

/* ---- what the slots hold ---- */

static bool is_map_in_map(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static int read_map(struct filling *filling, const char *name, uint32_t type, bool is_inner, uint32_t *ret_index);

static int read_inner(struct reading *reading, uint32_t index)
{
	char *name CLEANUP(cleanup_free) = NULL;
	uint32_t inner;
	if (reading->is_inner)
		return fail_field(reading, "dialect.btf.map.inner", "values", "nests maps more than once");
	if (asprintf(&name, "%s.inner", reading->name) < 0)
		name = NULL;
	if (!name)
		return lade_fail_memory(reading->filling->error);
	int result = read_map(reading->filling, name, reading->attributes[VALUES].type, true, &inner);
	if (result < 0)
		return result;
	reading->filling->object->maps.items[index]->inner = inner;
	reading->filling->object->maps.items[inner]->inner_only = true;
	return 0;
}

static int read_values(struct reading *reading, uint32_t index)
{
	struct map_definition *definition = &reading->filling->object->maps.items[index]->definition;
	bool outer = is_map_in_map(definition->type);
	if (!outer && definition->type != BPF_MAP_TYPE_PROG_ARRAY)
		return fail_field(reading, "dialect.btf.map.values", "values",
				  "is for maps of maps and prog arrays only");
	if (definition->value_size && definition->value_size != 4)
		return fail_field(reading, "dialect.btf.map.conflict", "value_size", "must be 4 where values is given");
	definition->value_size = 4;
	if (outer)
		return read_inner(reading, index);
	const struct btf_type *type = type_at(reading, reading->attributes[VALUES].type);
	if (!type || lade_btf_kind(type) != BTF_KIND_FUNC_PROTO)
		return fail_field(reading, "dialect.btf.map.values", "values", "of a prog array must be functions");
	return 0;
}

static int read_map(struct filling *filling, const char *name, uint32_t type, bool is_inner, uint32_t *ret_index)
{
	struct reading reading = {
		.filling = filling, .btf = filling->source->btf, .name = name, .is_inner = is_inner
	};
	int result = read_members(&reading, type);
	if (result < 0)
		return result;
	struct lade_map *map = lade_object_add_map(filling->object, name, ".maps");
	if (!map)
		return lade_fail_memory(filling->error);
	uint32_t index = (uint32_t)(filling->object->maps.count - 1);
	result = define(&reading, map);
	if (result == 0 && reading.attributes[VALUES].is_given)
		result = read_values(&reading, index);
	if (result < 0)
		return result;
	*ret_index = index;
	return 0;
}

/* ---- the section ---- */

static int read_variable(struct filling *filling, const struct elf_section *section, const struct btf_var_secinfo *info)
{
	const struct btf_type *variable = lade_btf_type(filling->source->btf, info->type);
	if (!variable || lade_btf_kind(variable) != BTF_KIND_VAR)
		return lade_fail(filling->error, ENOEXEC, "dialect.btf.maps",
				 "%s: type %u in DATASEC .maps is no variable", filling->elf->file, info->type);
	uint32_t index;
	const char *name = lade_btf_string(filling->source->btf, variable->name_off);
	int result = read_map(filling, name, variable->type, false, &index);
	if (result < 0)
		return result;
	filling->object->maps.items[index]->elf_section = section->index;
	filling->object->maps.items[index]->section_offset = info->offset;
	return 0;
}

static int fail_missing(struct filling *filling, const char *why)
{
	return lade_fail(filling->error, ENOEXEC, "dialect.btf.missing", "%s: section .maps %s", filling->elf->file,
			 why);
}

int lade_btf_maps_read(struct filling *filling)
{
	const struct elf_section *section = lade_elf_section(filling->elf, ".maps");
	if (!section || !section->size)
		return 0;
	if (!filling->source->btf)
		return fail_missing(filling, "cannot be read without BTF");
	const struct btf_type *datasec = lade_btf_type(filling->source->btf, filling->uses[section->index].datasec);
	if (!datasec)
		return fail_missing(filling, "is not described by the object's BTF");
	const struct btf_var_secinfo *items = lade_btf_secinfos(datasec);
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < lade_btf_vlen(datasec); i++)
		result = read_variable(filling, section, &items[i]);
	return result;
}
