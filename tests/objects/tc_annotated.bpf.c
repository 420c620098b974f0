/* SPDX-License-Identifier: BSD-2-Clause */
/* Types of keys and values in BTF, right ones and wrong ones; members in an order of their own */
#include "tc_api.h"

struct flow {
	unsigned int from, to;
};
struct own_order {
	unsigned int pinning, id, type, size_key, size_value, max_elem;
};
#define ANNOTATE(name, key_type, value_type)                                                                           \
	struct ____btf_map_##name {                                                                                    \
		key_type key;                                                                                          \
		value_type value;                                                                                      \
	};                                                                                                             \
	struct ____btf_map_##name SEC(".maps." #name) ____btf_map_##name = {}

struct own_order SEC("maps") flows = { PIN_GLOBAL_NS, 0, BPF_MAP_TYPE_HASH, 8, 8, 16 };
ANNOTATE(flows, struct flow, unsigned long);
struct own_order SEC("maps") wrong = { PIN_NONE, 0, BPF_MAP_TYPE_ARRAY, 4, 8, 1 };
ANNOTATE(wrong, unsigned int, unsigned int);

SEC("classifier") int enter(void *context)
{
	struct flow key = { 0 };
	return map_lookup_elem(&flows, &key) && map_lookup_elem(&wrong, &key.from);
}

char _license[] SEC("license") = "GPL";
