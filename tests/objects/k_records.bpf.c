// SPDX-License-Identifier: BSD-2-Clause
/* Tracepoint programs whose structs are right and wrong about the record. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct right {
	__u64 common;
	__s64 id;
	__u64 args[6];
};

SEC("tracepoint/raw_syscalls/sys_enter")
int on_right(struct right *ctx)
{
	return (int)ctx->id;
}

/* Nobody thought of the common fields. */
struct shifted {
	__s64 id;
	__u64 args[6];
};

SEC("tracepoint/raw_syscalls/sys_enter")
int on_shifted(struct shifted *ctx)
{
	return (int)ctx->args[2];
}

struct wide {
	__u64 common;
	__s64 id;
	__u64 args[6];
	__u64 more[16];
	__u64 last;
};

SEC("tracepoint/raw_syscalls/sys_enter")
int on_wide(struct wide *ctx)
{
	return (int)ctx->last;
}

/* A name of its own for what is in the middle of args. */
struct cut {
	__u64 common;
	__s64 id;
	__u32 half;
	__u32 flags;
};

SEC("tracepoint/raw_syscalls/sys_enter")
int on_cut(struct cut *ctx)
{
	return (int)ctx->flags;
}

SEC("tracepoint")
int on_any(void *ctx)
{
	return 0;
}

SEC("raw_tp")
int on_any_raw(void *ctx)
{
	return 0;
}
