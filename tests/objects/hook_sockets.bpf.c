/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs on sockmaps, sockets and network namespaces, each with something that shows. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

enum { PARSED, JUDGED, SENT, DISSECTED, CALLED, PLACES }; /* what is counted */

#define STEERED_PORT 7007

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, PLACES);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} hashed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} group SEC(".maps");

static __always_inline void count(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &which);
	if (value)
		__sync_fetch_and_add(value, 1);
}

SEC("sk_skb/stream_parser")
int parser(struct __sk_buff *skb)
{
	count(PARSED);
	return skb->len;
}

SEC("sk_skb/stream_verdict")
int stream_verdict(struct __sk_buff *skb)
{
	count(JUDGED);
	return SK_DROP;
}

/* Says not which of the hooks it is for. */
SEC("sk_skb")
int any_verdict(struct __sk_buff *skb)
{
	count(JUDGED);
	return SK_DROP;
}

SEC("sk_msg")
int message(struct sk_msg_md *msg)
{
	count(SENT);
	return SK_DROP;
}

/* The socket at 1 of the group, whoever is asked for. */
SEC("sk_reuseport")
int choose(struct sk_reuseport_md *ctx)
{
	__u32 one = 1;
	bpf_sk_select_reuseport(ctx, &group, &one, 0);
	return SK_PASS;
}

SEC("socket")
int nothing(struct __sk_buff *skb)
{
	return 0;
}

/* A port at which nobody listens leads to the socket at 0. */
SEC("sk_lookup")
int steer(struct bpf_sk_lookup *ctx)
{
	__u32 zero = 0;
	if (ctx->local_port != STEERED_PORT)
		return SK_PASS;
	struct bpf_sock *sk = bpf_map_lookup_elem(&sockets, &zero);
	if (!sk)
		return SK_DROP;
	long error = bpf_sk_assign(ctx, sk, 0);
	bpf_sk_release(sk);
	return error ? SK_DROP : SK_PASS;
}

SEC("flow_dissector")
int dissect(struct __sk_buff *skb)
{
	count(DISSECTED);
	return BPF_OK;
}

SEC("syscall")
int call(void *ctx)
{
	count(CALLED);
	return 42;
}

SEC("syscall")
int call_with(struct { __u64 number; } * ctx)
{
	return (int)ctx->number;
}

char _license[] SEC("license") = "GPL";
