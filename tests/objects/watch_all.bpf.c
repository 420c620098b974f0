/* SPDX-License-Identifier: BSD-2-Clause */
/* Sends what it is asked for: getpgid(MARK, what, number) of whoever makes that call. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define MARK 0x1ade57

enum { EVENT = 1, OTHER, SAMPLE, SAMPLES, EVENTS, HUGE, DISCARD };

typedef __s64 ktime_t;
typedef __u64 wait_ns;
enum state { IDLE, READY, RUNNING };

struct in_addr {
	__be32 s_addr;
};
struct in6_addr {
	__u8 bytes[16];
};

struct event {
	__u32 number;
	struct in_addr from;
	__be32 to_addr;
	__be32 sequence;
	struct in6_addr six;
	__be16 port;
	__u16 flags : 3, rest : 13;
	enum state state;
	ktime_t when;
	wait_ns waited;
	char name[16];
	struct {
		__s32 x;
		struct {
			__s32 y;
		} deep;
	} inner;
	struct {
		__u16 a, b;
	} list[2];
};

/* Alone of its size. */
struct other {
	__u64 number, words[4];
	__u8 last[8];
};

struct sample {
	__u64 number;
	__u32 cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 262144);
} others SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct other unused_other;
struct sample unused_sample;
struct huge {
	__u32 number;
	__u8 bytes[60000];
} unused_huge;

struct enter {
	__u64 header;
	__s64 nr;
	__s64 mark, what, number;
};

static __attribute__((noinline)) int send_event(__u32 number)
{
	struct event event = { .number = number, .state = RUNNING, .flags = 5, .rest = 77 };
	event.from.s_addr = __builtin_bswap32(0x7f000001);
	event.to_addr = __builtin_bswap32(0x0a000002);
	event.sequence = __builtin_bswap32(258);
	event.six.bytes[15] = 1;
	event.port = __builtin_bswap16(443);
	event.when = 1500000000;
	event.waited = 2000000001;
	event.inner.x = -3;
	event.inner.deep.y = 4;
	event.list[1].b = 9;
	__builtin_memcpy(event.name, "a \"b\"\n", 7);
	return bpf_ringbuf_output(&events, &event, sizeof event, 0);
}

static __attribute__((noinline)) int send_sample(struct enter *context, __u32 number)
{
	struct sample sample = { .number = number, .cpu = bpf_get_smp_processor_id() };
	return bpf_perf_event_output(context, &samples, BPF_F_CURRENT_CPU, &sample, sizeof sample);
}

SEC("tracepoint/raw_syscalls/sys_enter")
int answer(struct enter *context)
{
	__u32 key = 0;
	struct other other = { .number = context->number };
	if (context->mark != MARK)
		return 0;
	(void)bpf_map_lookup_elem(&counts, &key);
	if (context->what == EVENT)
		send_event((__u32)context->number);
	if (context->what == OTHER)
		bpf_ringbuf_output(&others, &other, sizeof other, 0);
	if (context->what == SAMPLE)
		send_sample(context, (__u32)context->number);
	for (__u32 i = 0; context->what == SAMPLES && i < 1000; i++)
		send_sample(context, i);
	for (__u32 i = 0; context->what == EVENTS && i < 600; i++)
		send_event(i);
	if (context->what == HUGE || context->what == DISCARD) {
		struct huge *huge = bpf_ringbuf_reserve(&others, sizeof *huge, 0);
		if (!huge)
			return 0;
		huge->number = (__u32)context->number;
		if (context->what == HUGE)
			bpf_ringbuf_submit(huge, 0);
		else
			bpf_ringbuf_discard(huge, 0);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
