// SPDX-License-Identifier: BSD-2-Clause
/* Programs with words that older kernels do not know. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

SEC("xdp.frags")
int frags(void *context)
{
	return XDP_PASS;
}

SEC("sk_lookup")
int lookup(void *context)
{
	return 1;
}

SEC("cgroup/connect_unix")
int unix_socket(void *context)
{
	return 1;
}
