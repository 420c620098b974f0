/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs for tc and ip are written with: sections, helpers without a prefix, tail calls.
 *
 *	#include "bpf_api.h"
 *
 *	struct bpf_elf_map __section_maps counts = {
 *		.type = BPF_MAP_TYPE_ARRAY, .size_key = 4, .size_value = 8, .max_elem = 1, .pinning = PIN_GLOBAL_NS,
 *	};
 *
 *	__section_cls_entry int cls(struct __sk_buff *skb)
 *	{
 *		int key = 0;
 *		__u64 *count = map_lookup_elem(&counts, &key);
 *		if (count)
 *			lock_xadd(count, 1);
 *		return BPF_H_DEFAULT;
 *	}
 *
 *	BPF_LICENSE("GPL");
 *
 *	clang -target bpf -O2 -I /usr/include/lade-bpf/tc -c count.c -o count.o
 *
 * lade loads these objects; Debian 12's tc itself does not read them any more.
 * Written from a description of the names and their effects alone.
 */
#ifndef LADE_BPF_TC_API_H
#define LADE_BPF_TC_API_H

#include <stdint.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/pkt_cls.h>
#include <asm/byteorder.h>

#include "bpf_elf.h"

/* ---- words of the compiler ---- */

#ifndef __stringify
#define LADE_STRING(text) #text
#define __stringify(text) LADE_STRING(text)
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((unused))
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
#ifndef likely
#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#endif
#ifndef __inline__
#define __inline__ __attribute__((always_inline))
#endif

