/* SPDX-License-Identifier: BSD-2-Clause */
/* More variables than the arena has pages for. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, 33); /* BPF_MAP_TYPE_ARENA */
	__uint(map_flags, 1 << 10 /* BPF_F_MMAPABLE */);
	__uint(max_entries, 1);
} arena SEC(".maps");

char __arena large[5000];

SEC("syscall") int first(void *context)
{
	return large[4999];
}

char _license[] SEC("license") = "GPL";
