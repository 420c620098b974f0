/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps that not every kernel takes. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, kind, key, value, entries, flags)                                                                    \
	struct {                                                                                                       \
		__uint(type, kind);                                                                                    \
		__uint(key_size, key);                                                                                 \
		__uint(value_size, value);                                                                             \
		__uint(max_entries, entries);                                                                          \
		__uint(map_flags, flags);                                                                              \
	} name SEC(".maps")

MAP(chk_ring, BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
MAP(chk_lpm, BPF_MAP_TYPE_LPM_TRIE, 8, 4, 16, 0); /* without BPF_F_NO_PREALLOC */
MAP(chk_percpu, BPF_MAP_TYPE_PERCPU_HASH, 4, 4792, 10240, 0);
MAP(chk_key, BPF_MAP_TYPE_HASH, 600, 8, 16, 0);
MAP(chk_wide, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 40000, 1, 0);
MAP(chk_queue, BPF_MAP_TYPE_QUEUE, 4, 8, 16, 0); /* a queue has no keys */
MAP(chk_zero, BPF_MAP_TYPE_HASH, 4, 8, 16, BPF_F_ZERO_SEED);
MAP(chk_events, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0, 0);
MAP(chk_plain, BPF_MAP_TYPE_HASH, 4, 8, 16, 0);

char LICENSE[] SEC("license") = "GPL";
