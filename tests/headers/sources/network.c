/* SPDX-License-Identifier: BSD-2-Clause */
/* Accounting and permissions of a whole system, as Android 14 and 15 have it: every form of the macros. */
#define BPFLOADER_MIN_VER 38

#include <linux/bpf.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <private/android_filesystem_config.h>
#include <stdbool.h>
#include <string.h>

#include "bpf_net_helpers.h"

typedef struct {
	uint64_t packets, bytes;
} stats_t;

typedef struct {
	uint32_t ifindex;
	uint16_t port;
	bool tcp, out;
} packet_t;

#define OWN_MAP_RO(name, TYPE, K, V, N)                                                                                \
	DEFINE_BPF_MAP_EXT(name, TYPE, K, V, N, AID_ROOT, AID_NET_BW_ACCT, 0460, "fs_bpf_netd_readonly", "", PRIVATE,  \
			   BPFLOADER_MIN_VER, BPFLOADER_MAX_VER, LOAD_ON_ENG, LOAD_ON_USER, LOAD_ON_USERDEBUG)
#define OWN_PROG(section, function, min, max)                                                                          \
	DEFINE_BPF_PROG_EXT(section, AID_ROOT, AID_NET_ADMIN, function, min, max, BPFLOADER_MIN_VER,                   \
			    BPFLOADER_MAX_VER, MANDATORY, "fs_bpf_netd_readonly", "", LOAD_ON_ENG, LOAD_ON_USER,       \
			    LOAD_ON_USERDEBUG)

OWN_MAP_RO(configuration_map, ARRAY, uint32_t, uint32_t, 2);
OWN_MAP_RO(owner_map, HASH, uint32_t, uint32_t, 4000);
DEFINE_BPF_MAP_EXT(stats_map, HASH, uint32_t, stats_t, 5000, AID_ROOT, AID_NET_BW_ACCT, 0660, "fs_bpf_net_shared",
		   "netd_shared/", SHARED, BPFLOADER_MIN_VER, BPFLOADER_MAX_VER, LOAD_ON_ENG, IGNORE_ON_USER,
		   LOAD_ON_USERDEBUG);
DEFINE_BPF_MAP_RO(blocked_map, ARRAY, uint32_t, uint64_t, 1024, AID_SYSTEM);
DEFINE_BPF_RINGBUF_EXT(packet_ring, packet_t, 32768, AID_ROOT, AID_SYSTEM, 0060, "fs_bpf_net_shared", "", PRIVATE, 38U,
		       BPFLOADER_MAX_VER, LOAD_ON_ENG, LOAD_ON_USER, LOAD_ON_USERDEBUG);
DEFINE_BPF_RINGBUF(short_ring, packet_t, 4096, AID_ROOT, AID_SYSTEM, 0060);

static inline __always_inline void count(const struct __sk_buff *skb, const struct egress_bool egress)
{
	uint32_t key = skb->ifindex;
	stats_t *stats = bpf_stats_map_lookup_elem(&key);
	if (stats) {
		__sync_fetch_and_add(&stats->packets, 1);
		__sync_fetch_and_add(&stats->bytes, skb->len);
		return;
	}
	stats_t first;
	memset(&first, 0, sizeof(first));
	first.packets = egress.egress;
	bpf_stats_map_update_elem(&key, &first, BPF_NOEXIST);
}

static inline __always_inline void tell(const struct __sk_buff *skb, bool out)
{
	packet_t *packet = bpf_packet_ring_reserve();
	if (!packet)
		return;
	packet->ifindex = skb->ifindex;
	packet->port = 0;
	packet->tcp = false;
	packet->out = out;
	bpf_packet_ring_submit(packet);
}

OWN_PROG("cgroupskb/ingress/stats$trace", in_trace, KVER_5_8, KVER_INF)(struct __sk_buff *skb)
{
	tell(skb, false);
	count(skb, INGRESS);
	return 1;
}

OWN_PROG("cgroupskb/ingress/stats$4_19", in_4_19, KVER_4_19, KVER_INF)(struct __sk_buff *skb)
{
	count(skb, INGRESS);
	return 1;
}

OWN_PROG("cgroupskb/ingress/stats$4_14", in_4_14, KVER_NONE, KVER_4_19)(struct __sk_buff *skb)
{
	count(skb, INGRESS);
	return 1;
}

OWN_PROG("cgroupskb/egress/stats", out, KVER_NONE, KVER_INF)(struct __sk_buff *skb)
{
	count(skb, EGRESS);
	packet_t packet = { .ifindex = skb->ifindex };
	bpf_short_ring_output(&packet);
	return 1;
}

DEFINE_BPF_PROG("skfilter/egress/xtbpf", AID_ROOT, AID_NET_ADMIN, xt_egress)(struct __sk_buff *skb)
{
	uint32_t owner = bpf_get_socket_uid(skb);
	uint32_t *known = bpf_owner_map_lookup_elem(&owner);
	return known && load_byte(skb, 0) ? 1 : 0;
}

DEFINE_BPF_PROG("schedact/ingress/account", AID_ROOT, AID_NET_ADMIN, account)(struct __sk_buff *skb)
{
	uint8_t version = 0;
	bpf_skb_load_bytes(skb, 0, &version, sizeof(version));
	return version >> 4 == 6 ? TC_ACT_UNSPEC : TC_ACT_PIPE;
}

DEFINE_BPF_PROG_KVER("cgroupsock/inet/create", AID_ROOT, AID_ROOT, may_create, KVER_4_14)(struct bpf_sock *socket)
{
	uint32_t user = bpf_get_current_uid_gid();
	uint32_t *known = bpf_owner_map_lookup_elem(&user);
	return !known || socket->family == AF_INET;
}

DEFINE_BPF_PROG_EXT("bind4/block_port", AID_ROOT, AID_ROOT, bind4, KVER_5_4, KVER_INF, BPFLOADER_MIN_VER,
		    BPFLOADER_MAX_VER, OPTIONAL, "fs_bpf_net_shared", "net_shared/", IGNORE_ON_ENG, LOAD_ON_USER,
		    IGNORE_ON_USERDEBUG)
(struct bpf_sock_addr *address)
{
	uint32_t word = ntohs(address->user_port) >> 6;
	uint64_t *bits = bpf_blocked_map_lookup_elem(&word);
	return bits && *bits ? 0 : 1;
}

DEFINE_BPF_PROG_KVER("connect6/all", AID_ROOT, AID_ROOT, connect6, KVER_4_19)(struct bpf_sock_addr *address)
{
	return address->family == AF_INET6;
}

DEFINE_BPF_PROG_KVER("getsockopt/prog", AID_ROOT, AID_ROOT, get_option, KVER_5_4)(struct bpf_sockopt *option)
{
	return option->level ? 1 : 1;
}

DEFINE_BPF_PROG_LOADVER("skfilter/later", AID_ROOT, AID_ROOT, later, 60, BPFLOADER_MAX_VER)(struct __sk_buff *skb)
{
	return skb->len;
}

LICENSE("Apache 2.0");
CRITICAL("Connectivity and netd");
DISABLE_BTF_ON_USER_BUILDS();
DISABLE_ON_MAINLINE_BEFORE_U_QPR3();
