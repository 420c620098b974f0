/* SPDX-License-Identifier: BSD-2-Clause */
/* Many elements: in one call where the kernel can, else one by one. */
#include <errno.h>

#include "kernel/bpf.h"
#include "map/live.h"

static unsigned bit_of(int command)
{
	return 1U << (command - BPF_MAP_LOOKUP_BATCH);
}

bool lade_map_can_batch(const struct lade_live_map *map, int command)
{
	return !(map->no_batch & bit_of(command)) && map->kind->key != KEY_NONE;
}

/* EINVAL: a kernel before 5.6, or flags that it does not take; the elements one by one then say which. */
bool lade_map_batch_is_absent(struct lade_live_map *map, int command, int result)
{
	if (result != -EINVAL && result != -KERNEL_ENOTSUPP && result != -EOPNOTSUPP)
		return false;
	map->no_batch |= bit_of(command);
	return true;
}

struct many {
	struct lade_live_map *map;
	int command;
	const uint8_t *keys, *values; /* values NULL: deletes */
	size_t count;
	uint64_t flags;
};

static const uint8_t *item(const uint8_t *items, size_t index, size_t size)
{
	return items + index * size;
}

/* One by one, from `first` to before `end`. */
static int step(const struct many *many, size_t first, size_t end, size_t *done, struct lade_error **error)
{
	struct lade_live_map *map = many->map;
	for (*done = first; *done < end; ++*done) {
		const uint8_t *key = item(many->keys, *done, map->info.key_size);
		int result = many->values
				     ? lade_bpf_map_update(map->kernel, map->fd, key,
							   item(many->values, *done, map->value_bytes), many->flags)
				     : lade_bpf_map_delete(map->kernel, map->fd, key);
		if (result == -ENOENT && !many->values)
			continue;
		if (result < 0)
			return lade_map_refused(map, many->values ? "writing" : "deleting", key, result, error);
	}
	return 0;
}

/* What the kernel stopped at is tried alone, which says why; then the batch goes on behind it. */
static int run(const struct many *many, size_t *done, struct lade_error **error)
{
	struct lade_live_map *map = many->map;
	for (*done = 0; *done < many->count && lade_map_can_batch(map, many->command);) {
		size_t left = many->count - *done;
		uint32_t chunk = left < 1U << 20 ? (uint32_t)left : 1U << 20;
		struct attr_map_batch attr = {
			.map_fd = (uint32_t)map->fd,
			.count = chunk,
			.keys = (uint64_t)(uintptr_t)item(many->keys, *done, map->info.key_size),
			.values = many->values ? (uint64_t)(uintptr_t)item(many->values, *done, map->value_bytes) : 0,
			.elem_flags = many->flags,
		};
		int result = lade_bpf_map_batch(map->kernel, many->command, &attr);
		if (result < 0 && lade_map_batch_is_absent(map, many->command, result))
			break;
		/* A count that did not change: refused before the first. */
		*done += result >= 0 ? chunk : attr.count < chunk ? attr.count : 0;
		if (result >= 0)
			continue;
		result = step(many, *done, *done + 1, done, error);
		if (result < 0)
			return result;
	}
	return *done < many->count ? step(many, *done, many->count, done, error) : 0;
}

static int run_many(const struct many *many, size_t *ret_done, struct lade_error **error)
{
	size_t done = 0;
	int result = lade_map_needs_keys(many->map, true, error);
	if (result == 0)
		result = run(many, &done, error);
	*ret_done = done;
	return result;
}

LADE_API int lade_map_update_many(struct lade_live_map *map, const void *keys, const void *values, size_t count,
				  uint64_t flags, size_t *ret_done, struct lade_error **error)
{
	const struct many many = { .map = map,
				   .command = BPF_MAP_UPDATE_BATCH,
				   .keys = keys,
				   .values = values,
				   .count = count,
				   .flags = flags };
	return run_many(&many, ret_done, error);
}

LADE_API int lade_map_delete_many(struct lade_live_map *map, const void *keys, size_t count, size_t *ret_done,
				  struct lade_error **error)
{
	const struct many many = { .map = map, .command = BPF_MAP_DELETE_BATCH, .keys = keys, .count = count };
	return run_many(&many, ret_done, error);
}
