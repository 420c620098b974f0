/* SPDX-License-Identifier: BSD-2-Clause */
/* The maps that a target may name: in the instance, or still with the load that attaches. */
#include <errno.h>

#include "load/loader.h"

static int add(struct attach_maps *maps, const char *name, int fd)
{
	struct attach_map *map = array_push(maps);

	if (!map)
		return -ENOMEM;
	*map = (struct attach_map){ name, fd };
	return 0;
}

static int list_loading(const struct loader *loader, struct attach_maps *maps)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < loader->object->maps.count; i++) {
		uint32_t slot = loader->plan->map_slots[i];
		if (slot != NO_SLOT)
			r = add(maps, loader->object->maps.items[i]->name, loader->slots[slot]);
	}
	return r;
}

int lade_load_list_maps(const struct lade_instance *instance, struct attach_maps *ret_maps)
{
	struct attach_maps maps = { 0 };
	int r = instance->loading ? list_loading(instance->loading, &maps) : 0;

	array_foreach(map, &instance->maps)
		r = r < 0 ? r : add(&maps, map->name, map->fd);
	if (r < 0)
		array_clear(&maps);
	else
		*ret_maps = maps;
	return r;
}
