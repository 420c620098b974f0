/* SPDX-License-Identifier: BSD-2-Clause */
/* One program for each way of attaching. Each counts what the process in settings[0] does. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

enum { TRACEPOINT, RAW_TRACEPOINT, PERF_EVENT, UPROBE, URETPROBE, SOCKET, COUNTS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps");

static __always_inline int count(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &which);
	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

static __always_inline int is_wanted(void)
{
	__u32 zero = 0;
	__u64 *pid = bpf_map_lookup_elem(&settings, &zero);
	return pid && *pid == bpf_get_current_pid_tgid() >> 32;
}

struct sys_enter {
	__u64 common;
	long id;
	unsigned long args[6];
};

SEC("tracepoint/raw_syscalls/sys_enter")
int on_tracepoint(struct sys_enter *ctx)
{
	return is_wanted() && ctx->args[0] == 0x1ade ? count(TRACEPOINT) : 0;
}

SEC("raw_tp/sys_enter")
int on_raw_tracepoint(struct bpf_raw_tracepoint_args *ctx)
{
	return is_wanted() ? count(RAW_TRACEPOINT) : 0;
}

SEC("perf_event")
int on_perf_event(struct bpf_perf_event_data *ctx)
{
	return is_wanted() ? count(PERF_EVENT) : 0;
}

SEC("uprobe")
int on_uprobe(void *ctx)
{
	return is_wanted() ? count(UPROBE) : 0;
}

SEC("uretprobe")
int on_uretprobe(void *ctx)
{
	return is_wanted() ? count(URETPROBE) : 0;
}

SEC("socket")
int on_socket(struct __sk_buff *skb)
{
	count(SOCKET);
	return 0;
}

SEC("kprobe/no_such_function")
int on_kprobe(void *ctx)
{
	return 0;
}

SEC("tracepoint/raw_syscalls/sys_entr")
int misspelt_tracepoint(void *ctx)
{
	return 0;
}

SEC("raw_tp/sys_entr")
int misspelt_raw_tracepoint(void *ctx)
{
	return 0;
}

/* The record of sched_process_fork has not 4 KiB. */
SEC("tracepoint/sched/sched_process_fork")
int reads_too_far(char *ctx)
{
	return ctx[1000];
}

SEC("uprobe/no-such-program-anywhere:main")
int names_a_missing_file(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
