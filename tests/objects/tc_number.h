/* SPDX-License-Identifier: BSD-2-Clause */
/* 64 maps and more: tc took 64. */
#include "tc_api.h"

#define MAP(number) struct bpf_elf_map SEC("maps") map_##number = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_NONE };
#define EIGHT(tens)                                                                                                    \
	MAP(tens##0) MAP(tens##1) MAP(tens##2) MAP(tens##3) MAP(tens##4) MAP(tens##5) MAP(tens##6) MAP(tens##7)

EIGHT(1)
EIGHT(2)
EIGHT(3) EIGHT(4) EIGHT(5) EIGHT(6) EIGHT(7) EIGHT(8)
#ifdef ONE_MORE
	MAP(99)
#endif

		SEC("classifier") int enter(void *context)
{
	int key = 0;
	return map_lookup_elem(&map_10, &key) && map_lookup_elem(&map_87, &key);
}

char _license[] SEC("license") = "GPL";
