/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs on packets and sockets are written with: the kernel's helpers for them, byte orders, and words for
 * pairs of opposites that as plain booleans would be mixed up.
 *
 *	#include <bpf_helpers.h>
 *	#include "bpf_net_helpers.h"
 *
 *	static inline __always_inline int count(struct __sk_buff *skb, const struct egress_bool egress);
 *
 *	DEFINE_BPF_PROG("cgroupskb/egress/stats", AID_ROOT, AID_SYSTEM, out)(struct __sk_buff *skb)
 *	{
 *		return count(skb, EGRESS);
 *	}
 *
 * Written from a description alone.
 */
#ifndef LADE_BPF_ANDROID_NET_HELPERS_H
#define LADE_BPF_ANDROID_NET_HELPERS_H

#include "bpf_helpers.h"

#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

/* ---- sockets ---- */

static uint64_t (*bpf_get_socket_cookie)(const void *context) = (void *)BPF_FUNC_get_socket_cookie;
static uint32_t (*bpf_get_socket_uid)(struct __sk_buff *skb) = (void *)BPF_FUNC_get_socket_uid;

/* ---- packets: the pointers into them must be read again after all but the loads ---- */

static int (*bpf_skb_pull_data)(struct __sk_buff *skb, uint32_t bytes) = (void *)BPF_FUNC_skb_pull_data;
static int (*bpf_skb_load_bytes)(const void *skb, int offset, void *to, int bytes) = (void *)BPF_FUNC_skb_load_bytes;
/* From the link's or the network's header on; kernel 4.14 does not have it. */
static int (*bpf_skb_load_bytes_relative)(const void *skb, int offset, void *to, int bytes,
					  int header) = (void *)BPF_FUNC_skb_load_bytes_relative;
static int (*bpf_skb_store_bytes)(struct __sk_buff *skb, uint32_t offset, const void *from, uint32_t bytes,
				  uint64_t flags) = (void *)BPF_FUNC_skb_store_bytes;
static int (*bpf_skb_change_proto)(struct __sk_buff *skb, __be16 protocol,
				   uint64_t flags) = (void *)BPF_FUNC_skb_change_proto;
static int (*bpf_skb_change_head)(struct __sk_buff *skb, uint32_t bytes,
				  uint64_t flags) = (void *)BPF_FUNC_skb_change_head;
static int (*bpf_skb_adjust_room)(struct __sk_buff *skb, int32_t difference, uint32_t mode,
				  uint64_t flags) = (void *)BPF_FUNC_skb_adjust_room;

/* ---- checksums ---- */

static int64_t (*bpf_csum_diff)(__be32 *from, uint32_t from_bytes, __be32 *to, uint32_t to_bytes,
				uint32_t seed) = (void *)BPF_FUNC_csum_diff;
static int64_t (*bpf_csum_update)(struct __sk_buff *skb, uint32_t sum) = (void *)BPF_FUNC_csum_update;
static int (*bpf_l3_csum_replace)(struct __sk_buff *skb, uint32_t offset, uint64_t from, uint64_t to,
				  uint64_t flags) = (void *)BPF_FUNC_l3_csum_replace;
static int (*bpf_l4_csum_replace)(struct __sk_buff *skb, uint32_t offset, uint64_t from, uint64_t to,
				  uint64_t flags) = (void *)BPF_FUNC_l4_csum_replace;

/* ---- redirection ---- */

static int (*bpf_redirect)(uint32_t ifindex, uint64_t flags) = (void *)BPF_FUNC_redirect;
static int (*bpf_redirect_map)(const struct bpf_map_def *map, uint32_t key,
			       uint64_t flags) = (void *)BPF_FUNC_redirect_map;

/* ---- byte orders ---- */

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LADE_NETWORK(bits, number) ((uint##bits##_t)(number))
#else
#define LADE_NETWORK(bits, number) __builtin_bswap##bits(number)
#endif
#ifndef htons
#define htons(number)  LADE_NETWORK(16, number)
#define htonl(number)  LADE_NETWORK(32, number)
#define htonll(number) LADE_NETWORK(64, number)
#define ntohs(number)  LADE_NETWORK(16, number)
#define ntohl(number)  LADE_NETWORK(32, number)
#define ntohll(number) LADE_NETWORK(64, number)
#endif

/* ---- opposites: passed by value to functions that are always inlined, they leave no trace in the code ---- */

struct egress_bool {
	bool egress;
};
struct stream_bool {
	bool down;
};
struct rawip_bool {
	bool rawip;
};

#define INGRESS    ((struct egress_bool){ .egress = false })
#define EGRESS     ((struct egress_bool){ .egress = true })
#define UPSTREAM   ((struct stream_bool){ .down = false })
#define DOWNSTREAM ((struct stream_bool){ .down = true })
#define ETHER      ((struct rawip_bool){ .rawip = false })
#define RAWIP      ((struct rawip_bool){ .rawip = true })

#endif
