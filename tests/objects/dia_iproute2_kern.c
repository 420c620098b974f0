/* SPDX-License-Identifier: BSD-2-Clause */
#include "dia_samples.h"

struct bpf_elf_map {
	unsigned int type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};

struct bpf_elf_map SEC("maps") calls = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8, 0, 42, 2 };

SEC("classifier") int enter(void *context)
{
	bpf_tail_call(context, &calls, 0);
	return 0;
}

SEC("42/0") int tail(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
