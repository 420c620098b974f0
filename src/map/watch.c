/* SPDX-License-Identifier: BSD-2-Clause */
/* What changed between two readings of a map. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "map/live.h"
#include "map/seen.h"

/* A value lies in the slot of its key. */
struct elements {
	struct seen_keys keys; /* slot by key */
	uint8_t *values;
};

struct lade_map_watch {
	struct lade_live_map *map;
	struct elements now, before;
};

static void elements_clear(struct elements *elements)
{
	lade_seen_clear(&elements->keys);
	free(elements->values);
	elements->values = NULL;
}

LADE_API struct lade_map_watch *lade_map_watch_close(struct lade_map_watch *watch)
{
	if (!watch)
		return NULL;
	elements_clear(&watch->now);
	elements_clear(&watch->before);
	free(watch);
	return NULL;
}

DEFINE_CLEANUP(struct lade_map_watch, lade_map_watch, lade_map_watch_close)

/* ---- reading ---- */

struct raw {
	struct lade_live_map *map;
	ARRAY_OF(uint8_t) keys, values; /* one after another */
};

static int add_raw(void *userdata, const void *key, const void *value)
{
	struct raw *raw = userdata;
	size_t key_size = raw->map->info.key_size, value_size = raw->map->value_bytes;
	uint8_t *new_key = key_size ? array_extend(&raw->keys, key_size) : NULL;
	uint8_t *new_value = value_size ? array_extend(&raw->values, value_size) : NULL;
	if ((key_size && !new_key) || (value_size && !new_value))
		return -ENOMEM;
	if (key_size)
		memcpy(new_key, key, key_size);
	if (value)
		memcpy(new_value, value, value_size);
	else if (value_size)
		memset(new_value, 0, value_size);
	return 0;
}

static int index_raw(const struct raw *raw, int64_t count, struct elements *elements)
{
	size_t key_size = raw->map->info.key_size, value_size = raw->map->value_bytes;
	for (int64_t i = 0; i < count; i++)
		if (lade_seen_add(&elements->keys, raw->keys.items + (size_t)i * key_size) < 0)
			return -ENOMEM;
	elements->values = calloc(elements->keys.capacity ? elements->keys.capacity : 1, value_size ? value_size : 1);
	if (!elements->values)
		return -ENOMEM;
	for (int64_t i = 0; i < count; i++) {
		size_t slot = lade_seen_slot(&elements->keys, raw->keys.items + (size_t)i * key_size);
		if (value_size)
			memcpy(elements->values + slot * value_size, raw->values.items + (size_t)i * value_size,
			       value_size);
	}
	return 0;
}

static int read_elements(struct lade_live_map *map, struct elements *elements, struct lade_error **error)
{
	struct raw raw = { .map = map };
	*elements = (struct elements){ .keys.key_size = map->info.key_size };
	int64_t count = lade_map_iterate(map, NULL, add_raw, &raw, error);
	int result = count < 0 ? (int)count : index_raw(&raw, count, elements);
	array_clear(&raw.keys);
	array_clear(&raw.values);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	return result;
}

LADE_API int lade_map_watch_open(struct lade_live_map *map, struct lade_map_watch **ret_watch,
				 struct lade_error **error)
{
	CLEANUP(cleanup_lade_map_watch) struct lade_map_watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		return lade_fail_memory(error);
	watch->map = map;
	int result = read_elements(map, &watch->now, error);
	if (result == 0)
		*ret_watch = TAKE(watch);
	return result;
}

/* ---- comparing ---- */

struct comparison {
	const struct lade_map_watch *watch;
	lade_change_fn *fn;
	void *userdata;
	int64_t count;
	int answer;
};

static void say(struct comparison *comparison, enum lade_change change, const void *key, const void *old,
		const void *value)
{
	comparison->answer = comparison->fn(comparison->userdata, change, key, old, value);
	comparison->count++;
}

/* Elements of `these` that are not among `others`; of those that are there now, changed ones too. */
static void compare(struct comparison *comparison, const struct elements *these, const struct elements *others,
		    bool is_now)
{
	size_t key_size = these->keys.key_size, value_size = comparison->watch->map->value_bytes;
	for (size_t slot = 0; slot < these->keys.capacity && !comparison->answer; slot++) {
		if (!these->keys.used[slot])
			continue;
		const uint8_t *key = these->keys.keys + slot * key_size, *value = these->values + slot * value_size;
		size_t other = lade_seen_slot(&others->keys, key);
		const uint8_t *old = other == SIZE_MAX ? NULL : others->values + other * value_size;
		if (!old)
			say(comparison, is_now ? LADE_ADDED : LADE_REMOVED, key, is_now ? NULL : value,
			    is_now ? value : NULL);
		else if (is_now && memcmp(old, value, value_size) != 0)
			say(comparison, LADE_CHANGED, key, old, value);
	}
}

LADE_API int64_t lade_map_watch_look(struct lade_map_watch *watch, lade_change_fn *fn, void *userdata,
				     struct lade_error **error)
{
	struct elements fresh;
	struct comparison comparison = { .watch = watch, .fn = fn, .userdata = userdata };
	int result = read_elements(watch->map, &fresh, error);
	if (result < 0) {
		elements_clear(&fresh);
		return result;
	}
	elements_clear(&watch->before);
	watch->before = watch->now;
	watch->now = fresh;
	compare(&comparison, &watch->before, &watch->now, false);
	compare(&comparison, &watch->now, &watch->before, true);
	return comparison.answer < 0 ? comparison.answer : comparison.count;
}
