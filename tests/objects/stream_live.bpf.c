/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of several sizes, made when the process in settings[0] calls a marked system call. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum state { IDLE, RUNNING };

struct hinted {
	__u32 number;
	char name[12];
};

/* 24 bytes: the only one of its size. */
struct by_size {
	__u64 number;
	__u64 twice;
	enum state state;
	__u32 cpu;
};

/* Two of 40 bytes. */
struct twin_one {
	__u64 words[5];
};
struct twin_two {
	__u64 words[5];
};

struct map_value {
	__u64 words[3];
};

struct sys_enter {
	__u64 common;
	long id;
	unsigned long args[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct hinted);
} hinted SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16384);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 512);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct map_value);
} settings SEC(".maps");

struct by_size *unused_by_size __attribute__((unused));
struct twin_one *unused_one __attribute__((unused));
struct twin_two *unused_two __attribute__((unused));

static __always_inline int is_wanted(struct sys_enter *ctx)
{
	__u32 zero = 0;
	struct map_value *value = bpf_map_lookup_elem(&settings, &zero);
	return value && value->words[0] == bpf_get_current_pid_tgid() >> 32 && ctx->args[0] == 0x1ade;
}

/* args[1]: what to send, args[2]: a number for it. */
SEC("tracepoint/raw_syscalls/sys_enter")
int send(struct sys_enter *ctx)
{
	if (!is_wanted(ctx))
		return 0;
	struct hinted named = { .number = ctx->args[2], .name = "lade" };
	struct by_size sized = { ctx->args[2], ctx->args[2] * 2, RUNNING, 7 };
	struct twin_one twin = { { ctx->args[2] } };
	switch (ctx->args[1]) {
	case 1:
		bpf_ringbuf_output(&hinted, &named, sizeof named, 0);
		break;
	case 2:
		bpf_ringbuf_output(&ring, &sized, sizeof sized, 0);
		break;
	case 3:
		bpf_ringbuf_output(&ring, &twin, sizeof twin, 0);
		break;
	case 4:
		bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &sized, sizeof sized);
		break;
	case 5:
		bpf_ringbuf_output(&ring, &sized, sizeof sized, BPF_RB_NO_WAKEUP);
		break;
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
