/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of network devices, each with an effect on datagrams to port 9: it counts them, or drops them. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/seg6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum {
	CLASSIFIER,
	CLASSIFIER2,
	TCX_IN,
	TCX_OUT,
	XDP,
	XDP2,
	DEVMAP,
	CPUMAP,
	NETFILTER,
	LWT,
	ACTION,
	PRIMARY,
	PEER,
	COUNTS
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

static __always_inline int count(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &which);
	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

static __always_inline int is_wanted(void *data, void *end)
{
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);
	return (void *)(udp + 1) <= end && ethernet->h_proto == bpf_htons(ETH_P_IP) && ip->protocol == 17 &&
	       udp->dest == bpf_htons(9);
}

static __always_inline int count_packet(struct __sk_buff *skb, __u32 which)
{
	if (is_wanted((void *)(long)skb->data, (void *)(long)skb->data_end))
		count(which);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int counts_packets(struct __sk_buff *skb)
{
	return count_packet(skb, CLASSIFIER);
}

SEC("tc")
int counts_too(struct __sk_buff *skb)
{
	return count_packet(skb, CLASSIFIER2);
}

SEC("tc")
int drops_packets(struct __sk_buff *skb)
{
	return is_wanted((void *)(long)skb->data, (void *)(long)skb->data_end) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

/* Without direct action: the packet belongs to the class that the filter names. */
SEC("classifier")
int classifies(struct __sk_buff *skb)
{
	return is_wanted((void *)(long)skb->data, (void *)(long)skb->data_end) ? -1 : 0;
}

SEC("action")
int acts(struct __sk_buff *skb)
{
	count_packet(skb, ACTION);
	return TC_ACT_OK;
}

SEC("tcx/ingress")
int comes_in(struct __sk_buff *skb)
{
	return count_packet(skb, TCX_IN);
}

SEC("tcx/egress")
int goes_out(struct __sk_buff *skb)
{
	return count_packet(skb, TCX_OUT);
}

SEC("netkit/primary")
int on_primary(struct __sk_buff *skb)
{
	return count_packet(skb, PRIMARY);
}

SEC("netkit/peer")
int on_peer(struct __sk_buff *skb)
{
	return count_packet(skb, PEER);
}

SEC("xdp")
int drops_early(struct xdp_md *xdp)
{
	return is_wanted((void *)(long)xdp->data, (void *)(long)xdp->data_end) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int counts_early(struct xdp_md *xdp)
{
	if (is_wanted((void *)(long)xdp->data, (void *)(long)xdp->data_end))
		count(XDP);
	return XDP_PASS;
}

SEC("xdp")
int redirects_to_device(struct xdp_md *xdp)
{
	return bpf_redirect_map(&devices, 1, XDP_PASS);
}

SEC("xdp/devmap")
int in_devmap(struct xdp_md *xdp)
{
	if (is_wanted((void *)(long)xdp->data, (void *)(long)xdp->data_end))
		count(DEVMAP);
	return XDP_PASS;
}

SEC("xdp")
int redirects_to_cpu(struct xdp_md *xdp)
{
	return bpf_redirect_map(&cpus, 0, XDP_PASS);
}

SEC("xdp/cpumap")
int in_cpumap(struct xdp_md *xdp)
{
	if (is_wanted((void *)(long)xdp->data, (void *)(long)xdp->data_end))
		count(CPUMAP);
	return XDP_PASS;
}

struct bpf_nf_ctx;

SEC("netfilter")
int filters(struct bpf_nf_ctx *ctx)
{
	count(NETFILTER);
	return 0; /* NF_DROP */
}

SEC("lwt_xmit")
int on_route(struct __sk_buff *skb)
{
	count(LWT);
	return BPF_OK;
}

SEC("lwt_out")
int leaves_route(struct __sk_buff *skb)
{
	count(LWT);
	return BPF_DROP;
}

SEC("lwt_in")
int enters_route(struct __sk_buff *skb)
{
	count(LWT);
	return BPF_OK;
}

/* By now the kernel has gone on to the last segment. */
SEC("lwt_seg6local")
int on_segment(struct __sk_buff *skb)
{
	struct ipv6hdr *ip = (void *)(long)skb->data;
	struct ipv6_sr_hdr *routing = (void *)(ip + 1);
	if ((void *)(routing + 1) <= (void *)(long)skb->data_end && ip->nexthdr == 43 && routing->type == 4 &&
	    routing->segments_left == 0)
		count(LWT);
	return BPF_DROP;
}

char _license[] SEC("license") = "GPL";
