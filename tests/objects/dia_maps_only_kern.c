/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps for others to share, and no program. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") shared = { BPF_MAP_TYPE_HASH, 4, 8, 16 };

char _license[] SEC("license") = "GPL";
