/* SPDX-License-Identifier: BSD-2-Clause */
/* A tail-call section beyond its array */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") calls = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2, 0, 42, PIN_NONE };

SEC("classifier") int enter(void *context)
{
	tail_call(context, &calls, 1);
	return 0;
}
SEC("42/5") int tail(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
