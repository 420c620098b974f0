/* SPDX-License-Identifier: BSD-2-Clause */
/* A security hook of one cgroup (since 6.0). */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("lsm_cgroup/socket_bind")
int BPF_PROG(refuse_bind, void *sock, void *address, int length)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
