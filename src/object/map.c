/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of a map: describing and editing it. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "object/model.h"
#include "object/sections.h"

static const struct lade_map *map_at(const struct lade_object *object, uint32_t index)
{
	return index < object->maps.count ? object->maps.items[index] : NULL;
}

int lade_map_describe(const struct lade_map *map, struct lade_map_info *info)
{
	const struct map_definition *definition = &map->definition;
	struct lade_map_info full = {
		.name = map->name,
		.type = definition->type,
		.type_name = lade_map_type_name(definition->type),
		.key_size = definition->key_size,
		.value_size = definition->value_size,
		.max_entries = definition->max_entries,
		.flags = definition->flags,
		.extra = definition->extra,
		.has_numa_node = definition->has_numa_node,
		.numa_node = definition->numa_node,
		.pinning = map->pinning,
		.pin_path = map->pin_path,
		.inner = map_at(map->object, map->inner),
		.btf_key_type = definition->btf_key_type,
		.btf_value_type = definition->btf_value_type,
		.is_data = map->is_data,
		.is_inner_only = map->inner_only,
		.initial_count = map->initial.count,
		.section = map->section,
	};
	return info_fill(info, &full, sizeof full);
}

int lade_map_initial(const struct lade_map *map, size_t nth, uint32_t *ret_index, const char **ret_target)
{
	if (nth >= map->initial.count)
		return -ENOENT;
	const struct map_initial *initial = &map->initial.items[nth];
	const struct lade_object *object = map->object;
	if (initial->map < object->maps.count)
		*ret_target = object->maps.items[initial->map]->name;
	else if (initial->program < object->programs.count)
		*ret_target = object->programs.items[initial->program]->name;
	else
		return -ENOENT;
	*ret_index = initial->index;
	return 0;
}

int lade_map_set_max_entries(struct lade_map *map, uint32_t max_entries)
{
	if (map->is_data)
		return -EBUSY;
	map->definition.max_entries = max_entries;
	return 0;
}

int lade_map_set_type(struct lade_map *map, uint32_t type)
{
	if (map->is_data)
		return -EBUSY;
	map->definition.type = type;
	return 0;
}

int lade_map_set_flags(struct lade_map *map, uint32_t flags)
{
	map->definition.flags = flags;
	/* The kernel reads the node only with the flag, so the two stay together. */
	map->definition.has_numa_node = flags & BPF_F_NUMA_NODE;
	return 0;
}

int lade_map_set_value_size(struct lade_map *map, uint32_t bytes)
{
	if (map->is_data)
		return -EBUSY;
	map->definition.value_size = bytes;
	map->definition.btf_value_type = 0; /* its size no longer fits */
	return 0;
}

int lade_map_set_reuse(struct lade_map *map, const char *path)
{
	if (!path || !*path)
		return -EINVAL;
	char *copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	free(map->pin_path);
	map->pin_path = copy;
	map->pinning = LADE_PIN_PATH;
	map->reuse_only = true;
	return 0;
}
