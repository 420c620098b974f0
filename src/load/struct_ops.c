/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of kernel operations: their values get the descriptors of the programs, and attaching them is registering
 * what they describe.
 */
#include <errno.h>
#include <string.h>

#include "load/loader.h"

void lade_load_ops_value(const struct lade_instance *instance, struct ops_table *table)
{
	array_foreach(place, &table->places) {
		uint64_t fd = (uint64_t)instance->programs.items[place->program].fd;
		memcpy(table->value + place->offset, &fd, sizeof fd);
	}
}

static int attach_table(struct lade_instance *instance, const char *name, uint32_t flags, int fd,
			const struct ops_table *table, struct lade_error **error)
{
	const struct attach_program what = { .name = name, .section = ".struct_ops", .fd = fd, .attach_target = name };
	struct attachments attachments = { 0 };
	bool by_link = flags & MAP_FLAG_LINK;
	int r = lade_attach_struct_ops(instance->context, instance->txn, &what, table->value, by_link, &attachments,
				       error);

	if (r >= 0)
		r = lade_instance_keep_attachments(instance, NO_INDEX, name, &attachments, error);
	lade_attachments_clear(&attachments);
	return r < 0 ? r : 0;
}

int lade_load_attach_table(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	struct ops_table *table = loader->plan->ops[operation->map];
	const struct lade_map *map = loader_map(loader, operation);

	lade_load_ops_value(loader->instance, table);
	return attach_table(loader->instance, map->name, loader->created[operation->map].flags,
			    loader->slots[loader->plan->map_slots[operation->map]], table, error);
}

int lade_instance_attach_table(struct lade_instance *instance, const struct loaded_map *map, struct lade_error **error)
{
	return attach_table(instance, map->name, map->definition.flags, map->fd, map->ops, error);
}
