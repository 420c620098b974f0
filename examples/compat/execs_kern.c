/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts executions by the name of the new process, and ends of processes, as one wrote it in 2018. */
#include <linux/bpf.h>
#include <linux/version.h>

#define SEC(name) __attribute__((section(name), used))

struct bpf_map_def {
	unsigned int type, key_size, value_size, max_entries, map_flags, inner_map_idx, numa_node;
};

static void *(*map_lookup)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static int (*map_update)(void *map, const void *key, const void *value, __u64 flags) = (void *)BPF_FUNC_map_update_elem;
static int (*comm)(void *buffer, int size) = (void *)BPF_FUNC_get_current_comm;

struct bpf_map_def SEC("maps") execs = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 16,
	.value_size = sizeof(__u64),
	.max_entries = 4, /* the _user.c knows better */
};

struct bpf_map_def SEC("maps") exits = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(int),
	.value_size = sizeof(__u64),
	.max_entries = 1,
};

SEC("tracepoint/sched/sched_process_exec")
int count_exec(void *context)
{
	char name[16] = { 0 };
	__u64 one = 1;

	comm(name, sizeof name);
	__u64 *count = map_lookup(&execs, name);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		map_update(&execs, name, &one, BPF_ANY);
	return 0;
}

SEC("raw_tracepoint/sched_process_exit")
int count_exit(void *context)
{
	int zero = 0;
	__u64 *count = map_lookup(&exits, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
__u32 _version SEC("version") = LINUX_VERSION_CODE;
