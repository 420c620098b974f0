/* SPDX-License-Identifier: BSD-2-Clause */
/* Hooks of cgroups for unix sockets (since 6.7). */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} counts SEC(".maps");

#define REFUSE(section, name)                                                                                          \
	SEC(section) int name(struct bpf_sock_addr *ctx)                                                               \
	{                                                                                                              \
		return 0;                                                                                              \
	}

/* These may not refuse. */
#define COUNT(section, name)                                                                                           \
	SEC(section) int name(struct bpf_sock_addr *ctx)                                                               \
	{                                                                                                              \
		__u32 zero = 0;                                                                                        \
		__u64 *value = bpf_map_lookup_elem(&counts, &zero);                                                    \
		if (value)                                                                                             \
			__sync_fetch_and_add(value, 1);                                                                \
		return 1;                                                                                              \
	}

REFUSE("cgroup/connect_unix", connect_unix)
REFUSE("cgroup/sendmsg_unix", sendmsg_unix)
COUNT("cgroup/recvmsg_unix", recvmsg_unix)
COUNT("cgroup/getpeername_unix", getpeername_unix)
COUNT("cgroup/getsockname_unix", getsockname_unix)

char _license[] SEC("license") = "GPL";
