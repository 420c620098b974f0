/* SPDX-License-Identifier: BSD-2-Clause */
/* An arena at an address that the author chose. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, 33); /* BPF_MAP_TYPE_ARENA */
	__uint(map_flags, 1 << 10 /* BPF_F_MMAPABLE */);
	__uint(max_entries, 10);
	enum { chosen_address = 0x123400000000ull } map_extra; /* __ulong(map_extra, …) */
} arena SEC(".maps");

int __arena arena_number = 41;

SEC("syscall") int arena_address(void *context)
{
	int __arena *number = &arena_number;

	(*number)++;
	*(__u64 *)context = (__u64)number;
	return 0;
}

char _license[] SEC("license") = "GPL";
