/* SPDX-License-Identifier: BSD-2-Clause */
/* Subprograms in .text: static ones, and global ones that do not begin there */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") counts = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_OBJECT_NS };

static __attribute__((noinline)) int plain(int number)
{
	return number * 3;
}
__attribute__((noinline)) int global_first(int number)
{
	return number + 5;
}
__attribute__((noinline)) int global_second(int number)
{
	int key = 0, *value = map_lookup_elem(&counts, &key);
	return value ? *value + plain(number) : number;
}

SEC("classifier") int enter(struct __sk_buff *context)
{
	return plain(context->len) + global_first(context->mark) + global_second(context->priority);
}
SEC("action") int act(struct __sk_buff *context)
{
	return global_second(context->len);
}

char _license[] SEC("license") = "GPL";
