/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An arena in our memory: where the object says, or where the kernel likes. The first mapping gives the arena its
 * address for programs, so it must be made before they are verified. It stays as long as the instance.
 */
#include <errno.h>

#include "diagnose/diagnose.h"
#include "kernel/memory.h"
#include "load/loader.h"

static int refuse(struct loader *loader, const struct operation *operation, int errnum, struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	struct lade_finding *finding =
		lade_error_add(error, errnum, lade_gate_code(errnum, "map.arena.memory"),
			       "%s: arena %s cannot be mapped at 0x%llx: %s", loader->object->file, map->name,
			       (unsigned long long)map->definition.extra, lade_errno_name(errnum));

	finding_map(finding, map->name);
	if (errnum == EEXIST)
		finding_cause(finding, "something of this process lies there already");
	return -errnum;
}

/* BPF_F_SEGV_ON_FAULT gives no page to whoever writes first; or there is no memory. */
static int refuse_content(struct loader *loader, const struct lade_map *map, int errnum, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, errnum, lade_gate_code(errnum, "map.arena.content"),
						      "%s: the variables in arena %s cannot be written: %s",
						      loader->object->file, map->name, lade_errno_name(errnum));

	finding_map(finding, map->name);
	finding_evidence(finding, "%u bytes at %u; map_flags 0x%x", map->arena_bytes, loader->plan->arena_offset,
			 map->definition.flags);
	return -errnum;
}

/* One that was there before has its address and its content. */
int lade_load_arena(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	struct loaded_memory *memory = &loader->memories[operation->map];
	size_t bytes = (size_t)map->definition.max_entries * loader->known.target.page_bytes;
	int fd = loader->slots[loader->plan->map_slots[operation->map]];
	int r;

	if (loader->reused[operation->map])
		return 0;
	r = loader->kernel->calls->map_memory(loader->kernel, fd, map->definition.extra, bytes, &memory->start);
	if (r < 0)
		return refuse(loader, operation, -r, error);
	memory->bytes = bytes;
	r = lade_memory_write((uint8_t *)memory->start + loader->plan->arena_offset, map->data, map->arena_bytes);
	return r < 0 ? refuse_content(loader, map, -r, error) : 0;
}
