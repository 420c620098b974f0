/* SPDX-License-Identifier: BSD-2-Clause */
/* Subprograms, callbacks, several programs in one section. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} deep SEC(".maps");

static __u64 seen;

static __attribute__((noinline)) int deepest(__u32 key)
{
	bpf_map_delete_elem(&deep, &key);
	return (int)key + (int)seen;
}

__attribute__((noinline)) int global_sub(int x)
{
	return x + deepest((__u32)x) + 1;
}

__attribute__((noinline)) __attribute__((visibility("hidden"))) int hidden_sub(int x)
{
	return x * 3 + deepest((__u32)x + 7);
}

__attribute__((noinline, weak)) int weak_sub(int x)
{
	return x - 9;
}

static long each(void *map, const void *key, void *value, void *context)
{
	seen++;
	return 0;
}

static long repeat(__u32 index, void *context)
{
	seen += index;
	return 0;
}

SEC("tp/sched/sched_switch") int first(void *context)
{
	return global_sub(1) + weak_sub(2);
}

SEC("tp/sched/sched_switch") int second(void *context)
{
	bpf_for_each_map_elem(&counts, each, 0, 0);
	bpf_loop(10, repeat, 0, 0);
	return hidden_sub(5);
}

SEC("?xdp") int only_when_asked(struct xdp_md *context)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
