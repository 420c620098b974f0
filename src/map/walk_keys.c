/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From key to key, over a map that others change meanwhile. The kernel knows only "what follows this key?", and its
 * answer is about another place without telling in three cases:
 *  - the key was deleted: it begins anew. The walk then steps back to the last key it came by that is still there, so
 *    that each deletion costs a few calls and not another walk.
 *  - a hash uses the memory of a deleted element at once for another key: who stands on it, or is just copying it,
 *    lands in another bucket. So two answers in a row must agree.
 *  - an element of a hash was replaced: it moved to the front of its bucket, perhaps past the walk. So all is walked
 *    over again until two walks in a row come by the same keys in the same order: then nothing moves.
 * Keys that came are remembered; they do not come again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "map/seen.h"
#include "map/walk.h"

enum { MOST_PASSES = 8, TRAIL = 1024 };

struct steps {
	struct walk *walk;
	bool is_ordered;
	uint8_t *here, *next, *other, *value;
	uint8_t *trail; /* the last keys come by: a ring */
	size_t top, depth;
	struct seen_keys seen;
	uint8_t pass;
	uint64_t count, order; /* order: a sum over the keys of this pass in their order */
};

static void steps_clear(struct steps *steps)
{
	free(steps->here);
	free(steps->next);
	free(steps->other);
	free(steps->value);
	free(steps->trail);
	lade_seen_clear(&steps->seen);
}

static int steps_make(struct walk *walk, struct steps *steps)
{
	size_t key_size = walk->map->info.key_size ? walk->map->info.key_size : 1;
	steps->walk = walk;
	steps->seen.key_size = walk->map->info.key_size;
	steps->here = calloc(1, key_size);
	steps->next = calloc(1, key_size);
	steps->other = calloc(1, key_size);
	steps->value = calloc(1, walk->map->value_bytes ? walk->map->value_bytes : 1);
	steps->trail = steps->is_ordered ? NULL : calloc(TRAIL, key_size);
	return steps->here && steps->next && steps->other && steps->value && (steps->is_ordered || steps->trail)
		       ? 0
		       : -ENOMEM;
}

/* Of arrays the keys are known: 0, 1, 2 …; nothing in them can be deleted under the walk. */
static bool is_array(const struct lade_live_map *map)
{
	switch (map->info.type) {
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_CPUMAP:
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
		return true;
	default:
		return false;
	}
}

/* ---- one step ---- */

static int refuse_restless(struct walk *walk)
{
	struct lade_finding *finding =
		lade_error_add(walk->error, EAGAIN, "map.restless",
			       "map %s: its keys are deleted faster than they can be walked over", walk->map->name);
	finding_evidence(finding, "%lld elements came", (long long)walk->count);
	return -EAGAIN;
}

static void swap(uint8_t **one, uint8_t **other)
{
	uint8_t *kept = *one;
	*one = *other;
	*other = kept;
}

/* Every key once, and many more questions, in case of restless neighbours; of one pass. */
static uint64_t most_steps(const struct lade_live_map *map)
{
	return (uint64_t)map->info.max_entries * 64 + 65536;
}

enum { AT_END = 1 };

/* Into `next`, what follows the key (NULL: the first). 0; AT_END; else a finding. */
static int ask(struct steps *steps, const uint8_t *key)
{
	struct lade_live_map *map = steps->walk->map;
	int result = lade_bpf_map_next_key(map->kernel, map->fd, key, steps->next);
	for (bool is_agreed = steps->is_ordered; !is_agreed;) {
		int again = lade_bpf_map_next_key(map->kernel, map->fd, key, steps->other);
		is_agreed =
			again == result && (again < 0 || memcmp(steps->next, steps->other, map->info.key_size) == 0);
		swap(&steps->next, &steps->other);
		result = again;
		if (++steps->count > most_steps(map))
			return refuse_restless(steps->walk);
	}
	if (result == -ENOENT)
		return AT_END;
	return result < 0 ? lade_map_refused(map, "reading", NULL, result, steps->walk->error) : 0;
}

