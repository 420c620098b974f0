/* SPDX-License-Identifier: BSD-2-Clause */
/* A value that only BTF describes fully. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct locked {
	struct bpf_spin_lock lock;
	int count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, int);
	__type(value, struct locked);
	__uint(max_entries, 1);
} values SEC(".maps");

SEC("tc") int enter(void *context)
{
	int key = 0;
	struct locked *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->count++;
	bpf_spin_unlock(&value->lock);
	return 0;
}

char _license[] SEC("license") = "GPL";
