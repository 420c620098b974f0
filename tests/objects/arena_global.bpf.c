/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables in an arena, of which programs and user space see the same memory. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arena __attribute__((address_space(1)))
#define ARENA_PAGES 100

struct {
	__uint(type, 33); /* BPF_MAP_TYPE_ARENA */
	__uint(map_flags, 1 << 10 /* BPF_F_MMAPABLE */);
	__uint(max_entries, ARENA_PAGES);
} arena SEC(".maps");

int __arena arena_number = 7;
__u64 __arena arena_sum;

SEC("syscall") int arena_add(void *context)
{
	arena_sum += (__u64)arena_number;
	return arena_number;
}

char _license[] SEC("license") = "GPL";
