/* SPDX-License-Identifier: BSD-2-Clause */
/* For lade run: a flood of perf records at every exec, and programs that run cannot attach by itself. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define RECORDS 200

struct flood {
	__u32 number;
	char text[100];
};

/* Same size: run cannot know which one it is. */
struct other {
	__u8 bytes[104];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} flood SEC(".maps");

struct flood *unused_flood __attribute__((unused));
struct other *unused_other __attribute__((unused));

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	struct flood record = { .text = "all work and no play" };
	for (int i = 0; i < RECORDS; i++) {
		record.number = i;
		bpf_perf_event_output(ctx, &flood, BPF_F_CURRENT_CPU, &record, sizeof record);
	}
	return 0;
}

SEC("kprobe")
int on_kprobe(void *ctx)
{
	return 0;
}

SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("socket")
int on_socket(struct __sk_buff *skb)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
