/* SPDX-License-Identifier: BSD-2-Clause */
/* The public handle of what is in the kernel. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "kernel/memory.h"
#include "load/instance.h"
#include "plan/plan.h"

static void map_clear(struct loaded_map *map)
{
	(void)fd_close(map->fd);
	free(map->name);
	free(map->pin);
	(void)lade_ops_table_free(map->ops);
	lade_memory_unmap(map->memory.start, map->memory.bytes);
}

void lade_loaded_link_clear(struct loaded_link *link)
{
	lade_attachment_close(&link->attachment);
	free(link->pin);
	free(link->table);
	free(link->method);
}

static void program_clear(struct loaded_program *program)
{
	char *owned[] = { program->name, program->section, program->attach_target, program->skip,
			  program->pin,  program->log,     program->slot_map };

	(void)fd_close(program->fd);
	for (size_t i = 0; i < ELEMENTS(owned); i++)
		free(owned[i]);
}

/* Links first: nothing may run any more when maps and programs go. */
LADE_API struct lade_instance *lade_instance_close(struct lade_instance *instance)
{
	if (!instance)
		return NULL;
	array_foreach(link, &instance->links)
		lade_loaded_link_clear(link);
	array_foreach(program, &instance->programs)
		program_clear(program);
	array_foreach(map, &instance->maps)
		map_clear(map);
	array_clear(&instance->links);
	array_clear(&instance->programs);
	array_clear(&instance->maps);
	(void)lade_txn_end(instance->txn);
	lade_instance_cpus_free(instance->cpus);
	(void)fd_close(instance->btf_fd);
	(void)lade_btf_free(instance->btf);
	lade_findings_clear(&instance->notes);
	free(instance->name);
	free(instance);
	return NULL;
}

LADE_API const char *lade_instance_directory(const struct lade_instance *instance)
{
	return instance->name ? lade_txn_directory(instance->txn) : NULL;
}

LADE_API uint64_t lade_instance_load_ns(const struct lade_instance *instance)
{
	return instance->load_ns;
}

LADE_API size_t lade_instance_note_count(const struct lade_instance *instance)
{
	return instance->notes.count;
}

LADE_API const struct lade_finding *lade_instance_note(const struct lade_instance *instance, size_t index)
{
	return index < instance->notes.count ? instance->notes.items[index] : NULL;
}

LADE_API int lade_instance_map_fd(const struct lade_instance *instance, const char *map)
{
	array_foreach(item, &instance->maps)
		if (strcmp(item->name, map) == 0)
			return item->fd;
	return -ENOENT;
}

LADE_API void *lade_instance_map_memory(const struct lade_instance *instance, const char *map, size_t *ret_bytes)
{
	array_foreach(item, &instance->maps) {
		if (!item->memory.start || strcmp(item->name, map) != 0)
			continue;
		*ret_bytes = item->memory.bytes;
		return item->memory.start;
	}
	return NULL;
}

LADE_API int lade_instance_program_fd(const struct lade_instance *instance, const char *program)
{
	array_foreach(item, &instance->programs)
		if (item->fd >= 0 && strcmp(item->name, program) == 0)
			return item->fd;
	return -ENOENT;
}

LADE_API size_t lade_instance_map_count(const struct lade_instance *instance)
{
	return instance->maps.count;
}

LADE_API int lade_instance_map(const struct lade_instance *instance, size_t index, struct lade_loaded_map_info *info)
{
	const struct loaded_map *map;
	struct lade_loaded_map_info full;

	if (index >= instance->maps.count)
		return -ENOENT;
	map = &instance->maps.items[index];
	full = (struct lade_loaded_map_info){
		.name = map->name,
		.type = map->definition.type,
		.type_name = lade_map_type_name(map->definition.type),
		.key_size = map->definition.key_size,
		.value_size = map->definition.value_size,
		.max_entries = map->definition.max_entries,
		.flags = map->definition.flags,
		.fd = map->fd,
		.reused = map->reused,
		.pin = map->pin,
	};
	return info_fill(info, &full, sizeof full);
}

LADE_API size_t lade_instance_program_count(const struct lade_instance *instance)
{
	return instance->programs.count;
}

LADE_API int lade_instance_program(const struct lade_instance *instance, size_t index,
				   struct lade_loaded_program_info *info)
{
	const struct loaded_program *program;
	struct lade_loaded_program_info full;

	if (index >= instance->programs.count)
		return -ENOENT;
	program = &instance->programs.items[index];
	full = (struct lade_loaded_program_info){
		.name = program->name,
		.section = program->section,
		.type = program->type,
		.type_name = lade_program_type_name(program->type),
		.fd = program->fd,
		.instructions = program->instructions,
		.verify_ns = program->verify_ns,
		.skip = program->skip,
		.pin = program->pin,
		.log = program->log,
		.slot_map = program->slot_map,
		.slot = program->slot,
		.reused = program->reused,
	};
	return info_fill(info, &full, sizeof full);
}

LADE_API size_t lade_instance_link_count(const struct lade_instance *instance)
{
	return instance->links.count;
}

LADE_API int lade_instance_link(const struct lade_instance *instance, size_t index, struct lade_link_info *info)
{
	const struct loaded_link *link;
	struct lade_link_info full;

	if (index >= instance->links.count)
		return -ENOENT;
	link = &instance->links.items[index];
	full = (struct lade_link_info){
		.program = link->table ? link->table : instance->programs.items[link->program].name,
		.method = link->attachment.method,
		.target = link->attachment.target,
		.fd = link->attachment.fd,
		.is_link = link->attachment.is_link,
		.pin = link->pin,
	};
	return info_fill(info, &full, sizeof full);
}
