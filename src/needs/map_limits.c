/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes of maps that not every kernel takes, and what a map costs by the arithmetic of those before 5.11. */
#include "needs/needs.h"

#define PERCPU_VALUE_MOST 32768u              /* PCPU_MIN_UNIT_SIZE */
#define HASH_KEY_MOST     512u                /* before 5.11: MAX_BPF_STACK */
#define ALLOCATION_MOST   (UINT32_C(1) << 22) /* KMALLOC_MAX_SIZE */
#define KEY_AND_VALUE     (ALLOCATION_MOST - 64)

#define ARRAY_HEAD   UINT64_C(192) /* struct bpf_array, at least */
#define ELEMENT_HEAD UINT64_C(48)  /* struct htab_elem */
#define BUCKET       UINT64_C(16)  /* struct bucket */
#define POINTER      UINT64_C(8)

#define TYPE_BIT(type) (UINT64_C(1) << (type))

static const uint64_t hashes = TYPE_BIT(BPF_MAP_TYPE_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_HASH) |
			       TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH) |
			       TYPE_BIT(BPF_MAP_TYPE_HASH_OF_MAPS);
static const uint64_t per_cpu = TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH) |
				TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY);
static const uint64_t arrays = TYPE_BIT(BPF_MAP_TYPE_ARRAY);

/* The first that is broken counts. */
static const struct limit {
	struct need_limit limit;
	uint64_t types;
	enum { KEY_SIZE, VALUE_SIZE, KEY_VALUE_SIZE } size;
	uint32_t most;
} limits[] = {
	{ { "check.map.key", "the key of a hash has at most 512 bytes before 5.11", NULL, "5.11" },
	  hashes,
	  KEY_SIZE,
	  HASH_KEY_MOST },
	/* 5.0 to 6.0 lack the check, and mostly the memory; stable releases have it again. */
	{ { "check.map.value", "a value for each CPU has at most 32768 bytes", NULL, NULL },
	  per_cpu,
	  VALUE_SIZE,
	  PERCPU_VALUE_MOST },
	{ { "check.map.value", "an entry of a hash has at most 4 MiB", NULL, NULL },
	  hashes,
	  KEY_VALUE_SIZE,
	  KEY_AND_VALUE },
	{ { "check.map.value", "a value of an array has at most 4 MiB before 5.11", NULL, "5.11" },
	  arrays,
	  VALUE_SIZE,
	  ALLOCATION_MOST },
	{ { "check.map.value", "a value of an array has less than 2 GiB", "5.11", NULL },
	  arrays,
	  VALUE_SIZE,
	  INT32_MAX },
};

static uint64_t bit_of(uint32_t type)
{
	return type < 64 ? TYPE_BIT(type) : 0;
}

static uint64_t measure(const struct map_definition *map, const struct limit *limit)
{
	switch (limit->size) {
	case KEY_SIZE:
		return map->key_size;
	case VALUE_SIZE:
		return map->value_size;
	default:
		return (uint64_t)map->key_size + map->value_size;
	}
}

static bool applies(const struct need_limit *limit, uint32_t version)
{
	if (limit->since && version < lade_needs_version(limit->since))
		return false;
	return !limit->before || (version && version < lade_needs_version(limit->before));
}

const struct need_limit *lade_need_map_limit(const struct map_definition *map, uint32_t version, uint64_t *ret_size)
{
	for (size_t i = 0; i < ELEMENTS(limits); i++) {
		if (!(limits[i].types & bit_of(map->type)) || !applies(&limits[i].limit, version) ||
		    measure(map, &limits[i]) <= limits[i].most)
			continue;
		*ret_size = measure(map, &limits[i]);
		return &limits[i].limit;
	}
	return NULL;
}

/* ---- cost ---- */

static bool is_hash(uint32_t type)
{
	return hashes & bit_of(type);
}

bool lade_need_map_is_per_cpu(uint32_t type)
{
	return per_cpu & bit_of(type);
}

static bool has_cost(uint32_t type)
{
	static const uint64_t others = TYPE_BIT(BPF_MAP_TYPE_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_PROG_ARRAY) |
				       TYPE_BIT(BPF_MAP_TYPE_PERF_EVENT_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_ARRAY_OF_MAPS) |
				       TYPE_BIT(BPF_MAP_TYPE_CGROUP_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY);

	return (hashes | others) & bit_of(type);
}

static uint64_t rounded(uint32_t bytes)
{
	return ((uint64_t)bytes + 7) / 8 * 8;
}

static uint64_t power_of_two(uint32_t entries)
{
	uint64_t power = 1;

	while (power < entries)
		power *= 2;
	return power;
}

/* cpus is below 2^16, sizes have 32 bits: no product overflows here. */
static uint64_t entry_bytes(const struct map_definition *map, uint64_t cpus)
{
	uint64_t value = rounded(map->value_size);

	if (is_hash(map->type))
		return ELEMENT_HEAD + rounded(map->key_size) +
		       (lade_need_map_is_per_cpu(map->type) ? POINTER + value * cpus : value);
	if (lade_need_map_is_per_cpu(map->type))
		return POINTER + value * cpus;
	return map->type == BPF_MAP_TYPE_ARRAY ? value : POINTER;
}

uint64_t lade_need_map_cost(const struct map_definition *map, uint32_t cpus)
{
	uint64_t each = entry_bytes(map, cpus < UINT16_MAX ? cpus : UINT16_MAX), all;

	if (!has_cost(map->type))
		return 0;
	if (__builtin_mul_overflow(each, (uint64_t)map->max_entries, &all) ||
	    __builtin_add_overflow(all, ARRAY_HEAD, &all) ||
	    (is_hash(map->type) && __builtin_add_overflow(all, power_of_two(map->max_entries) * BUCKET, &all)))
		return UINT64_MAX;
	return all;
}

uint32_t lade_need_map_entries(const struct map_definition *map, uint32_t cpus)
{
	uint32_t low = 0, high = map->max_entries;

	while (low < high) {
		struct map_definition tried = *map;
		tried.max_entries = low + (high - low + 1) / 2;
		if (lade_need_map_cost(&tried, cpus) >= NEED_MAP_COST_MOST)
			high = tried.max_entries - 1;
		else
			low = tried.max_entries;
	}
	return low;
}
