/* SPDX-License-Identifier: BSD-2-Clause */
/* A map, but no section that load_bpf_file() took for a program. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") counts = { BPF_MAP_TYPE_ARRAY, 4, 8, 1 };

SEC("lwt_in") int not_loaded(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
