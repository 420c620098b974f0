/* SPDX-License-Identifier: BSD-2-Clause */
/* What the words of a map prove by themselves, whatever the kernel (rules of data/map_types.csv). */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "diagnose/map_rules.h"

#define TYPE_BIT(type) (UINT64_C(1) << (type))

static const uint64_t arrays = TYPE_BIT(BPF_MAP_TYPE_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_PROG_ARRAY) |
			       TYPE_BIT(BPF_MAP_TYPE_PERF_EVENT_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY) |
			       TYPE_BIT(BPF_MAP_TYPE_CGROUP_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_ARRAY_OF_MAPS) |
			       TYPE_BIT(BPF_MAP_TYPE_DEVMAP) | TYPE_BIT(BPF_MAP_TYPE_CPUMAP) |
			       TYPE_BIT(BPF_MAP_TYPE_XSKMAP) | TYPE_BIT(BPF_MAP_TYPE_SOCKMAP);
static const uint64_t descriptors = TYPE_BIT(BPF_MAP_TYPE_PROG_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_PERF_EVENT_ARRAY) |
				    TYPE_BIT(BPF_MAP_TYPE_CGROUP_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_ARRAY_OF_MAPS) |
				    TYPE_BIT(BPF_MAP_TYPE_HASH_OF_MAPS);
static const uint64_t rings = TYPE_BIT(BPF_MAP_TYPE_RINGBUF) | TYPE_BIT(BPF_MAP_TYPE_USER_RINGBUF);
static const uint64_t storages = TYPE_BIT(BPF_MAP_TYPE_SK_STORAGE) | TYPE_BIT(BPF_MAP_TYPE_INODE_STORAGE) |
				 TYPE_BIT(BPF_MAP_TYPE_TASK_STORAGE) | TYPE_BIT(BPF_MAP_TYPE_CGROUP_STORAGE) |
				 TYPE_BIT(BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE) |
				 TYPE_BIT(32); /* BPF_MAP_TYPE_CGRP_STORAGE, since 6.2 */
static const uint64_t local_storages =
	TYPE_BIT(BPF_MAP_TYPE_SK_STORAGE) | TYPE_BIT(BPF_MAP_TYPE_INODE_STORAGE) | TYPE_BIT(BPF_MAP_TYPE_TASK_STORAGE);
static const uint64_t lru = TYPE_BIT(BPF_MAP_TYPE_LRU_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH);
static const uint64_t keyless =
	TYPE_BIT(BPF_MAP_TYPE_QUEUE) | TYPE_BIT(BPF_MAP_TYPE_STACK) | TYPE_BIT(BPF_MAP_TYPE_BLOOM_FILTER);
static const uint64_t unmapped = TYPE_BIT(BPF_MAP_TYPE_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_HASH) |
				 TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH) | TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH) |
				 TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY) | TYPE_BIT(BPF_MAP_TYPE_LPM_TRIE) |
				 TYPE_BIT(BPF_MAP_TYPE_QUEUE) | TYPE_BIT(BPF_MAP_TYPE_STACK);
static const uint64_t redirects =
	TYPE_BIT(BPF_MAP_TYPE_DEVMAP) | TYPE_BIT(BPF_MAP_TYPE_DEVMAP_HASH) | TYPE_BIT(BPF_MAP_TYPE_CPUMAP);
static const uint64_t arenas = TYPE_BIT(33); /* BPF_MAP_TYPE_ARENA, since 6.9 */
static const uint64_t percpu = TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH) | TYPE_BIT(BPF_MAP_TYPE_PERCPU_ARRAY) |
			       TYPE_BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH);

static bool key_not_4(const struct map_definition *map)
{
	return map->key_size != 4;
}

static bool value_not_4(const struct map_definition *map)
{
	return map->value_size != 4;
}

static bool no_entries(const struct map_definition *map)
{
	return map->max_entries == 0;
}

static bool some_entries(const struct map_definition *map)
{
	return map->max_entries != 0;
}

static bool no_value(const struct map_definition *map)
{
	return map->value_size == 0;
}

static bool no_key(const struct map_definition *map)
{
	return map->key_size == 0;
}

static bool some_key(const struct map_definition *map)
{
	return map->key_size != 0;
}

static bool key_or_value(const struct map_definition *map)
{
	return map->key_size || map->value_size;
}

