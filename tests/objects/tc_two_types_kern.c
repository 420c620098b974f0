/* SPDX-License-Identifier: BSD-2-Clause */
/* One prog array for a classifier and an XDP program: the kernel refuses the second */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") calls = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, 1, PIN_NONE };

SEC("classifier") int cls(void *context)
{
	tail_call(context, &calls, 0);
	return 0;
}
SEC("prog") int xdp(void *context)
{
	tail_call(context, &calls, 0);
	return 2;
}
SEC("1/0") int tail(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
