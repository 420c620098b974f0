/* SPDX-License-Identifier: BSD-2-Clause */
/* Static maps: the relocation names the section, the place is in the instruction. */
#include "dia_samples.h"

static struct bpf_map_def SEC("maps") one = { BPF_MAP_TYPE_HASH, 4, 8, 10 };
static struct bpf_map_def SEC("maps") two = { BPF_MAP_TYPE_HASH, 4, 8, 20 };
struct bpf_map_def SEC("maps") three = { BPF_MAP_TYPE_HASH, 4, 8, 30 };

SEC("kprobe/one") int use_one(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&one, &key) != 0;
}

SEC("kprobe/two") int use_two(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&two, &key) != 0;
}

SEC("kprobe/three") int use_three(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&three, &key) != 0;
}

char _license[] SEC("license") = "GPL";
