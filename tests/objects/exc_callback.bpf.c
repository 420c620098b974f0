/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that throws, and the function that what it throws ends in. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_throw(__u64 cookie) __ksym;

__attribute__((noinline)) int exc_other(__u64 cookie)
{
	return 1;
}

__attribute__((noinline)) int exc_callback(__u64 cookie)
{
	return (int)cookie + 10;
}

static __attribute__((noinline)) int exc_helper(struct __sk_buff *context)
{
	return context->len ? 5 : 7;
}

SEC("tc") __attribute__((btf_decl_tag("exception_callback:exc_callback"))) int exc_throws(struct __sk_buff *context)
{
	if (exc_helper(context) == 5)
		bpf_throw(32);
	return 1;
}

SEC("tc") int exc_plain(struct __sk_buff *context)
{
	return exc_helper(context);
}

SEC("?tc") __attribute__((btf_decl_tag("exception_callback:exc_missing"))) int exc_lost(struct __sk_buff *context)
{
	return 1;
}

char _license[] SEC("license") = "GPL";
