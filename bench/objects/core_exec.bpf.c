/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start and end of processes. `magic` stands in the text of both programs: bench/run changes it in copies of the
 * object to get as many distinct ones as it wants.
 */
#include "kernel.h"

#define MAGIC 0x1ade5eed

struct event {
	__u64 duration_ns;
	__u32 pid, parent, exit_code, is_exit;
	char command[16], file[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} exec_start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

const volatile unsigned long long min_duration_ns = 0;

SEC("raw_tracepoint/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 now = bpf_ktime_get_ns();
	struct event *event;

	if (pid == MAGIC)
		return 0;
	bpf_map_update_elem(&exec_start, &pid, &now, BPF_ANY);
	event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
	if (!event)
		return 0;
	event->is_exit = 0;
	event->pid = pid;
	event->parent = BPF_CORE_READ(task, real_parent, tgid);
	event->duration_ns = BPF_CORE_READ(task, group_leader, start_time);
	bpf_get_current_comm(event->command, sizeof event->command);
	bpf_probe_read_kernel_str(event->file, sizeof event->file, BPF_CORE_READ(task, fs, pwd.dentry, d_name.name));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("raw_tracepoint/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u64 both = bpf_get_current_pid_tgid(), *start, duration = 0;
	__u32 pid = both >> 32;
	struct event *event;

	if (pid != (__u32)both || pid == MAGIC)
		return 0;
	start = bpf_map_lookup_elem(&exec_start, &pid);
	if (start)
		duration = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&exec_start, &pid);
	if (min_duration_ns && duration < min_duration_ns)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
	if (!event)
		return 0;
	event->is_exit = 1;
	event->duration_ns = duration;
	event->pid = pid;
	event->parent = BPF_CORE_READ(task, real_parent, tgid);
	event->exit_code = (BPF_CORE_READ(task, exit_code) >> 8) & 0xFF;
	bpf_get_current_comm(event->command, sizeof event->command);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
