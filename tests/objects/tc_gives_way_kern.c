/* SPDX-License-Identifier: BSD-2-Clause */
/* A free name shares a prog array with an XDP program, through a tail of another array */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") near = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, 1, PIN_NONE };
struct bpf_elf_map SEC("maps") next = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, 2, PIN_NONE };

SEC("from-netdev") int free_name(void *context)
{
	tail_call(context, &next, 0);
	return 2;
}
SEC("1/0") int middle(void *context)
{
	tail_call(context, &next, 0);
	return 2;
}
SEC("2/0") int end(void *context)
{
	return 2;
}
SEC("prog") int enter(void *context)
{
	tail_call(context, &near, 0);
	return 2;
}
SEC("apart") int nothing_shared(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
