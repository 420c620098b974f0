/* SPDX-License-Identifier: BSD-2-Clause */
/* Layout E: definitions with paths, maps of .maps beside them. */
#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))
#define KVER(a, b, c) (((a) << 24) + ((b) << 16) + (c))

struct map_definition {
	unsigned int type, key_size;
	int value_size, max_entries;
	unsigned int map_flags, uid, gid, mode;
	int min_loader, max_loader;
	unsigned int min_kernel, max_kernel;
	char create_location[70], pin_location[70];
	unsigned int name_idx;
};
_Static_assert(sizeof(struct map_definition) == 192, "the layout of a map");

struct program_definition {
	unsigned int type, attach_type, uid, gid, min_kernel, max_kernel;
	_Bool optional;
	char pad[3];
	int min_loader, max_loader;
	char create_location[70], pin_location[70];
	unsigned int name_idx;
};
_Static_assert(sizeof(struct program_definition) == 180, "the layout of a program");

#define MAP(map) const struct map_definition map##_def SEC(".android_maps")
#define DEF(function) const struct program_definition function##_def SEC(".android_progs")
#define BTF_MAP(name) struct { int (*type)[2]; unsigned int *key, *value; int (*max_entries)[1]; } name SEC(".maps")

MAP(unused) = { BPF_MAP_TYPE_HASH, 4, 8, 16, .max_loader = 9999, .max_kernel = ~0U };
MAP(counts) = {
	BPF_MAP_TYPE_ARRAY, 4, 4, 1, .gid = 3006, .mode = 0060, .min_loader = 3300, .max_loader = 9999,
	.min_kernel = KVER(4, 19, 0), .max_kernel = ~0U, .create_location = "/sys/fs/bpf/net_shared/tmp",
	.pin_location = "/sys/fs/bpf/netd_shared/map_netd_counts", .name_idx = 33,
};
MAP(future) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .min_loader = 5000, .max_loader = 9999, .max_kernel = ~0U };
BTF_MAP(unused);
BTF_MAP(counts);
BTF_MAP(future);

DEF(bind4_guard_35) = {
	BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, .gid = 1000, .max_kernel = ~0U, .optional = 1,
	.min_loader = -1, .max_loader = 9999, .pin_location = "/sys/fs/bpf/net_shared/prog_block_bind4_guard",
	.name_idx = 34,
};
DEF(skfilter_later_38) = { BPF_PROG_TYPE_SOCKET_FILTER, .min_loader = 3800, .max_loader = 9999, .max_kernel = ~0U };

static void *(*bpf_map_lookup_elem)(const void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;

SEC("bind4/guard$35") int bind4_guard_35(void *context)
{
	unsigned int key = 0;
	return bpf_map_lookup_elem(&counts, &key) != 0;
}

SEC("skfilter/later$38") int skfilter_later_38(void *context)
{
	unsigned int key = 0;
	return bpf_map_lookup_elem(&future, &key) != 0;
}

char _license[] SEC("license") = "Apache 2.0";
