/* SPDX-License-Identifier: BSD-2-Clause */
/* Every program that is executed, as a record in a ring buffer. BTF maps, no CO-RE. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PATH_BYTES 64

struct event {
	__u32 pid;
	__u32 uid;
	char comm[16];
	char filename[PATH_BYTES];
};

/* The type of the records is declared: lade run decodes them by it. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} events SEC(".maps");

/* How often each user executed something. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} executions SEC(".maps");

/* lade run --set only_uid=1000 */
const volatile __u32 only_uid = 0xFFFFFFFF;

/* events/sched/sched_process_exec/format */
struct exec_context {
	__u64 common;
	__u32 filename_location; /* offset in the low, length in the high half */
	__s32 pid, old_pid;
};

static void count(__u32 uid)
{
	__u64 one = 1, *value = bpf_map_lookup_elem(&executions, &uid);
	if (value)
		__sync_fetch_and_add(value, 1);
	else
		bpf_map_update_elem(&executions, &uid, &one, BPF_NOEXIST);
}

SEC("tracepoint/sched/sched_process_exec")
int on_exec(struct exec_context *context)
{
	__u32 uid = (__u32)bpf_get_current_uid_gid();
	if (only_uid != 0xFFFFFFFF && only_uid != uid)
		return 0;
	count(uid);
	struct event *event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
	if (!event)
		return 0;
	event->pid = context->pid;
	event->uid = uid;
	bpf_get_current_comm(event->comm, sizeof event->comm);
	bpf_probe_read_kernel_str(event->filename, sizeof event->filename,
				  (char *)context + (context->filename_location & 0xFFFF));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
