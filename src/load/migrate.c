/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --migrate: the entries of the running map go into the new one, just before the new programs take over. Keys and
 * values may have grown: the new bytes are zeros. What the old programs write after a key was copied is lost, and is
 * said.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/elements.h"
#include "load/replace.h"

enum { BATCH = 256 };

/* ---- what can be migrated ---- */

static const struct {
	uint32_t type;
	bool is_array, is_per_cpu, is_trie;
} kinds[] = {
	{ BPF_MAP_TYPE_HASH, false, false, false },       { BPF_MAP_TYPE_LRU_HASH, false, false, false },
	{ BPF_MAP_TYPE_PERCPU_HASH, false, true, false }, { BPF_MAP_TYPE_LRU_PERCPU_HASH, false, true, false },
	{ BPF_MAP_TYPE_ARRAY, true, false, false },       { BPF_MAP_TYPE_PERCPU_ARRAY, true, true, false },
	{ BPF_MAP_TYPE_LPM_TRIE, false, false, true },
};

static size_t find_kind(uint32_t type)
{
	size_t i = 0;

	while (i < ELEMENTS(kinds) && kinds[i].type != type)
		i++;
	return i;
}

static int fail(const struct loader *loader, const char *map, const char *why, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EOPNOTSUPP, "replace.map.not-migrated",
			       "%s: the entries of map %s cannot be copied: %s", loader->object->file, map, why);

	finding_map(finding, map);
	finding_fix(finding, "--adopt=%s or --recreate=%s", map, map);
	return -EOPNOTSUPP;
}

/* NULL: it can be done. */
static const char *obstacle(const struct map_definition *old, const struct map_definition *wanted)
{
	size_t from = find_kind(old->type), to = find_kind(wanted->type);

	if (from == ELEMENTS(kinds) || to == ELEMENTS(kinds))
		return "maps of this type have no entries that could be copied";
	if (kinds[from].is_per_cpu != kinds[to].is_per_cpu)
		return "one of them has a value for every CPU, the other has not";
	if (kinds[from].is_trie != kinds[to].is_trie)
		return "the keys of a trie are prefixes";
	if (kinds[to].is_trie && old->key_size != wanted->key_size)
		return "prefixes of another length mean something else";
	if (kinds[to].is_array && !kinds[from].is_array)
		return "the keys of a hash are no indices";
	if (wanted->key_size < old->key_size || wanted->value_size < old->value_size)
		return "the key or value is shorter in the object";
	if (kinds[to].is_array && wanted->max_entries < old->max_entries)
		return "the array has fewer entries in the object";
	return NULL;
}

int lade_replace_check_migration(const struct loader *loader, const struct operation *operation,
				 const struct loaded_map *old, struct lade_error **error)
{
	const struct lade_map *map = loader_map(loader, operation);
	const char *why = map->is_data ? NULL : obstacle(&old->definition, &operation->map_create.definition);

	return why ? fail(loader, map->name, why, error) : 0;
}

/* ---- copying ---- */

struct migration {
	struct kernel *kernel;
	int from, to;
	uint32_t old_key, new_key, old_value, new_value; /* bytes */
	uint32_t cpus;                                   /* values of one key */
	uint8_t *keys, *values, *key, *value;            /* BATCH old ones; one new one */
	uint64_t copied;
};

static uint32_t stride(uint32_t value_size, bool is_per_cpu)
{
	return is_per_cpu ? (value_size + 7) & ~7u : value_size;
}

static int prepare(struct migration *migration, const struct map_definition *old, const struct map_definition *wanted)
{
	bool is_per_cpu = kinds[find_kind(old->type)].is_per_cpu;

	migration->cpus = is_per_cpu ? lade_kernel_possible_cpus(migration->kernel) : 1;
	migration->old_key = old->key_size;
	migration->new_key = wanted->key_size;
	migration->old_value = stride(old->value_size, is_per_cpu);
	migration->new_value = stride(wanted->value_size, is_per_cpu);
	migration->keys = calloc(BATCH, migration->old_key ? migration->old_key : 1);
	migration->values = calloc((size_t)BATCH * migration->cpus, migration->old_value ? migration->old_value : 1);
	migration->key = calloc(1, migration->new_key ? migration->new_key : 1);
	migration->value = calloc(migration->cpus, migration->new_value ? migration->new_value : 1);
	return migration->keys && migration->values && migration->key && migration->value ? 0 : -ENOMEM;
}

static void migration_clear(struct migration *migration)
{
	free(migration->keys);
	free(migration->values);
	free(migration->key);
	free(migration->value);
}

static int put(struct migration *migration, const uint8_t *key, const uint8_t *values)
{
	memcpy(migration->key, key, migration->old_key);
	for (uint32_t cpu = 0; cpu < migration->cpus; cpu++)
		memcpy(migration->value + (size_t)cpu * migration->new_value,
		       values + (size_t)cpu * migration->old_value, migration->old_value);
	int r = lade_bpf_map_update(migration->kernel, migration->to, migration->key, migration->value, 0);
	migration->copied += r >= 0;
	return r < 0 ? r : 0;
}

static int put_batch(struct migration *migration, uint32_t count)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < count; i++)
		r = put(migration, migration->keys + (size_t)i * migration->old_key,
			migration->values + (size_t)i * migration->cpus * migration->old_value);
	return r;
}

