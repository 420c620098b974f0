/* SPDX-License-Identifier: BSD-2-Clause */
/* One program for every hook of a cgroup: each refuses what it is asked, or shows in some other way that it ran. */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { RELEASED, OPERATIONS, RECEIVED, LEFT, PLACES }; /* what is counted */

#define SHOWN_PORT 7 /* instead of the true one */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, PLACES);
} counts SEC(".maps");

static __always_inline void count(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &which);
	if (value)
		__sync_fetch_and_add(value, 1);
}

#define REFUSE(section, name, context)                                                                                 \
	SEC(section) int name(struct context *ctx)                                                                     \
	{                                                                                                              \
		return 0;                                                                                              \
	}

REFUSE("cgroup/connect4", connect4, bpf_sock_addr)
REFUSE("cgroup/connect6", connect6, bpf_sock_addr)
REFUSE("cgroup/bind4", bind4, bpf_sock_addr)
REFUSE("cgroup/bind6", bind6, bpf_sock_addr)
REFUSE("cgroup/sendmsg4", sendmsg4, bpf_sock_addr)
REFUSE("cgroup/sendmsg6", sendmsg6, bpf_sock_addr)
REFUSE("cgroup/post_bind4", post_bind4, bpf_sock)
REFUSE("cgroup/post_bind6", post_bind6, bpf_sock)
REFUSE("cgroup/sock_create", sock_create, bpf_sock)
REFUSE("cgroup/sock", sock, bpf_sock)
REFUSE("cgroup_skb/egress", egress, __sk_buff)
REFUSE("cgroup/skb", undirected, __sk_buff)
REFUSE("cgroup/sysctl", sysctl, bpf_sysctl)
REFUSE("cgroup/setsockopt", setsockopt, bpf_sockopt)
REFUSE("cgroup/getsockopt", getsockopt, bpf_sockopt)

/* Only this one, so that the rest of the process goes on. */
SEC("cgroup/dev")
int device(struct bpf_cgroup_dev_ctx *ctx)
{
	return !(ctx->major == 1 && ctx->minor == 7);
}

SEC("cgroup_skb/ingress")
int ingress(struct __sk_buff *skb)
{
	count(RECEIVED);
	return 0;
}

/* These may not refuse. */
#define SHOW(section, name)                                                                                            \
	SEC(section) int name(struct bpf_sock_addr *ctx)                                                               \
	{                                                                                                              \
		ctx->user_port = bpf_htons(SHOWN_PORT);                                                                \
		return 1;                                                                                              \
	}

SHOW("cgroup/recvmsg4", recvmsg4)
SHOW("cgroup/recvmsg6", recvmsg6)
SHOW("cgroup/getpeername4", getpeername4)
SHOW("cgroup/getpeername6", getpeername6)
SHOW("cgroup/getsockname4", getsockname4)
SHOW("cgroup/getsockname6", getsockname6)

SEC("cgroup/sock_release")
int sock_release(struct bpf_sock *ctx)
{
	count(RELEASED);
	return 1;
}

SEC("sockops")
int operations(struct bpf_sock_ops *ctx)
{
	count(OPERATIONS);
	return 1;
}

char _license[] SEC("license") = "GPL";
