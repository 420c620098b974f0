/* SPDX-License-Identifier: BSD-2-Clause */
/* Prog arrays and maps of maps with initial values. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int zero(void *context);
int two(void *context);

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} inner_a SEC(".maps"), inner_b SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} table SEC(".maps") = {
	.values = { [0] = (void *)&zero, [2] = (void *)&two },
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(int));
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { [1] = (void *)&inner_b, [3] = (void *)&inner_a },
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(int));
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_HASH);
			__uint(max_entries, 7);
			__type(key, int);
			__type(value, __u64);
		});
} anonymous SEC(".maps");

SEC("socket") int zero(void *context)
{
	return 0;
}

SEC("socket") int two(void *context)
{
	return 2;
}

SEC("socket") int enter(void *context)
{
	int key = 1;
	bpf_map_lookup_elem(&outer, &key);
	bpf_map_lookup_elem(&anonymous, &key);
	bpf_tail_call(context, &table, 2);
	return 0;
}

char _license[] SEC("license") = "GPL";
