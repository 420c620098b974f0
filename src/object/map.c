/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of a map: describing and editing it. */
#include <errno.h>
#include <fcntl.h>
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
		.skip = map->skip,
		.section_offset = map->section_offset,
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

/* Its content has been read for the words as they are. */
static bool is_fixed(const struct lade_map *map)
{
	return map->is_data || map->ops_type || map->arena_bytes;
}

int lade_map_set_autocreate(struct lade_map *map, bool autocreate)
{
	if (!map->ops_type)
		return -EINVAL;
	map->asleep = !autocreate;
	return 0;
}

int lade_map_set_max_entries(struct lade_map *map, uint32_t max_entries)
{
	if (map->is_data || map->ops_type)
		return -EBUSY;
	map->definition.max_entries = max_entries;
	return 0;
}

int lade_map_set_type(struct lade_map *map, uint32_t type)
{
	if (is_fixed(map))
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
	if (is_fixed(map))
		return -EBUSY;
	map->definition.value_size = bytes;
	map->definition.btf_value_type = 0; /* its size no longer fits */
	return 0;
}

int lade_map_set_key_size(struct lade_map *map, uint32_t bytes)
{
	if (is_fixed(map))
		return -EBUSY;
	map->definition.key_size = bytes;
	map->definition.btf_key_type = map->definition.btf_value_type = 0; /* the kernel takes both or none */
	return 0;
}

int lade_map_set_numa_node(struct lade_map *map, uint32_t node)
{
	map->definition.flags |= BPF_F_NUMA_NODE;
	map->definition.has_numa_node = true;
	map->definition.numa_node = node;
	return 0;
}

int lade_map_set_inner(struct lade_map *map, const struct lade_map *inner)
{
	if (inner && (inner == map || inner->object != map->object))
		return -EINVAL;
	map->inner = inner ? lade_map_index(inner) : NO_INDEX;
	return 0;
}

static void reuse(struct lade_map *map, char *pin_path, int fd)
{
	free(map->pin_path);
	(void)fd_close(map->reuse_fd);
	map->pin_path = pin_path;
	map->reuse_fd = fd;
	map->pinning = pin_path ? LADE_PIN_PATH : LADE_PIN_OBJECT;
	map->reuse_only = true;
}

int lade_map_set_reuse(struct lade_map *map, const char *path)
{
	if (!path || !*path)
		return -EINVAL;
	char *copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	reuse(map, copy, -1);
	return 0;
}

int lade_map_set_fd(struct lade_map *map, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return -errno;
	reuse(map, NULL, copy);
	return 0;
}