/* -ENOTSUP: this kernel or map has no batches; nothing was copied. */
static int copy_in_batches(struct migration *migration)
{
	uint64_t cursor[64] = { 0 }; /* opaque to us: hashes have a bucket, others a key */
	bool first = true;

	if (migration->old_key > sizeof cursor)
		return -ENOTSUP;
	for (;;) {
		struct attr_map_batch attr = {
			.in_batch = first ? 0 : (uintptr_t)cursor,
			.out_batch = (uintptr_t)cursor,
			.keys = (uintptr_t)migration->keys,
			.values = (uintptr_t)migration->values,
			.count = BATCH,
			.map_fd = (uint32_t)migration->from,
		};
		int r = lade_bpf_map_batch(migration->kernel, BPF_MAP_LOOKUP_BATCH, &attr);
		bool is_last = r == -ENOENT;
		if (r < 0 && !is_last)
			return first && (r == -EINVAL || r == -KERNEL_ENOTSUPP || r == -ENOSPC) ? -ENOTSUP : r;
		r = put_batch(migration, attr.count <= BATCH ? attr.count : BATCH);
		if (r < 0 || is_last)
			return r;
		first = false;
	}
}

/* A key that is deleted meanwhile sends the walk back to its start: each key is written again at worst. */
static int copy_one_by_one(struct migration *migration, uint64_t most)
{
	uint8_t *key = migration->keys, *next = migration->keys + migration->old_key;
	int r = lade_bpf_map_next_key(migration->kernel, migration->from, NULL, next);

	for (uint64_t i = 0; r >= 0 && i < most; i++) {
		memcpy(key, next, migration->old_key);
		r = lade_bpf_map_lookup(migration->kernel, migration->from, key, migration->values);
		if (r >= 0)
			r = put(migration, key, migration->values);
		if (r < 0 && r != -ENOENT)
			return r;
		r = lade_bpf_map_next_key(migration->kernel, migration->from, key, next);
	}
	return r == -ENOENT ? 0 : r;
}

static int copy_entries(struct migration *migration, const struct map_definition *old,
			const struct map_definition *wanted)
{
	int r = prepare(migration, old, wanted);

	if (r == 0)
		r = copy_in_batches(migration);
	if (r == -ENOTSUP)
		r = copy_one_by_one(migration, (uint64_t)old->max_entries * 4);
	return r;
}

/* Variables of the same name and size; the others have what the object says. */
static int copy_variables(struct loader *loader, uint32_t map, const struct loaded_map *old, const char *layout, int to,
			  uint64_t *ret_copied)
{
	const struct lade_map *model = loader->object->maps.items[map];
	CLEANUP(cleanup_free) uint8_t *from = calloc(1, old->definition.value_size + 1u);
	CLEANUP(cleanup_free) uint8_t *content = calloc(1, model->definition.value_size + 1u);
	uint32_t key = 0;

	if (!from || !content)
		return -ENOMEM;
	int r = lade_bpf_map_lookup(loader->kernel, old->fd, &key, from);
	if (r >= 0)
		r = lade_bpf_map_lookup(loader->kernel, to, &key, content);
	array_foreach(item, &loader->object->variables) {
		const struct lade_variable *variable = *item;
		int64_t offset = variable->map == map ? lade_layout_find(layout, variable->name, variable->length) : -1;
		if (r < 0 || offset < 0 || (uint64_t)offset + variable->length > old->definition.value_size ||
		    (uint64_t)variable->offset + variable->length > model->definition.value_size)
			continue;
		memcpy(content + variable->offset, from + offset, variable->length);
		(*ret_copied)++;
	}
	return r < 0 ? r : lade_bpf_map_update(loader->kernel, to, &key, content, 0);
}

static const char *layout_of(const struct loader *loader, const char *map)
{
	array_foreach(entry, &loader->replacement->journal) {
		const char *name = lade_journal_value(entry, "map");
		if (strcmp(entry->kind, "data") == 0 && name && strcmp(name, map) == 0)
			return lade_journal_value(entry, "layout");
	}
	return NULL;
}

static int copy(struct loader *loader, uint32_t map, const struct loaded_map *old, uint64_t *ret_copied)
{
	int to = lade_instance_map_fd(loader->instance, loader->object->maps.items[map]->name);

	if (loader->object->maps.items[map]->is_data)
		return copy_variables(loader, map, old, layout_of(loader, old->name), to, ret_copied);
	struct migration migration = { .kernel = loader->kernel, .from = old->fd, .to = to };
	int r = copy_entries(&migration, &old->definition, &loader->created[map]);
	*ret_copied = migration.copied;
	migration_clear(&migration);
	return r;
}

static int fail_copy(const struct loader *loader, const char *map, int result, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, -result, "replace.map.copy", "%s: copying the entries of map %s: %s",
			       loader->object->file, map, strerror(-result));

	finding_map(finding, map);
	if (result == -E2BIG)
		finding_cause(finding, "the new map is too small for them");
	return result;
}

static void note(const struct loader *loader, const struct lade_map *map, uint64_t copied)
{
	struct lade_finding *finding = lade_note_add(
		&loader->instance->notes, "replace.map.migrated", "%s: %llu %s of map %s were copied",
		loader->object->file, (unsigned long long)copied, map->is_data ? "variables" : "entries", map->name);

	finding_map(finding, map->name);
}

int lade_replace_migrate(struct loader *loader, struct lade_error **error)
{
	for (uint32_t i = 0; i < loader->object->maps.count; i++) {
		const struct map_judgement *judgement = &loader->replacement->maps[i];
		uint64_t copied = 0;
		if (judgement->fate != MAP_MIGRATED || loader->plan->map_slots[i] == NO_SLOT)
			continue;
		int r = copy(loader, i, judgement->old, &copied);
		if (r < 0)
			return fail_copy(loader, judgement->old->name, r, error);
		note(loader, loader->object->maps.items[i], copied);
	}
	return 0;
}