/* Reads and delivers one. What is gone meanwhile is left out, what cannot be read comes without a value. */
static int read_here(struct steps *steps)
{
	struct walk *walk = steps->walk;
	struct lade_live_map *map = walk->map;
	int result = lade_bpf_map_lookup(map->kernel, map->fd, steps->here, steps->value);
	if (result == -ENOENT)
		return 0;
	if (result == -ENOSPC || result == -EOPNOTSUPP || result == -KERNEL_ENOTSUPP) {
		lade_walk_deliver(walk, steps->here, NULL);
		return 0;
	}
	if (result < 0)
		return lade_map_refused(map, "reading", steps->here, result, walk->error);
	lade_walk_deliver(walk, steps->here, steps->value);
	return 0;
}

static bool is_gone(struct steps *steps, const uint8_t *key)
{
	struct lade_live_map *map = steps->walk->map;
	return lade_bpf_map_lookup(map->kernel, map->fd, key, steps->value) == -ENOENT;
}

/* ---- back, where the key that the walk stood at was deleted ---- */

static void keep_trail(struct steps *steps)
{
	size_t key_size = steps->seen.key_size;
	memcpy(steps->trail + steps->top % TRAIL * key_size, steps->here, key_size);
	steps->top++;
	steps->depth += steps->depth < TRAIL;
}

/* NULL: to the beginning. */
static const uint8_t *step_back(struct steps *steps)
{
	while (steps->depth) {
		steps->depth--;
		steps->top--;
		const uint8_t *key = steps->trail + steps->top % TRAIL * steps->seen.key_size;
		if (!is_gone(steps, key))
			return key;
	}
	return NULL;
}

/* A key that this pass came by already: it began anew, if the one that was asked for is gone. */
static int leave_beginning(struct steps *steps)
{
	int result = 0;
	const uint8_t *stood_at = steps->here;
	while (result == 0 && stood_at && lade_seen_has_mark(&steps->seen, steps->next, steps->pass) &&
	       is_gone(steps, stood_at)) {
		stood_at = step_back(steps);
		result = ask(steps, stood_at);
		if (stood_at)
			memcpy(steps->here, stood_at, steps->seen.key_size);
		stood_at = stood_at ? steps->here : NULL;
	}
	return result;
}

/* ---- all ---- */

static void add_to_order(struct steps *steps)
{
	for (size_t i = 0; i < steps->seen.key_size; i++)
		steps->order = (steps->order ^ steps->here[i]) * 1099511628211ULL;
}

/* What follows is asked for before fn can delete the key. */
static int take_step(struct steps *steps)
{
	int seen = steps->is_ordered ? SEEN_NEW : lade_seen_mark(&steps->seen, steps->here, steps->pass);
	if (seen < 0)
		return lade_fail_memory(steps->walk->error);
	add_to_order(steps);
	int result = ask(steps, steps->here);
	int read = result >= 0 && seen == SEEN_NEW ? read_here(steps) : 0;
	if (read < 0)
		return read;
	if (result == 0 && !steps->is_ordered && !steps->walk->is_over)
		result = leave_beginning(steps);
	return result;
}

static int walk_pass(struct steps *steps)
{
	struct walk *walk = steps->walk;
	steps->count = steps->order = steps->top = steps->depth = 0;
	int result = ask(steps, NULL);
	while (result == 0 && !walk->is_over) {
		swap(&steps->here, &steps->next);
		result = take_step(steps);
		if (result == 0 && !steps->is_ordered)
			keep_trail(steps);
	}
	return result;
}

int lade_walk_keys(struct walk *walk)
{
	struct steps steps = { .is_ordered = is_array(walk->map) };
	bool again = true;
	int result = steps_make(walk, &steps) < 0 ? lade_fail_memory(walk->error) : 0;
	for (steps.pass = 1; result == 0 && again && steps.pass <= MOST_PASSES; steps.pass++) {
		uint64_t before = steps.order;
		result = walk_pass(&steps);
		result = result < 0 ? result : 0;
		again = !walk->is_over && !steps.is_ordered && (steps.pass == 1 || steps.order != before);
	}
	steps_clear(&steps);
	return result;
}
