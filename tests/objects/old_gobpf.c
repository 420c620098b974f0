/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps in sections of their own, pinned in a namespace. INNER: the derivative with inner_map_idx. */
#include "dia_samples.h"

struct gobpf_map {
	unsigned int type, key_size, value_size, max_entries, map_flags;
#ifdef INNER
	unsigned int inner_map_idx;
#define ZERO 0,
#else
#define ZERO
#endif
	unsigned int pinning;
	char namespace[256];
};

#ifndef PINNING
#define PINNING 2
#endif
#ifndef SPACE
#define SPACE "guard"
#endif

struct gobpf_map SEC("maps/own") symbol_of_own = { BPF_MAP_TYPE_HASH, 4, 8, 100, 0, ZERO 0, "" };
struct gobpf_map SEC("maps/shared") symbol_of_shared = { BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, ZERO PINNING, SPACE };
#ifdef INNER
struct gobpf_map SEC("maps/outer") symbol_of_outer = { BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0, 1, 0, "" };
#endif

SEC("kprobe/__x64_sys_getpid") int enter(void *context)
{
	int key = 0;
	bpf_map_lookup_elem(&symbol_of_shared, &key);
#ifdef INNER
	bpf_map_lookup_elem(&symbol_of_outer, &key);
#endif
	return bpf_map_lookup_elem(&symbol_of_own, &key) != 0;
}

SEC("tracepoint/syscalls/sys_enter_getpid") int trace(void *context)
{
	return 0;
}

SEC("unheard_of") int left_alone(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0xFFFFFFFE;
