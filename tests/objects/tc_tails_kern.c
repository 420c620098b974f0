/* SPDX-License-Identifier: BSD-2-Clause */
/* Tail-call sections in decimal, hex and octal, before and behind the program that calls them */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") decimal = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0, 42, PIN_NONE };
struct bpf_elf_map SEC("maps") hex = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 16, 0, 0xabccba, PIN_NONE };
struct bpf_elf_map SEC("maps") no_array = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 43, PIN_NONE };
struct bpf_elf_map SEC("maps") octal = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 16, 0, 43, PIN_NONE };

SEC("42/3") int decimal_three(void *context)
{
	return 3;
}
SEC("0xabccba/0xf") int hex_fifteen(void *context)
{
	return 15;
}
SEC("classifier") int enter(void *context)
{
	tail_call(context, &decimal, 3);
	tail_call(context, &hex, 15);
	return 0;
}
SEC("43/010") int octal_eight(void *context)
{
	return 8;
}
SEC("0x2a/1_and_more") int decimal_one(void *context)
{
	tail_call(context, &octal, 8);
	return 1;
}
SEC("99/0") int unclaimed(void *context)
{
	return 99;
}

char _license[] SEC("license") = "GPL";
