/* SPDX-License-Identifier: BSD-2-Clause */
/* Which maps of the running instance go on in the one that replaces it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "load/replace.h"
#include "object/pin_place.h"
#include "txn/internal.h"

/* ---- what differs ---- */

struct difference {
	const char *field;
	uint64_t running, wanted;
};

/* Kernels set this flag on device maps themselves. */
static uint32_t comparable_flags(const struct map_definition *definition)
{
	bool is_device = definition->type == BPF_MAP_TYPE_DEVMAP || definition->type == BPF_MAP_TYPE_DEVMAP_HASH;

	return is_device ? definition->flags & ~(uint32_t)BPF_F_RDONLY_PROG : definition->flags;
}

/* A kernel that lacks this form created the running map without it. */
static uint32_t comparable_wanted(const struct loader *loader, const struct map_definition *wanted)
{
	bool absent = lade_kernel_form_absent(loader->kernel, FORM_MMAPABLE);

	return absent ? wanted->flags & ~(uint32_t)BPF_F_MMAPABLE : wanted->flags;
}

enum { FIELDS = 6 };

static void compare_fields(const struct loader *loader, const struct map_definition *running,
			   const struct map_definition *wanted, struct difference ret_fields[FIELDS])
{
	const struct difference fields[FIELDS] = {
		{ "type", running->type, wanted->type },
		{ "key_size", running->key_size, wanted->key_size },
		{ "value_size", running->value_size, wanted->value_size },
		{ "max_entries", running->max_entries, wanted->max_entries },
		{ "map_flags", comparable_flags(running), comparable_wanted(loader, wanted) },
		{ "map_extra", running->extra, wanted->extra },
	};

	memcpy(ret_fields, fields, sizeof fields);
}

static const char *old_layout(const struct loader *loader, const char *map)
{
	array_foreach(entry, &loader->replacement->journal) {
		const char *name = lade_journal_value(entry, "map");
		if (strcmp(entry->kind, "data") == 0 && name && strcmp(name, map) == 0)
			return lade_journal_value(entry, "layout");
	}
	return NULL;
}

/* 1: the variables lie elsewhere. */
static int layout_differs(const struct loader *loader, uint32_t map)
{
	const char *known = old_layout(loader, loader->object->maps.items[map]->name);
	CLEANUP(cleanup_free) char *layout = known ? lade_load_layout(loader->object, map) : NULL;

	if (known && !layout)
		return -ENOMEM;
	return known && strcmp(known, layout) != 0;
}

static bool fields_differ(const struct difference fields[FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].running != fields[i].wanted)
			return true;
	return false;
}

/* ---- what is to be done about it ---- */

static const struct lade_map_choice *find_choice(const struct lade_load_opts *opts, const char *map)
{
	const struct lade_map_choice *general = NULL;

	for (size_t i = 0; i < opts->map_choice_count; i++) {
		const struct lade_map_choice *choice = &opts->map_choices[i];
		if (choice->map && strcmp(choice->map, map) == 0)
			return choice;
		if (!choice->map)
			general = choice;
	}
	return general;
}

static int fail_differs(const struct loader *loader, const struct lade_map *map, const struct difference fields[FIELDS],
			bool layout, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EEXIST, "replace.map.differs", "%s: map %s is not the one that is running",
			       loader->object->file, map->name);

	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].running != fields[i].wanted)
			finding_evidence(finding, "%s is %llu in the running map, %llu in the object", fields[i].field,
					 (unsigned long long)fields[i].running, (unsigned long long)fields[i].wanted);
	if (layout)
		finding_evidence(finding, "its variables lie at other places or have other sizes");
	finding_map(finding, map->name);
	finding_fix(finding,
		    "--adopt=%s goes on with the running map, --migrate=%s copies its entries into a new one, "
		    "--recreate=%s starts with a new one",
		    map->name, map->name, map->name);
	return -EEXIST;
}

static int choose(struct loader *loader, const struct operation *operation, const struct loaded_map *old,
		  const struct difference fields[FIELDS], bool layout, struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	const struct lade_map_choice *choice = find_choice(loader->opts, map->name);
	struct map_judgement *judgement = &loader->replacement->maps[operation->map];

	if (!choice)
		return fail_differs(loader, map, fields, layout, error);
	if (choice->change == LADE_MAP_RECREATE)
		return 0;
	if (choice->change == LADE_MAP_MIGRATE) {
		int r = lade_replace_check_migration(loader, operation, old, error);
		if (r < 0)
			return r;
	}
	judgement->old = old;
	judgement->fate = choice->change == LADE_MAP_ADOPT ? MAP_ADOPTED : MAP_MIGRATED;
	return 0;
}

