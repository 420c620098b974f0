/* SPDX-License-Identifier: BSD-2-Clause */
/* Numeric sections go into the last prog array by offset; the number is read as atoi() does. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") not_this = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8 };
struct bpf_map_def SEC("maps") table = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1024 };
struct bpf_map_def SEC("maps") other = { BPF_MAP_TYPE_ARRAY, 4, 4, 8 };

SEC("socket/03") int socket_three(void *context)
{
	return 3;
}

SEC("socket/1x") int socket_one(void *context)
{
	return 1;
}

SEC("kprobe/0x10") int kprobe_zero(void *context)
{
	return 0;
}

SEC("sockops/4096") int sockops_far(void *context)
{
	return 0;
}

SEC("kprobe/__seccomp_filter") int enter(void *context)
{
	bpf_tail_call(context, &table, 3);
	return 0;
}

SEC("sk_skb/3") int not_a_slot(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
