/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the old samples' loader. */
#include <linux/bpf.h>

#include "dia_samples.h"

SEC("cgroup/skb/egress") int named_egress(struct __sk_buff *skb)
{
	return 0;
}

SEC("cgroup/skb1") int unnamed(struct __sk_buff *skb)
{
	return 0;
}

SEC("cgroup/sock1") int created(struct bpf_sock *sk)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
