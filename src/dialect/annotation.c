/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types of a legacy map's key and value. BPF_ANNOTATE_KV_PAIR(name, K, V) left them in BTF as
 *
 *     struct ____btf_map_<name> { K key; V value; };
 */
#include "dialect/fill.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "____btf_map_"

static const struct btf_type *pair_of(const struct lade_btf *btf, const struct btf_type *type)
{
	if (lade_btf_kind(type) != BTF_KIND_STRUCT || lade_btf_vlen(type) != 2)
		return NULL;
	const struct btf_member *members = lade_btf_members(type);
	return strcmp(lade_btf_string(btf, members[0].name_off), "key") == 0 &&
			       strcmp(lade_btf_string(btf, members[1].name_off), "value") == 0
		       ? type
		       : NULL;
}

static bool has_size(const struct lade_btf *btf, uint32_t type, uint32_t bytes)
{
	return lade_btf_size(btf, type) == bytes;
}

/* The kernel refuses types of other sizes: better without than not at all. */
static void annotate(struct filling *filling, struct lade_map *map, const struct btf_type *pair)
{
	const struct lade_btf *btf = filling->source->btf;
	const struct btf_member *members = lade_btf_members(pair);
	if (has_size(btf, members[0].type, map->definition.key_size) &&
	    has_size(btf, members[1].type, map->definition.value_size)) {
		map->definition.btf_key_type = members[0].type;
		map->definition.btf_value_type = members[1].type;
		return;
	}
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "dialect.annotation",
			      "map %s: the types that BTF gives its key and value have other sizes", map->name);
	finding_map(note, map->name);
	finding_evidence(note, "key: %lld bytes in BTF, %u in the map", (long long)lade_btf_size(btf, members[0].type),
			 map->definition.key_size);
	finding_evidence(note, "value: %lld bytes in BTF, %u in the map",
			 (long long)lade_btf_size(btf, members[1].type), map->definition.value_size);
}

void lade_annotations_read(struct filling *filling)
{
	const struct lade_btf *btf = filling->source->btf;
	for (uint32_t id = 1; btf && id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		const char *name = lade_btf_string(btf, type->name_off);
		if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || !pair_of(btf, type))
			continue;
		struct lade_map *map = lade_object_find_map(filling->object, name + strlen(PREFIX));
		if (map && !map->is_data)
			annotate(filling, map, type);
	}
}
