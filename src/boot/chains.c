/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/chains.h"

#include <errno.h>
#include <string.h>

#include "txn/internal.h"

/* A place that an object claims: a pin, its name, something to attach to. */
struct claim {
	const char *kind, *place; /* place is borrowed from the object or its decision */
	size_t object;
};

struct claims {
	struct claim *items;
	size_t count, capacity;
};

static int claim(struct claims *claims, size_t object, const char *kind, const char *place)
{
	struct claim *new = array_push(claims);

	if (!new)
		return -ENOMEM;
	*new = (struct claim){ kind, place, object };
	return 0;
}

/* Where a map goes that the policy says nothing about. */
static int claim_own_place(struct claims *claims, size_t object, const struct lade_map *map)
{
	if (map->pinning == LADE_PIN_BY_NAME)
		return claim(claims, object, "name", map->name);
	if (map->pinning == LADE_PIN_PATH && map->pin_path)
		return claim(claims, object, "pin", map->pin_path);
	return 0;
}

static int claim_part(struct claims *claims, size_t object, const struct boot_part *part)
{
	int r = part->pin ? claim(claims, object, "pin", part->pin) : 0;

	if (r == 0 && part->pin_first)
		r = claim(claims, object, "pin", part->pin_first);
	for (size_t i = 0; r == 0 && i < part->targets.count; i++)
		r = claim(claims, object, "target", part->targets.items[i]);
	return r;
}

static int claim_all(struct claims *claims, size_t index, const struct boot_item *item)
{
	const struct boot_decision *decision = &item->decision;
	int r = claim(claims, index, "instance", decision->instance);

	for (size_t i = 0; r == 0 && i < decision->map_count; i++) {
		if (decision->maps[i].skip)
			continue;
		r = decision->maps[i].pin ? claim_part(claims, index, &decision->maps[i])
					  : claim_own_place(claims, index, item->object->maps.items[i]);
	}
	for (size_t i = 0; r == 0 && i < decision->program_count; i++)
		if (!decision->programs[i].skip)
			r = claim_part(claims, index, &decision->programs[i]);
	return r;
}

/* ---- who belongs together ---- */

static size_t first_of(size_t *parents, size_t object)
{
	while (parents[object] != object)
		object = parents[object] = parents[parents[object]];
	return object;
}

/* The earlier object leads. */
static void join(size_t *parents, size_t a, size_t b)
{
	size_t left = first_of(parents, a), right = first_of(parents, b);

	parents[left > right ? left : right] = left > right ? right : left;
}

static int by_place(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	int order = strcmp(a->kind, b->kind);

	return order ? order : strcmp(a->place, b->place);
}

static void join_all(struct claims *claims, size_t *parents)
{
	if (claims->count)
		lade_sort(claims->items, claims->count, sizeof *claims->items, by_place);
	for (size_t i = 1; i < claims->count; i++)
		if (by_place(&claims->items[i - 1], &claims->items[i]) == 0)
			join(parents, claims->items[i - 1].object, claims->items[i].object);
}

/* ---- chains ---- */

static int by_weight(const void *left, const void *right)
{
	const struct boot_chain *a = left, *b = right;

	return a->weight != b->weight ? (a->weight < b->weight ? 1 : -1) : 0;
}

static int collect(struct boot_item *const *objects, size_t count, size_t *parents, struct boot_chains *chains)
{
	size_t *chain_of = calloc(count, sizeof *chain_of);
	int r = chain_of ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < count; i++) {
		size_t first = first_of(parents, i);
		if (first == i) {
			chain_of[i] = chains->count;
			r = array_push(chains) ? 0 : -ENOMEM;
		}
		if (r < 0)
			break;
		struct boot_chain *chain = &chains->items[chain_of[first]];
		struct boot_item **place = array_push(&chain->items);
		r = place ? 0 : -ENOMEM;
		if (place)
			*place = objects[i];
		chain->weight += objects[i]->weight;
	}
	free(chain_of);
	return r;
}

int lade_boot_chains(struct boot_item *const *objects, size_t count, struct boot_chains *ret_chains)
{
	struct boot_chains chains = { 0 };
	struct claims claims = { 0 };
	size_t *parents = calloc(count ? count : 1, sizeof *parents);
	int r = parents ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < count; i++) {
		parents[i] = i;
		r = claim_all(&claims, i, objects[i]);
	}
	if (r == 0 && count) {
		join_all(&claims, parents);
		r = collect(objects, count, parents, &chains);
	}
	array_clear(&claims);
	free(parents);
	if (r < 0) {
		lade_boot_chains_clear(&chains);
		return r;
	}
	if (chains.count)
		lade_sort(chains.items, chains.count, sizeof *chains.items, by_weight);
	*ret_chains = chains;
	return 0;
}

void lade_boot_chains_clear(struct boot_chains *chains)
{
	array_foreach(chain, chains)
		array_clear(&chain->items);
	array_clear(chains);
}
