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

/* value NULL: it is in the table already */
static int attach_table(struct lade_instance *instance, const char *name, uint32_t flags, int fd, const void *value,
			struct lade_error **error)
{
	const struct attach_program what = { .name = name, .section = ".struct_ops", .fd = fd, .attach_target = name };
	struct attachments attachments = { 0 };
	bool by_link = flags & MAP_FLAG_LINK;
	int r = lade_attach_struct_ops(instance->context, instance->txn, &what, value, by_link, &attachments, error);

	if (r >= 0)
		r = lade_instance_keep_attachments(instance, NO_INDEX, name, &attachments, error);
	lade_attachments_clear(&attachments);
	return r < 0 ? r : 0;
}

static bool is_attached(const struct lade_instance *instance, const char *table)
{
	array_foreach(link, &instance->links)
		if (link->table && strcmp(link->table, table) == 0)
			return true;
	return false;
}

/* What the subsystem refuses it refuses again, with a finding, when the table is attached. */
void lade_load_ready_tables(struct loader *loader)
{
	uint32_t key = 0;

	for (uint32_t i = 0; i < loader->object->maps.count; i++) {
		struct ops_table *table = loader->plan->ops[i];
		if (!table || !loader->opts->name || is_attached(loader->instance, loader->object->maps.items[i]->name) || !(loader->created[i].flags & MAP_FLAG_LINK))
			continue;
		lade_load_ops_value(loader->instance, table);
		(void)lade_bpf_map_update(loader->kernel, loader->slots[loader->plan->map_slots[i]], &key, table->value,
					  0);
	}
}

int lade_load_attach_table(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	struct ops_table *table = loader->plan->ops[operation->map];
	const struct lade_map *map = loader_map(loader, operation);

	lade_load_ops_value(loader->instance, table);
	return attach_table(loader->instance, map->name, loader->created[operation->map].flags,
			    loader->slots[loader->plan->map_slots[operation->map]], table->value, error);
}

int lade_instance_attach_table(struct lade_instance *instance, const struct loaded_map *map, struct lade_error **error)
{
	bool by_link = map->definition.flags & MAP_FLAG_LINK;

	if (!map->ops && !by_link) {
		struct lade_finding *finding = lade_error_add(
			error, EOPNOTSUPP, "attach.table-later",
			"%s: table %s has no link (its section is .struct_ops), so only its load could register it",
			instance->name, map->name);
		finding_map(finding, map->name);
		return -EOPNOTSUPP;
	}
	return attach_table(instance, map->name, map->definition.flags, map->fd, map->ops ? map->ops->value : NULL,
			    error);
}
