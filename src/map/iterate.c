/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Over all elements of a map that others change meanwhile. In batches, which the kernel makes of whole hash buckets
 * under their lock; else from key to key (walk_keys.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"
#include "kernel/bpf.h"
#include "map/walk.h"

enum { DEFAULT_BATCH = 4096, MOST_BYTES = 16 << 20, INTERRUPTIONS = 100, FEW = 16 };

void lade_walk_deliver(struct walk *walk, const void *key, const void *value)
{
	int answer = walk->fn(walk->userdata, key, value);
	walk->count++;
	walk->is_over = answer != 0;
	walk->result = answer < 0 ? answer : 0;
}

/* ---- in batches ---- */

struct chunk {
	uint8_t *keys, *values, *places[2]; /* places: of the kernel's, where it went on from and goes on */
	uint32_t size;
};

static void chunk_clear(struct chunk *chunk)
{
	free(chunk->keys);
	free(chunk->values);
	free(chunk->places[0]);
	free(chunk->places[1]);
	*chunk = (struct chunk){ 0 };
}

/* Never 0. */
static size_t element_bytes(const struct lade_live_map *map)
{
	size_t bytes;
	if (__builtin_add_overflow(map->value_bytes, map->info.key_size, &bytes))
		return SIZE_MAX;
	return bytes ? bytes : 1;
}

static int chunk_make(const struct lade_live_map *map, size_t wanted, struct chunk *ret_chunk)
{
	size_t element = element_bytes(map), most = element <= MOST_BYTES ? MOST_BYTES / element : 1;
	size_t least = most < FEW ? 1 : FEW; /* values may have gigabytes */
	size_t size = wanted < most ? wanted : most;
	size = size < least ? least : size;
	size_t place = map->info.key_size > 8 ? map->info.key_size : 8;
	struct chunk chunk = { .keys = calloc(size, map->info.key_size ? map->info.key_size : 1),
			       .values = calloc(size, map->value_bytes ? map->value_bytes : 1),
			       .places = { calloc(1, place), calloc(1, place) },
			       .size = (uint32_t)size };
	if (!chunk.keys || !chunk.values || !chunk.places[0] || !chunk.places[1]) {
		chunk_clear(&chunk);
		return -ENOMEM;
	}
	*ret_chunk = chunk;
	return 0;
}

static int chunk_read(struct lade_live_map *map, const struct chunk *chunk, bool is_first, uint32_t *ret_count)
{
	struct attr_map_batch attr = { .map_fd = (uint32_t)map->fd,
				       .in_batch = is_first ? 0 : (uint64_t)(uintptr_t)chunk->places[0],
				       .out_batch = (uint64_t)(uintptr_t)chunk->places[1],
				       .keys = (uint64_t)(uintptr_t)chunk->keys,
				       .values = (uint64_t)(uintptr_t)chunk->values,
				       .count = chunk->size };
	int result = lade_bpf_map_batch(map->kernel, BPF_MAP_LOOKUP_BATCH, &attr);
	bool has_elements = result >= 0 || result == -ENOENT || result == -EINTR;
	*ret_count = has_elements && attr.count <= chunk->size ? attr.count : 0;
	return result;
}

/* A hash bucket that is larger than the chunk: the same place again with a larger one. */
static int chunk_grow(const struct lade_live_map *map, struct chunk *chunk)
{
	if (chunk->size >= map->info.max_entries || chunk->size >= 1U << 24)
		return -ENOSPC;
	size_t bytes;
	uint32_t size = chunk->size * 4;
	if (__builtin_mul_overflow(element_bytes(map), (size_t)size, &bytes) || bytes > 1U << 30)
		return -ENOSPC;
	uint8_t *keys = calloc(size, map->info.key_size ? map->info.key_size : 1);
	uint8_t *values = calloc(size, map->value_bytes ? map->value_bytes : 1);
	if (!keys || !values) {
		free(keys);
		free(values);
		return -ENOMEM;
	}
	free(chunk->keys);
	free(chunk->values);
	chunk->keys = keys;
	chunk->values = values;
	chunk->size = size;
	return 0;
}

static void deliver_chunk(struct walk *walk, const struct chunk *chunk, uint32_t count)
{
	for (uint32_t i = 0; i < count && !walk->is_over; i++)
		lade_walk_deliver(walk, chunk->keys + (size_t)i * walk->map->info.key_size,
				  chunk->values + (size_t)i * walk->map->value_bytes);
}

/* 0: done; 1: the kernel has no batches for this map, and nothing came yet; -EINTR: they do not get on. */
static int walk_batches(struct walk *walk, struct chunk *chunk)
{
	unsigned interruptions = 0;
	for (bool is_first = true; !walk->is_over;) {
		uint32_t count;
		int result = chunk_read(walk->map, chunk, is_first, &count);
		if (is_first && result < 0 && lade_map_batch_is_absent(walk->map, BPF_MAP_LOOKUP_BATCH, result))
			return 1;
		if (result == -ENOSPC && chunk_grow(walk->map, chunk) == 0)
			continue;
		if (result == -ENOSPC)
			return is_first ? 1 : -ENOMEM;
		deliver_chunk(walk, chunk, count);
		if (result == -ENOENT)
			return 0;
		if (result == -EINTR && ++interruptions > INTERRUPTIONS)
			return is_first && !count ? 1 : result;
		if (result < 0 && result != -EINTR)
			return result;
		if (result == -EINTR && !count)
			continue;
		is_first = false;
		uint8_t *place = chunk->places[0];
		chunk->places[0] = chunk->places[1];
		chunk->places[1] = place;
	}
	return 0;
}

/* ---- both ---- */

/* Batches of tries and sockets go from key to key as well, and begin anew without telling. */
static bool is_batched_soundly(const struct lade_live_map *map)
{
	switch (map->info.type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return true;
	default:
		return false;
	}
}

static int walk_all(struct walk *walk, size_t batch)
{
	struct lade_live_map *map = walk->map;
	struct chunk chunk;
	if (batch == 1 || !is_batched_soundly(map) || !lade_map_can_batch(map, BPF_MAP_LOOKUP_BATCH))
		return lade_walk_keys(walk);
	batch = batch ? batch : DEFAULT_BATCH;
	if (batch > map->info.max_entries)
		batch = map->info.max_entries;
	if (chunk_make(map, batch, &chunk) < 0)
		return lade_fail_memory(walk->error);
	int result = walk_batches(walk, &chunk);
	chunk_clear(&chunk);
	if (result > 0)
		return lade_walk_keys(walk);
	return result < 0 ? lade_map_refused(map, "reading", NULL, result, walk->error) : 0;
}

static int check(const struct lade_live_map *map, struct lade_error **error)
{
	if (!map->kind->no_walk)
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, EOPNOTSUPP, "map.no-walk", "map %s: its elements cannot be listed", map->name);
	finding_cause(finding, "%s", map->kind->no_walk);
	return -EOPNOTSUPP;
}

LADE_API int64_t lade_map_iterate(struct lade_live_map *map, const struct lade_iterate_opts *opts, lade_entry_fn *fn,
				  void *userdata, struct lade_error **error)
{
	struct lade_iterate_opts known;
	struct walk walk = { .map = map, .fn = fn, .userdata = userdata, .error = error };
	int result = opts_read(&known, sizeof known, opts);
	if (result < 0)
		return lade_fail(error, -result, "map.options", "struct lade_iterate_opts: %s", strerror(-result));
	result = check(map, error);
	if (result == 0)
		result = walk_all(&walk, known.batch);
	if (result == 0)
		result = walk.result;
	return result < 0 ? result : walk.count;
}
