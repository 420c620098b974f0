/* SPDX-License-Identifier: BSD-2-Clause */
/* As programs for tc were written: maps that are shared by name and by number, tail calls, helpers without a prefix. */
#include <linux/if_ether.h>
#include <linux/ip.h>

#include "bpf_api.h"

#define JUMPS 0xabccba
#define FIRST 3

struct bpf_elf_map __section_maps map_shared = {
	.type = BPF_MAP_TYPE_ARRAY,
	.id = 7,
	.size_key = sizeof(uint32_t),
	.size_value = sizeof(uint32_t),
#if LADE_TC_MAP_BYTES >= 24
	.pinning = PIN_GLOBAL_NS,
#endif
	.max_elem = 1,
};

struct bpf_elf_map __section_maps jumps = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.id = JUMPS,
	.size_key = sizeof(uint32_t),
	.size_value = sizeof(uint32_t),
#if LADE_TC_MAP_BYTES >= 24
	.pinning = PIN_OBJECT_NS,
#endif
	.max_elem = 8,
};

static __inline__ uint32_t add(int number)
{
	uint32_t key = 0, *value = map_lookup_elem(&map_shared, &key);
	if (likely(value != 0))
		lock_xadd(value, number);
	return value ? *value : 0;
}

__section_tail(JUMPS, FIRST) int first(struct __sk_buff *skb)
{
	printt("length %u, cpu %u\n", skb->len, get_smp_processor_id());
	return add(1) ? BPF_H_DEFAULT : 0;
}

__section_tail(JUMPS, 4) int second(struct __sk_buff *skb __maybe_unused)
{
	return TC_ACT_OK;
}

__section_cls_entry int cls(struct __sk_buff *skb)
{
	uint8_t address[4];
	skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, saddr), address, sizeof(address));
	if (skb->protocol == htons(ETH_P_IP) && load_byte(skb, ETH_HLEN) && address[0])
		tail_call(skb, &jumps, FIRST);
	return BPF_H_DEFAULT;
}

__section_act_entry int act(struct __sk_buff *skb)
{
	skb_vlan_push(skb, htons(ETH_P_8021Q), get_prandom_u32() & 7);
	return TC_ACT_PIPE;
}

BPF_LICENSE("GPL");