/* ---- byte orders ---- */

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LADE_NETWORK(bits, number) ((uint##bits##_t)(number))
#else
#define LADE_NETWORK(bits, number) __builtin_bswap##bits(number)
#endif
#ifndef htons
#define htons(number) LADE_NETWORK(16, number)
#define htonl(number) LADE_NETWORK(32, number)
#define ntohs(number) LADE_NETWORK(16, number)
#define ntohl(number) LADE_NETWORK(32, number)
#endif

/* ---- sections ---- */

#ifndef __section
#define __section(name) __attribute__((section(name), used))
#endif
/* What a tail call into slot KEY of the array with this id runs; both may be macros. */
#ifndef __section_tail
#define __section_tail(id, key) __section(__stringify(id) "/" __stringify(key))
#endif
#define __section_cls_entry __section("classifier")
#define __section_act_entry __section("action")
#define __section_xdp_entry __section("prog")
#define __section_lwt_entry __section("prog")
#define __section_license   __section("license")
#define __section_maps      __section("maps")
#define BPF_LICENSE(name)   char ____license[] __section_license = name

#define BPF_H_DEFAULT -1

/* ---- helpers of the kernel ---- */

#define __BPF_FUNC(name, ...)            (*name)(__VA_ARGS__) __maybe_unused
#define BPF_FUNC(name, ...)              __BPF_FUNC(name, __VA_ARGS__) = (void *)BPF_FUNC_##name
#define LADE_BPF_FUNC(name, number, ...) __BPF_FUNC(name, __VA_ARGS__) = (void *)(number)

static void *BPF_FUNC(map_lookup_elem, void *map, const void *key);
static int BPF_FUNC(map_update_elem, void *map, const void *key, const void *value, uint32_t flags);
static int BPF_FUNC(map_delete_elem, void *map, const void *key);

static uint64_t BPF_FUNC(ktime_get_ns, void);
static uint32_t BPF_FUNC(get_prandom_u32, void);
static uint32_t BPF_FUNC(get_smp_processor_id, void);
static uint32_t BPF_FUNC(get_numa_node_id, void);

static void BPF_FUNC(trace_printk, const char *format, int bytes, ...);
/* A line for the trace pipe; its format lies on the stack. */
#ifndef printt
#define printt(format, ...)                                                                                            \
	({                                                                                                             \
		char lade_format[] = format;                                                                           \
		trace_printk(lade_format, sizeof(lade_format), ##__VA_ARGS__);                                         \
	})
#endif

static void BPF_FUNC(tail_call, void *context, void *map, uint32_t index);

static uint32_t BPF_FUNC(get_cgroup_classid, struct __sk_buff *skb);
static int BPF_FUNC(skb_under_cgroup, void *skb, void *map, uint32_t index);
static uint32_t BPF_FUNC(get_route_realm, struct __sk_buff *skb);
static uint32_t BPF_FUNC(get_hash_recalc, struct __sk_buff *skb);
static uint32_t BPF_FUNC(set_hash_invalid, struct __sk_buff *skb);

static int BPF_FUNC(redirect, int ifindex, uint32_t flags);
static int BPF_FUNC(clone_redirect, struct __sk_buff *skb, int ifindex, uint32_t flags);

static int BPF_FUNC(skb_load_bytes, struct __sk_buff *skb, uint32_t offset, void *to, uint32_t bytes);
static int BPF_FUNC(skb_store_bytes, struct __sk_buff *skb, uint32_t offset, const void *from, uint32_t bytes,
		    uint32_t flags);
static int BPF_FUNC(skb_change_type, struct __sk_buff *skb, uint32_t type);
static int BPF_FUNC(skb_change_proto, struct __sk_buff *skb, uint32_t protocol, uint32_t flags);
static int BPF_FUNC(skb_change_tail, struct __sk_buff *skb, uint32_t bytes, uint32_t flags);
static int BPF_FUNC(skb_pull_data, struct __sk_buff *skb, uint32_t bytes);
static int BPF_FUNC(skb_vlan_push, struct __sk_buff *skb, uint16_t protocol, uint16_t tag);
static int BPF_FUNC(skb_vlan_pop, struct __sk_buff *skb);
static int BPF_FUNC(skb_get_tunnel_key, struct __sk_buff *skb, struct bpf_tunnel_key *to, uint32_t bytes,
		    uint32_t flags);
static int BPF_FUNC(skb_set_tunnel_key, struct __sk_buff *skb, const struct bpf_tunnel_key *from, uint32_t bytes,
		    uint32_t flags);
static int BPF_FUNC(skb_get_tunnel_opt, struct __sk_buff *skb, void *to, uint32_t bytes);
static int BPF_FUNC(skb_set_tunnel_opt, struct __sk_buff *skb, const void *from, uint32_t bytes);
static int LADE_BPF_FUNC(skb_event_output, BPF_FUNC_perf_event_output, void *context, void *map, uint64_t index,
			 const void *data, uint32_t bytes);

static int BPF_FUNC(l3_csum_replace, struct __sk_buff *skb, uint32_t offset, uint32_t from, uint32_t to,
		    uint32_t flags);
static int BPF_FUNC(l4_csum_replace, struct __sk_buff *skb, uint32_t offset, uint32_t from, uint32_t to,
		    uint32_t flags);
static int BPF_FUNC(csum_diff, const void *from, uint32_t from_bytes, const void *to, uint32_t to_bytes, uint32_t seed);
static int BPF_FUNC(csum_update, struct __sk_buff *skb, uint32_t sum);

/* ---- what the compiler has instructions for ---- */

#ifndef lock_xadd
#define lock_xadd(place, number) ((void)__sync_fetch_and_add(place, number))
#endif
#ifndef memset
#define memset(to, byte, bytes)  __builtin_memset(to, byte, bytes)
#define memcpy(to, from, bytes)  __builtin_memcpy(to, from, bytes)
#define memmove(to, from, bytes) __builtin_memmove(to, from, bytes)
#endif

unsigned long long load_byte(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.byte");
unsigned long long load_half(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.half");
unsigned long long load_word(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.word");

/* ---- maps of section .maps: iproute2 5.11 and later ---- */

#define __uint(name, number) int(*name)[number]
#define __type(name, type)   __typeof__(type) *name
#define __array(name, type)  __typeof__(type) *name[]

#define LIBBPF_PIN_NONE    0
#define LIBBPF_PIN_BY_NAME 1

/* ---- maps as iproute2 4.1 to 4.5 made them ---- */

#if LADE_TC_MAP_BYTES >= 24
#define LADE_PINNING(pin) .pinning = (pin),
#else
#define LADE_PINNING(pin)
#endif
#define __BPF_MAP(NAME, TYPE, ID, SIZE_KEY, SIZE_VALUE, PIN, MAX)                                                      \
	struct bpf_elf_map __section_maps NAME = { .type = (TYPE),                                                     \
						   .size_key = (SIZE_KEY),                                             \
						   .size_value = (SIZE_VALUE),                                         \
						   .max_elem = (MAX),                                                  \
						   .id = (ID),                                                         \
						   LADE_PINNING(PIN) }
#define BPF_HASH(NAME, ID, SIZE_KEY, SIZE_VALUE, PIN, MAX)                                                             \
	__BPF_MAP(NAME, BPF_MAP_TYPE_HASH, ID, SIZE_KEY, SIZE_VALUE, PIN, MAX)
#define BPF_ARRAY(NAME, ID, SIZE_VALUE, PIN, MAX)                                                                      \
	__BPF_MAP(NAME, BPF_MAP_TYPE_ARRAY, ID, sizeof(uint32_t), SIZE_VALUE, PIN, MAX)
#define BPF_ARRAY2(NAME, ID, PIN, MAX) BPF_ARRAY(NAME, ID, sizeof(uint16_t), PIN, MAX)
#define BPF_ARRAY4(NAME, ID, PIN, MAX) BPF_ARRAY(NAME, ID, sizeof(uint32_t), PIN, MAX)
#define BPF_ARRAY8(NAME, ID, PIN, MAX) BPF_ARRAY(NAME, ID, sizeof(uint64_t), PIN, MAX)
#define BPF_PROG_ARRAY(NAME, ID, PIN, MAX)                                                                             \
	__BPF_MAP(NAME, BPF_MAP_TYPE_PROG_ARRAY, ID, sizeof(uint32_t), sizeof(uint32_t), PIN, MAX)

#endif
