/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that ask something of a kernel each: tests load one at a time. They have an effect where they load. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define CORE __attribute__((preserve_access_index))

/* As the kernel declares it; the number is that of bpf_ktime_get_boot_ns (5.8). */
enum bpf_func_id___chk {
	BPF_FUNC_ktime_get_boot_ns___chk = 125,
};

struct task_struct {
	int pid;
	int never_there;
} CORE;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} chk_seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} chk_calls SEC(".maps");

static __always_inline void put(__u64 value)
{
	__u32 key = 0;
	bpf_map_update_elem(&chk_seen, &key, &value, 0);
}

SEC("tracepoint/sched/sched_switch")
int chk_helper(void *ctx)
{
	put(bpf_ktime_get_boot_ns());
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int chk_guarded(void *ctx)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id___chk, BPF_FUNC_ktime_get_boot_ns___chk))
		put(bpf_ktime_get_boot_ns());
	else
		put(bpf_ktime_get_ns());
	return 0;
}

const volatile bool chk_wants_boot = false;

SEC("tracepoint/sched/sched_switch")
int chk_constant(void *ctx)
{
	put(chk_wants_boot ? bpf_ktime_get_boot_ns() : bpf_ktime_get_ns());
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int chk_field(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	put(BPF_CORE_READ(task, never_there));
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int chk_field_guarded(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	if (bpf_core_field_exists(task->never_there))
		put(BPF_CORE_READ(task, never_there));
	else
		put(BPF_CORE_READ(task, pid));
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int chk_loop(void *ctx)
{
	__u64 value = bpf_get_prandom_u32();
#pragma clang loop unroll(disable)
	for (int i = 0; i < 100; i++)
		value = value * 3 + bpf_get_prandom_u32();
	put(value);
	return 0;
}

static __noinline int deep(__u64 from)
{
	volatile __u64 room[38];
#pragma unroll
	for (int i = 0; i < 38; i++)
		room[i] = from + i;
	return (int)room[30];
}

/* Networks' programs have no stack of their own for each function. */
SEC("socket")
int chk_stack(void *ctx)
{
	volatile __u64 room[32];
	__u64 value = bpf_get_prandom_u32();
#pragma unroll
	for (int i = 0; i < 32; i++)
		room[i] = value + i;
	return deep(value) + (int)room[3];
}

static __noinline int twice(int value)
{
	return value * 2 + (int)bpf_get_prandom_u32();
}

SEC("socket")
int chk_tail(void *ctx)
{
	put(twice(1));
	bpf_tail_call(ctx, &chk_calls, 1);
	return 0;
}

SEC("socket")
int chk_atomic(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&chk_seen, &key);
	return value ? (int)__sync_fetch_and_or(value, 1) : 0;
}

/* What sched_process_exec looked like on some kernel: the field lies elsewhere. */
struct chk_record {
	__u64 common;
	__u32 filename;
	__u32 old_pid;
	__u32 pid;
	__u64 beyond[64];
};

SEC("tracepoint/sched/sched_process_exec")
int chk_record(struct chk_record *record)
{
	put(record->pid);
	return 0;
}

SEC("tracepoint/sched/sched_process_exec")
int chk_beyond(struct chk_record *record)
{
	put(record->beyond[60]);
	return 0;
}

struct chk_padded {
	__u32 number;
	__u64 more;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct chk_padded);
	__type(value, __u64);
} chk_padded_keys SEC(".maps");

SEC("tracepoint/sched/sched_switch")
int chk_padding(void *ctx)
{
	struct chk_padded key;
	__u64 value = 1;
	key.number = bpf_get_prandom_u32();
	key.more = 1;
	bpf_map_update_elem(&chk_padded_keys, &key, &value, 0);
	return 0;
}

SEC("kprobe/chk_never_a_function")
int chk_probe(void *ctx)
{
	put(1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
