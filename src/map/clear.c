/* SPDX-License-Identifier: BSD-2-Clause */
/* Every element of a map goes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "map/live.h"

enum { AT_ONCE = 1024 };

/* Keys that came by, until there are enough for one call. */
struct clearing {
	struct lade_live_map *map;
	uint8_t *keys;
	size_t count;
	int64_t deleted;
	struct lade_error **error;
};

static int flush(struct clearing *clearing)
{
	size_t done = 0;
	int result = lade_map_delete_many(clearing->map, clearing->keys, clearing->count, &done, clearing->error);
	clearing->deleted += (int64_t)done;
	clearing->count = 0;
	return result;
}

static int take(void *data, const void *key, const void *value)
{
	(void)value;
	struct clearing *clearing = data;
	size_t key_size = clearing->map->info.key_size;
	memcpy(clearing->keys + clearing->count * key_size, key, key_size);
	return ++clearing->count < AT_ONCE ? 0 : flush(clearing);
}

static int64_t clear_keys(struct lade_live_map *map, struct lade_error **error)
{
	struct clearing clearing = { .map = map, .error = error };
	clearing.keys = calloc(AT_ONCE, map->info.key_size ? map->info.key_size : 1);
	if (!clearing.keys)
		return lade_fail_memory(error);
	int64_t result = lade_map_iterate(map, NULL, take, &clearing, error);
	if (result >= 0 && clearing.count)
		result = flush(&clearing);
	free(clearing.keys);
	return result < 0 ? result : clearing.deleted;
}

/* Not more than it can hold: others may push all the time. */
static int64_t clear_queue(struct lade_live_map *map, struct lade_error **error)
{
	void *value = malloc(map->value_bytes ? map->value_bytes : 1);
	int64_t count = 0;
	int result = value ? 0 : lade_fail_memory(error);
	while (result == 0 && count < map->info.max_entries) {
		result = lade_bpf_map_take(map->kernel, map->fd, NULL, value);
		count += result >= 0;
	}
	free(value);
	if (result < 0 && result != -ENOENT && value)
		return lade_map_refused(map, "popping", NULL, result, error);
	return result == -ENOMEM && !value ? result : count;
}

LADE_API int64_t lade_map_clear(struct lade_live_map *map, struct lade_error **error)
{
	if (map->kind->content == CONTENT_NONE)
		return lade_map_needs_keys(map, true, error);
	return map->kind->key == KEY_NONE ? clear_queue(map, error) : clear_keys(map, error);
}
