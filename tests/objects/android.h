/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Android's metadata in every size it ever had. MAP_BYTES: 28, 32, 40, 48, 116, 120. PROG_BYTES: 0 (none),
 * 8, 16, 20, 28, 92. SIZED 1: the object states both, and its loader window [MIN_LOADER, MAX_LOADER).
 */
#ifndef TEST_ANDROID_H
#define TEST_ANDROID_H

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))

#define KVER(a, b, c) (((a) << 24) + ((b) << 16) + (c))
#define KVER_OLD(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define KVER_INF 0xFFFFFFFFU
#define LOADER_INF 0x10000

struct bpf_map_def {
	unsigned int type, key_size, value_size, max_entries, map_flags;
	unsigned int zero, gid; /* 28: two words that nobody uses */
#if MAP_BYTES >= 32
	unsigned int mode;
#endif
#if MAP_BYTES >= 40
	unsigned int min_loader, max_loader;
#endif
#if MAP_BYTES >= 48
	unsigned int min_kernel, max_kernel;
#endif
#if MAP_BYTES >= 116
	char selinux_context[32], pin_subdir[32];
	_Bool shared;
	unsigned char ignore_on;
	char pad[2];
#endif
#if MAP_BYTES >= 120
	unsigned int uid;
#endif
};
_Static_assert(sizeof(struct bpf_map_def) == MAP_BYTES, "the layout of a map");

#if PROG_BYTES
struct bpf_prog_def {
	unsigned int uid, gid;
#if PROG_BYTES >= 16
	unsigned int min_kernel, max_kernel;
#endif
#if PROG_BYTES >= 20
	_Bool optional;
	unsigned char ignore_on;
	char pad[2];
#endif
#if PROG_BYTES >= 28
	unsigned int min_loader, max_loader;
#endif
#if PROG_BYTES >= 92
	char selinux_context[32], pin_subdir[32];
#endif
};
_Static_assert(sizeof(struct bpf_prog_def) == PROG_BYTES, "the layout of a program");
#endif

#define MAP(name) const struct bpf_map_def name SEC("maps")
#define DEF(function) const struct bpf_prog_def function##_def SEC("progs")
#define LICENSE(text) char _license[] SEC("license") = text
#define CRITICAL(text) char _critical[] SEC("critical") = text
#define NUMBER(name, number) unsigned int _##name SEC(#name) = number
#define WINDOW(min, max) NUMBER(bpfloader_min_ver, min); NUMBER(bpfloader_max_ver, max)
#define SIZES(map, prog)                                                                                               \
	unsigned long _size_of_bpf_map_def SEC("size_of_bpf_map_def") = map;                                            \
	unsigned long _size_of_bpf_prog_def SEC("size_of_bpf_prog_def") = prog

static void *(*bpf_map_lookup_elem)(const void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;

static inline __attribute__((always_inline)) int count(const void *map)
{
	unsigned int key = 0;
	unsigned int *value = bpf_map_lookup_elem(map, &key);
	if (value)
		__sync_fetch_and_add(value, 1);
	return 1;
}

#endif
