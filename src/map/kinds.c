/* SPDX-License-Identifier: BSD-2-Clause */
/* What the types of maps have in common, and what sets them apart. */
#include "map/live.h"

/* Newer than the distribution's header. */
enum { CGRP_STORAGE = 32, ARENA = 33, INSN_ARRAY = 34 };

static const char no_keys[] = "it has no keys";
static const char no_reading[] = "the kernel gives none of its values back";
static const char no_order[] = "the kernel finds its elements by key only";
static const char no_elements[] = "it has no elements";

static const struct map_kind kinds[] = {
	[BPF_MAP_TYPE_PROG_ARRAY] = { .content = CONTENT_PROGRAM },
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = { .content = CONTENT_NONE, .no_walk = no_reading },
	[BPF_MAP_TYPE_PERCPU_HASH] = { .per_cpu = true },
	[BPF_MAP_TYPE_PERCPU_ARRAY] = { .per_cpu = true },
	[BPF_MAP_TYPE_CGROUP_ARRAY] = { .content = CONTENT_CGROUP, .no_walk = no_reading },
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = { .per_cpu = true },
	[BPF_MAP_TYPE_LPM_TRIE] = { .key = KEY_PREFIX },
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = { .content = CONTENT_MAP },
	[BPF_MAP_TYPE_HASH_OF_MAPS] = { .content = CONTENT_MAP },
	[BPF_MAP_TYPE_DEVMAP] = { .content = CONTENT_INTERFACE },
	[BPF_MAP_TYPE_SOCKMAP] = { .content = CONTENT_SOCKET },
	[BPF_MAP_TYPE_XSKMAP] = { .content = CONTENT_SOCKET, .no_walk = no_reading },
	[BPF_MAP_TYPE_SOCKHASH] = { .content = CONTENT_SOCKET },
	[BPF_MAP_TYPE_REUSEPORT_SOCKARRAY] = { .content = CONTENT_SOCKET },
	[BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE] = { .per_cpu = true },
	[BPF_MAP_TYPE_QUEUE] = { .key = KEY_NONE, .no_walk = no_keys },
	[BPF_MAP_TYPE_STACK] = { .key = KEY_NONE, .no_walk = no_keys },
	[BPF_MAP_TYPE_SK_STORAGE] = { .key = KEY_SOCKET, .no_walk = no_order },
	[BPF_MAP_TYPE_DEVMAP_HASH] = { .content = CONTENT_INTERFACE },
	[BPF_MAP_TYPE_RINGBUF] = { .content = CONTENT_NONE, .no_walk = no_elements },
	[BPF_MAP_TYPE_INODE_STORAGE] = { .key = KEY_FILE, .no_walk = no_order },
	[BPF_MAP_TYPE_TASK_STORAGE] = { .key = KEY_TASK, .no_walk = no_order },
	[BPF_MAP_TYPE_BLOOM_FILTER] = { .key = KEY_NONE, .no_walk = no_keys },
	[BPF_MAP_TYPE_USER_RINGBUF] = { .content = CONTENT_NONE, .no_walk = no_elements },
	[CGRP_STORAGE] = { .key = KEY_CGROUP, .no_walk = no_order },
	[ARENA] = { .content = CONTENT_NONE, .no_walk = no_elements },
	[INSN_ARRAY] = { .content = CONTENT_PLAIN },
};

const struct map_kind *lade_map_kind(uint32_t type)
{
	static const struct map_kind plain = { .content = CONTENT_PLAIN };
	return type < ELEMENTS(kinds) ? &kinds[type] : &plain;
}
