// SPDX-License-Identifier: BSD-2-Clause
/* A tracepoint of a module: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/tls_device_decrypted")
int BPF_PROG(on_decrypted, void *sock, unsigned sequence)
{
	return sequence & 0;
}
