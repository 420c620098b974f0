/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long each process ran since its exec, in the dialect of the kernel's own old samples: map records
 * in a section `maps`, helpers as function pointers, no BTF. Newer libraries refuse such an object.
 */
#include <linux/bpf.h>
#include <linux/version.h>

#define SEC(name) __attribute__((section(name), used))

struct bpf_map_def {
	unsigned int type, key_size, value_size, max_entries, map_flags, inner_map_idx, numa_node;
};

static void *(*map_lookup)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static int (*map_update)(void *map, const void *key, const void *value, __u64 flags) = (void *)BPF_FUNC_map_update_elem;
static int (*map_delete)(void *map, const void *key) = (void *)BPF_FUNC_map_delete_elem;
static __u64 (*ktime)(void) = (void *)BPF_FUNC_ktime_get_ns;
static __u64 (*pid_tgid)(void) = (void *)BPF_FUNC_get_current_pid_tgid;
static int (*comm)(void *buffer, int size) = (void *)BPF_FUNC_get_current_comm;
static int (*output)(void *context, void *map, __u64 index, void *data, int size) = (void *)BPF_FUNC_perf_event_output;

struct bpf_map_def SEC("maps") started = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 4096,
};

/* No entries: the loader sizes it to the number of CPUs. */
struct bpf_map_def SEC("maps") lifetimes = {
	.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	.key_size = sizeof(int),
	.value_size = sizeof(__u32),
};

struct lifetime {
	__u64 nanoseconds;
	__u32 pid;
	char comm[16];
	__u32 padding;
};

SEC("tracepoint/sched/sched_process_exec")
int remember(void *context)
{
	__u32 pid = pid_tgid() >> 32;
	__u64 now = ktime();
	map_update(&started, &pid, &now, BPF_ANY);
	return 0;
}

SEC("tracepoint/sched/sched_process_exit")
int report(void *context)
{
	__u32 pid = pid_tgid() >> 32;
	__u64 *start = map_lookup(&started, &pid);
	if (!start)
		return 0;
	struct lifetime lifetime = { .nanoseconds = ktime() - *start, .pid = pid };
	comm(lifetime.comm, sizeof lifetime.comm);
	map_delete(&started, &pid);
	output(context, &lifetimes, BPF_F_CURRENT_CPU, &lifetime, sizeof lifetime);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
__u32 _version SEC("version") = LINUX_VERSION_CODE;
