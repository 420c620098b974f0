/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets that go on without the kernel's stack: tc and XDP programs in variants for kernels, as tethering has them. */
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>

#include "bpf_helpers.h"
#include "bpf_net_helpers.h"

typedef struct {
	uint32_t iif;
	struct in6_addr address;
} down_key_t;

typedef struct {
	uint32_t oif;
	struct ethhdr header;
	uint16_t mtu;
} down_value_t;

DEFINE_BPF_MAP_GRW(error_map, ARRAY, uint32_t, uint32_t, 1, AID_NETWORK_STACK)
DEFINE_BPF_MAP_GRW(downstream6_map, HASH, down_key_t, down_value_t, 64, AID_NETWORK_STACK)
DEFINE_BPF_MAP_GRW(dev_map, DEVMAP_HASH, uint32_t, uint32_t, 64, AID_NETWORK_STACK)

static inline __always_inline int forward(struct __sk_buff *skb, const struct rawip_bool rawip,
					  const struct stream_bool stream)
{
	void *data = (void *)(long)skb->data;
	const void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = rawip.rawip ? NULL : data;
	struct ipv6hdr *ip = rawip.rawip ? data : (void *)(eth + 1);
	if ((void *)(ip + 1) > end || skb->protocol != htons(ETH_P_IPV6))
		return TC_ACT_PIPE;
	down_key_t key = { .iif = skb->ifindex, .address = stream.down ? ip->daddr : ip->saddr };
	down_value_t *value = bpf_downstream6_map_lookup_elem(&key);
	if (value)
		return bpf_redirect(value->oif, 0);
	uint32_t zero = 0;
	uint32_t *errors = bpf_error_map_lookup_elem(&zero);
	if (errors)
		__sync_fetch_and_add(errors, 1);
	return TC_ACT_PIPE;
}

DEFINE_BPF_PROG("schedcls/tether_downstream6_ether", AID_ROOT, AID_NETWORK_STACK, downstream6_ether)
(struct __sk_buff *skb)
{
	return forward(skb, ETHER, DOWNSTREAM);
}

DEFINE_BPF_PROG("schedcls/tether_upstream6_ether", AID_ROOT, AID_NETWORK_STACK, upstream6_ether)
(struct __sk_buff *skb)
{
	return forward(skb, ETHER, UPSTREAM);
}

DEFINE_BPF_PROG_KVER_RANGE("schedcls/tether_downstream6_rawip$4_14", AID_ROOT, AID_NETWORK_STACK,
			   downstream6_rawip_4_14, KVER(4, 14, 0), KVER(5, 4, 0))
(struct __sk_buff *skb)
{
	return skb->len ? TC_ACT_PIPE : TC_ACT_OK;
}

DEFINE_BPF_PROG_KVER("schedcls/tether_downstream6_rawip$5_4", AID_ROOT, AID_NETWORK_STACK, downstream6_rawip_5_4,
		     KVER(5, 4, 0))
(struct __sk_buff *skb)
{
	return forward(skb, RAWIP, DOWNSTREAM);
}

DEFINE_OPTIONAL_BPF_PROG_KVER("xdp/tether_downstream_ether", AID_ROOT, AID_NETWORK_STACK, xdp_downstream, KVER(5, 9, 0))
(struct xdp_md *ctx)
{
	return bpf_redirect_map(&dev_map, ctx->ingress_ifindex, 0);
}

DEFINE_OPTIONAL_BPF_PROG("schedcls/optional", AID_ROOT, AID_NETWORK_STACK, at_will)(struct __sk_buff *skb)
{
	return bpf_skb_pull_data(skb, ETH_HLEN);
}

LICENSE("Apache 2.0");
CRITICAL("tethering");
