/* SPDX-License-Identifier: BSD-2-Clause */
/* One of everything that a load does: for the tests that make each operation fail. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 5000); /* rounded up, with a note */
	__type(value, struct event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} load_all_shared SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};

struct inner first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { &first } };

int tail(void *context);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, int(void *));
} calls SEC(".maps") = { .values = { [1] = (void *)&tail } };

const volatile __u32 wanted = 7;
__u64 seen;
__u32 step = 1;

SEC("raw_tracepoint/sched_process_exec")
int tail(void *context)
{
	__sync_fetch_and_add(&seen, step);
	return 0;
}

static __attribute__((noinline)) int note(__u32 key)
{
	__u64 one = wanted;

	return bpf_map_update_elem(&load_all_shared, &key, &one, BPF_ANY);
}

SEC("raw_tracepoint/sched_process_exec")
int on_exec(void *context)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
	__u32 slot = 0;

	if (event) {
		event->pid = bpf_get_current_pid_tgid() >> 32;
		bpf_get_current_comm(event->comm, sizeof event->comm);
		bpf_ringbuf_submit(event, 0);
	}
	if (bpf_map_lookup_elem(&outer, &slot))
		note(slot);
	bpf_tail_call(context, &calls, 1);
	return 0;
}

SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *context)
{
	return note(1);
}

char LICENSE[] SEC("license") = "GPL";