/* ---- judging ---- */

/* One that the old instance has pinned for itself: in its directory, or at the place that this map has now. */
static bool is_own(const struct loader *loader, const struct lade_map *map, const struct loaded_map *old)
{
	const char *directory = lade_instance_directory(loader->replacement->old);
	CLEANUP(cleanup_free) char *path = NULL;

	if (!map->place)
		return strncmp(old->pin, directory, strlen(directory)) == 0;
	return !old->reused && lade_path_resolve(loader->context, map->place->path, &path) == 0 &&
	       strcmp(old->pin, path) == 0;
}

static const struct loaded_map *find_old(const struct loader *loader, const struct lade_map *model)
{
	array_foreach(map, &loader->replacement->old->maps)
		if (strcmp(map->name, model->name) == 0 && map->pin && is_own(loader, model, map))
			return map;
	return NULL;
}

/*
 * What these hold belongs to the object and not to its run: constants, its own programs, and memory whose address is
 * part of its programs.
 */
static bool is_made_anew(const struct lade_map *map)
{
	uint32_t type = map->definition.type;

	return map->is_readonly_data || type == BPF_MAP_TYPE_STRUCT_OPS || type == MAP_TYPE_ARENA ||
	       (type == BPF_MAP_TYPE_PROG_ARRAY && map->initial.count);
}

static int judge(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	const struct loaded_map *old = find_old(loader, map);
	struct difference fields[FIELDS];

	if (!old || is_made_anew(map) || map->inner_only || map->reuse_fd >= 0 ||
	    (operation->map_create.share_path && !map->place))
		return 0;
	compare_fields(loader, &old->definition, &operation->map_create.definition, fields);
	int layout = layout_differs(loader, operation->map);
	if (layout < 0)
		return lade_fail_memory(error);
	if (fields_differ(fields) || layout)
		return choose(loader, operation, old, fields, layout, error);
	loader->replacement->maps[operation->map] = (struct map_judgement){ MAP_KEPT, old };
	return 0;
}

static int fail_unknown(const struct loader *loader, const char *map, struct lade_error **error)
{
	return lade_fail(error, ENOENT, "replace.map.unknown", "%s has no map %s", loader->object->file, map);
}

static int check_choices(const struct loader *loader, struct lade_error **error)
{
	for (size_t i = 0; i < loader->opts->map_choice_count; i++) {
		const char *name = loader->opts->map_choices[i].map;
		bool known = !name;
		array_foreach(map, &loader->object->maps)
			known = known || strcmp((*map)->name, name) == 0;
		if (!known)
			return fail_unknown(loader, name, error);
	}
	return 0;
}

/* All that differ are told at once. */
int lade_replace_judge_maps(struct loader *loader, struct lade_error **error)
{
	int result = check_choices(loader, error);

	array_foreach(operation, &loader->plan->operations) {
		int r = operation->kind == OPERATION_MAP_CREATE ? judge(loader, operation, error) : 0;
		result = result < 0 ? result : r;
	}
	return result;
}

/* ---- taking over ---- */

static void note_adopted(const struct loader *loader, const struct lade_map *map)
{
	struct lade_finding *note = lade_note_add(&loader->instance->notes, "replace.map.adopted",
						  "%s: map %s goes on as it is, though the object describes another",
						  loader->object->file, map->name);

	finding_map(note, map->name);
}

int lade_replace_map(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	const struct map_judgement *judgement = loader->replacement ? &loader->replacement->maps[operation->map] : NULL;
	int fd;

	if (!judgement || (judgement->fate != MAP_KEPT && judgement->fate != MAP_ADOPTED))
		return -ENOENT;
	fd = fcntl(judgement->old->fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return lade_fail(error, errno, "environment.files", "%s: taking over map %s: %s", loader->object->file,
				 judgement->old->name, strerror(errno));
	loader->reused[operation->map] = true;
	loader->created[operation->map] = judgement->old->definition;
	if (judgement->fate == MAP_ADOPTED)
		note_adopted(loader, loader_map(loader, operation));
	return fd;
}

bool lade_replace_keeps_slots(const struct loader *loader, uint32_t map)
{
	const struct map_judgement *judgement = loader->replacement ? &loader->replacement->maps[map] : NULL;

	return judgement && judgement->fate != MAP_NEW;
}
