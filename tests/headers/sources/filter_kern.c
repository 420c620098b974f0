/* SPDX-License-Identifier: BSD-2-Clause */
/* As the kernel's samples were written: probes, a map of maps, tail calls by number. */
#include <uapi/linux/ptrace.h>
#include <uapi/linux/bpf.h>
#include <uapi/linux/if_ether.h>
#include <linux/version.h>
#include <stddef.h>

#include "bpf_helpers.h"
#include "bpf_endian.h"
#include "bpf_legacy.h"
#include "trace_common.h"

#define PROG(number) SEC("socket/" __stringify(number)) int slot_##number

struct bpf_map_def SEC("maps") counts = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1024,
};
struct bpf_map_def SEC("maps") slots = {
	.type = BPF_MAP_TYPE_PROG_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = 8,
};
#if LADE_SAMPLES_MAP_BYTES >= 24
struct bpf_map_def SEC("maps") outer = {
	.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u32),
	.max_entries = 1,
	.inner_map_idx = 0,
};
#endif

static __always_inline int count(__u32 key)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &key), one = 1;
	if (value)
		__sync_fetch_and_add(value, 1);
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	return 0;
}

SEC("socket1") int entry(struct __sk_buff *skb)
{
	if (load_half(skb, offsetof(struct ethhdr, h_proto)) == ETH_P_IP && skb->protocol == bpf_htons(ETH_P_IP))
		bpf_tail_call(skb, &slots, 2);
	return count(load_byte(skb, ETH_HLEN));
}

PROG(2)(struct __sk_buff *skb)
{
	return count(load_word(skb, ETH_HLEN + 12));
}

SEC("kprobe/" SYSCALL(sys_unlinkat)) int on_unlink(struct pt_regs *ctx)
{
	long ip = 0;
	BPF_KPROBE_READ_RET_IP(ip, ctx);
	bpf_printk("from %lx, %d\n", ip, (int)PT_REGS_PARM1(ctx));
	return count(PT_REGS_PARM2(ctx));
}

SEC("kretprobe/do_unlinkat") int unlinked(struct pt_regs *ctx)
{
	struct pt_regs *regs = ctx;
	unsigned long stack = _(regs->sp);
	count(PT_REGS_RC(ctx));
	return stack ? 0 : count(PT_REGS_IP(ctx));
}

char _license[] SEC("license") = "GPL";
__u32 _version SEC("version") = LINUX_VERSION_CODE;
