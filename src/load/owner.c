/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A prog array that was there before belongs to the type of the first program that used it, for as long as it
 * lives. The kernel refuses programs of another type with nothing but EINVAL, so it is asked first.
 */
#include <errno.h>
#include <string.h>

#include "load/loader.h"
#include "object/sections.h"

static bool uses(const struct loader *loader, const struct operation *operation, uint32_t map)
{
	uint32_t slot = loader->plan->map_slots[map];

	array_foreach(patch, &operation->program_load->patches)
		if (patch->slot == slot)
			return true;
	array_foreach(initial, &loader->object->maps.items[map]->initial)
		if (initial->program == operation->program)
			return true;
	return false;
}

static const struct lade_program *find_stranger(const struct loader *loader, uint32_t map, uint32_t owner)
{
	array_foreach(operation, &loader->plan->operations)
		if (operation->kind == OPERATION_PROGRAM_LOAD && operation->program_load->type != owner &&
		    uses(loader, operation, map))
			return loader_program(loader, operation);
	return NULL;
}

int lade_load_check_owner(const struct loader *loader, const struct operation *operation, int fd, const char *place,
			  struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	const struct lade_program *stranger = NULL;
	const char *owner_name, *type_name;
	struct lade_finding *finding;
	int owner;

	if (map->definition.type != BPF_MAP_TYPE_PROG_ARRAY)
		return 0;
	owner = lade_bpf_map_owner_type(loader->kernel, fd);
	if (owner > 0)
		stranger = find_stranger(loader, operation->map, (uint32_t)owner);
	if (!stranger)
		return 0;
	owner_name = lade_program_type_name((uint32_t)owner);
	type_name = lade_program_type_name(stranger->type);
	finding = lade_error_add(error, EEXIST, "pin.map.owner",
				 "%s: prog array %s, %s, is for programs of another type than %s", loader->object->file,
				 map->name, place, stranger->name);
	finding_map(finding, map->name);
	finding_program(finding, stranger->name);
	finding_evidence(finding, "fdinfo: owner_prog_type is %d (%s)", owner, owner_name ? owner_name : "unknown");
	finding_evidence(finding, "%s is %s", stranger->name, type_name ? type_name : "of an unknown type");
	return -EEXIST;
}
