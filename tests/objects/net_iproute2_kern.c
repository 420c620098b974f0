/* SPDX-License-Identifier: BSD-2-Clause */
/* As iproute2 loaded them: a classifier, an action and an XDP program that drop what comes to port 9. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include "tc_api.h"

struct bpf_elf_map SEC("maps") dropped = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_GLOBAL_NS };

static inline __attribute__((always_inline)) int is_wanted(void *data, void *end)
{
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);
	int key = 0, *value;
	if ((void *)(udp + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != 17 ||
	    udp->dest != bpf_htons(9))
		return 0;
	value = map_lookup_elem(&dropped, &key);
	if (value)
		__sync_fetch_and_add(value, 1);
	return 1;
}

SEC("classifier") int cls_main(struct __sk_buff *skb)
{
	return is_wanted((void *)(long)skb->data, (void *)(long)skb->data_end) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

SEC("action") int act_main(struct __sk_buff *skb)
{
	return is_wanted((void *)(long)skb->data, (void *)(long)skb->data_end) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

SEC("prog") int xdp_main(struct xdp_md *xdp)
{
	return is_wanted((void *)(long)xdp->data, (void *)(long)xdp->data_end) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
