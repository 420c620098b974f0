/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of every kind that can be read or set, with keys and values of many types; programs for their slots and for runs. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum state { IDLE, RUNNING = 5, STOPPED = -1 };

struct inner_part {
	__u16 port;
	__u8 bytes[3];
};

struct key {
	__u32 pid;
	enum state state;
};

struct value {
	__u64 hits;
	__s32 change;
	char comm[8];
	struct inner_part parts[2];
	__u8 low : 3;
	__u8 high : 5;
	_Bool good;
	enum state state;
	union {
		__u32 word;
		__u8 pieces[4];
	};
};

struct prefix {
	__u32 prefixlen;
	__u32 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct key);
	__type(value, struct value);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __s64);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} per_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} per_cpu_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 3);
	__type(value, __u32);
} line SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 3);
	__type(value, __u32);
} pile SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} devices SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} first_inner SEC(".maps"), second_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { } };

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

__u32 counter = 7;
const volatile __u32 limit = 3;

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	(void)ctx;
	counter++;
	return XDP_DROP;
}

/* Swaps the addresses, if there is a whole header. */
SEC("xdp")
int bounce(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_ABORTED;
	for (int i = 0; i < 6; i++) {
		unsigned char byte = data[i];
		data[i] = data[i + 6];
		data[i + 6] = byte;
	}
	return XDP_TX;
}

SEC("xdp")
int jump(struct xdp_md *ctx)
{
	__u32 first = 0;
	if (limit > 100)
		bpf_map_lookup_elem(&numbers, &first);
	bpf_tail_call(ctx, &calls, 1);
	return XDP_PASS;
}

SEC("tc")
int shot(struct __sk_buff *skb)
{
	skb->mark = skb->mark + skb->len;
	skb->priority = 9;
	return 2; /* TC_ACT_SHOT */
}

SEC("?syscall") /* since 5.14 */
int add(__u64 *context)
{
	*context += 5;
	return 42;
}

SEC("raw_tp/sys_enter")
int raw(struct bpf_raw_tracepoint_args *ctx)
{
	return (int)(ctx->args[0] + bpf_get_smp_processor_id());
}

SEC("tracepoint/sched/sched_process_exec")
int no_test(void *ctx)
{
	(void)ctx;
	return 0;
}

char _license[] SEC("license") = "GPL";