static bool preallocated(const struct map_definition *map)
{
	return !(map->flags & BPF_F_NO_PREALLOC);
}

static bool not_preallocated(const struct map_definition *map)
{
	return map->flags & BPF_F_NO_PREALLOC;
}

static bool mapped(const struct map_definition *map)
{
	return map->flags & BPF_F_MMAPABLE;
}

static bool without_btf(const struct map_definition *map)
{
	return !map->btf_key_type || !map->btf_value_type;
}

static bool lpm_key(const struct map_definition *map)
{
	return map->key_size < 5 || map->key_size > 260;
}

static bool stack_value(const struct map_definition *map)
{
	return map->value_size < 8 || map->value_size % 8;
}

/* The number of an interface, a processor or its queue, and behind it a program's descriptor, where there is one. */
static bool redirect_value(const struct map_definition *map)
{
	return map->value_size != 4 && map->value_size != 8;
}

static bool percpu_value(const struct map_definition *map)
{
	return map->value_size > 32768;
}

/* The smallest page is one of 4096 bytes. */
static bool ring_pages(const struct map_definition *map)
{
	return map->max_entries % 4096 || (map->max_entries & (map->max_entries - 1));
}

/* What the words of a map prove by themselves. In this order; the first that holds is the cause. */
static const struct map_rule map_rules[] = {
	{ rings, key_or_value, "a ring buffer has neither key nor value", "key_size and value_size must be 0" },
	{ arenas, key_or_value, "an arena has neither key nor value", "key_size and value_size must be 0" },
	{ storages, some_entries, "the number of entries of a storage map is not the program's to choose",
	  "set max_entries to 0" },
	{ local_storages, without_btf, "a local storage map needs the BTF of its key (int) and value",
	  "compile with -g and declare __type(key, int) and __type(value, …)" },
	{ local_storages | TYPE_BIT(BPF_MAP_TYPE_LPM_TRIE), preallocated, "this map type cannot be preallocated",
	  "set map_flags to BPF_F_NO_PREALLOC" },
	{ lru, not_preallocated, "an LRU map is always preallocated", "remove BPF_F_NO_PREALLOC", KERNEL_ENOTSUPP },
	{ unmapped, mapped, "BPF_F_MMAPABLE is for plain arrays (and arenas): only they can be mapped into a process",
	  "remove BPF_F_MMAPABLE, or make it a BPF_MAP_TYPE_ARRAY" },
	{ keyless, some_key, "this map type has no key", "set key_size to 0" },
	{ ~(storages), no_entries, "max_entries is 0", "give the map entries in the source or with --max-entries" },
	{ rings, ring_pages, "a ring buffer has a power of two of bytes, in whole pages",
	  "set max_entries to a power of two of at least 4096" },
	{ arrays, key_not_4, "the key of an array is a 4-byte index", "set key_size to 4" },
	{ descriptors, value_not_4, "the value of this map type is a 4-byte descriptor", "set value_size to 4" },
	{ redirects, redirect_value,
	  "the value of this map type is 4 bytes, or 8 with a program for what is redirected",
	  "set value_size to 4, or to 8 (struct bpf_devmap_val, struct bpf_cpumap_val)" },
	{ TYPE_BIT(BPF_MAP_TYPE_LPM_TRIE), lpm_key, "the key of an LPM trie is 4 bytes and 1 to 256 bytes of prefix",
	  "set key_size to 5 … 260" },
	{ TYPE_BIT(BPF_MAP_TYPE_STACK_TRACE), stack_value, "a stack trace is a row of 8-byte addresses",
	  "set value_size to a multiple of 8" },
	{ percpu, percpu_value, "a per-CPU value is at most 32768 bytes", "make the value smaller", E2BIG },
	{ TYPE_BIT(BPF_MAP_TYPE_HASH) | lru | TYPE_BIT(BPF_MAP_TYPE_PERCPU_HASH), no_key, "a hash needs a key",
	  "set key_size" },
	{ ~(rings | storages | arenas), no_value, "value_size is 0", "set value_size" },
};

const struct map_rule *lade_map_broken_rule(const struct map_definition *map)
{
	for (size_t i = 0; map->type < 64 && i < ELEMENTS(map_rules); i++)
		if ((map_rules[i].types & TYPE_BIT(map->type)) && map_rules[i].broken(map))
			return &map_rules[i];
	return NULL;
}
