/* SPDX-License-Identifier: BSD-2-Clause */
/* Two maps whose records have the words of their time; the tail-call section says what the id is. */
#include "tc_api.h"

struct sized {
	unsigned int word[WORDS];
};

struct sized SEC("maps") calls = { { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 3, CALLS_REST } };
struct sized SEC("maps") counts = { { BPF_MAP_TYPE_ARRAY, 4, 8, 1, COUNTS_REST } };

SEC("classifier") int enter(void *context)
{
	int key = 0;
	map_lookup_elem(&counts, &key);
	tail_call(context, &calls, 2);
	return 0;
}

SEC("77/2") int tail(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
