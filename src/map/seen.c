/* SPDX-License-Identifier: BSD-2-Clause */
#include "map/seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a; the keys are those of a map that its owner may fill: linear probing over a table half empty. */
static uint64_t hash(const uint8_t *key, size_t size)
{
	uint64_t value = 14695981039346656037ULL;
	for (size_t i = 0; i < size; i++)
		value = (value ^ key[i]) * 1099511628211ULL;
	return value ^ value >> 29;
}

static size_t place_of(const struct seen_keys *seen, const uint8_t *key)
{
	size_t place = (size_t)hash(key, seen->key_size) & (seen->capacity - 1);
	while (seen->used[place] && memcmp(seen->keys + place * seen->key_size, key, seen->key_size) != 0)
		place = (place + 1) & (seen->capacity - 1);
	return place;
}

static void put(struct seen_keys *seen, size_t place, const uint8_t *key, uint8_t mark)
{
	memcpy(seen->keys + place * seen->key_size, key, seen->key_size);
	seen->used[place] = mark;
}

static int grow(struct seen_keys *seen)
{
	struct seen_keys larger = { .key_size = seen->key_size,
				    .count = seen->count,
				    .capacity = seen->capacity ? seen->capacity * 2 : 64 };
	larger.keys = calloc(larger.capacity, larger.key_size ? larger.key_size : 1);
	larger.used = calloc(larger.capacity, sizeof *larger.used);
	if (!larger.keys || !larger.used) {
		lade_seen_clear(&larger);
		return -ENOMEM;
	}
	for (size_t i = 0; i < seen->capacity; i++) {
		const uint8_t *key = seen->keys + i * seen->key_size;
		if (seen->used[i])
			put(&larger, place_of(&larger, key), key, seen->used[i]);
	}
	lade_seen_clear(seen);
	*seen = larger;
	return 0;
}

int lade_seen_mark(struct seen_keys *seen, const void *key, uint8_t mark)
{
	if (seen->count * 2 >= seen->capacity && grow(seen) < 0)
		return -ENOMEM;
	size_t place = place_of(seen, key);
	bool is_new = !seen->used[place];
	put(seen, place, key, mark);
	seen->count += is_new;
	return is_new ? SEEN_NEW : SEEN_BEFORE;
}

int lade_seen_add(struct seen_keys *seen, const void *key)
{
	return lade_seen_mark(seen, key, 1);
}

bool lade_seen_has_mark(const struct seen_keys *seen, const void *key, uint8_t mark)
{
	size_t place = lade_seen_slot(seen, key);
	return place != SIZE_MAX && seen->used[place] == mark;
}

size_t lade_seen_slot(const struct seen_keys *seen, const void *key)
{
	size_t place = seen->capacity ? place_of(seen, key) : 0;
	return seen->capacity && seen->used[place] ? place : SIZE_MAX;
}

void lade_seen_clear(struct seen_keys *seen)
{
	free(seen->keys);
	free(seen->used);
	*seen = (struct seen_keys){ .key_size = seen->key_size };
}
