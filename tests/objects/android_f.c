/* SPDX-License-Identifier: BSD-2-Clause */
/* Layout F: an object of libbpf's, sections named as Android does. Compiled with BTF to android_f.bpf. */
#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, number) int(*name)[number]
#define __type(name, kind) kind *name

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, unsigned int);
	__type(value, unsigned int);
	__uint(max_entries, 1);
} counts SEC(".maps");

static void *(*bpf_map_lookup_elem)(const void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;

SEC("skfilter/picker") int pick(void *context)
{
	unsigned int key = 0;
	return bpf_map_lookup_elem(&counts, &key) != 0;
}

SEC("fentry/do_exit") int other(void *context)
{
	return 0;
}

char _license[] SEC("license") = "Apache 2.0";
