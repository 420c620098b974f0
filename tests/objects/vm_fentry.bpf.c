// SPDX-License-Identifier: BSD-2-Clause
/* Functions of the kernel at their entry and exit, with fields of its structs: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct sock_common {
	unsigned short skc_family;
} __attribute__((preserve_access_index));

struct sock {
	struct sock_common __sk_common;
} __attribute__((preserve_access_index));

struct attempt {
	unsigned exit;
	unsigned family;
	int result;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} attempts SEC(".maps");
struct attempt *type_of_attempts; /* keeps it in the BTF: libbpf takes no value type here */

static __always_inline void report(unsigned exit, unsigned family, int result)
{
	struct attempt *attempt = bpf_ringbuf_reserve(&attempts, sizeof *attempt, 0);

	if (!attempt)
		return;
	attempt->exit = exit;
	attempt->family = family;
	attempt->result = result;
	bpf_ringbuf_submit(attempt, 0);
}

SEC("fentry/tcp_v4_connect")
int BPF_PROG(on_connect, struct sock *sock)
{
	report(0, sock->__sk_common.skc_family, 0);
	return 0;
}

SEC("fexit/tcp_v4_connect")
int BPF_PROG(on_connected, struct sock *sock, void *address, int length, int result)
{
	report(1, BPF_CORE_READ(sock, __sk_common.skc_family), result);
	return 0;
}
