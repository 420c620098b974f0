/* SPDX-License-Identifier: BSD-2-Clause */
/* Calico's struct, as long as its build flags made it. */
#include "tc_api.h"

struct bpf_map_def_extended {
	unsigned int type, key_size, value_size, max_entries, map_flags;
#if WORDS > 5
	unsigned int map_id;
#endif
#if WORDS > 6
	unsigned int pinning_strategy, unused1, unused2;
#endif
};

struct bpf_map_def_extended SEC("maps") flows = { BPF_MAP_TYPE_HASH, 16, 64, 512, BPF_F_NO_PREALLOC, REST };

SEC("calico_connect_v4") int connect4(void *context)
{
	long key[2] = { 0 };
	return map_lookup_elem(&flows, &key) == 0;
}
SEC("classifier/tc/from_host") int from_host(void *context)
{
	return 0;
}
SEC("calico_from_workload_ep") int from_workload(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
