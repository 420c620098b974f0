/* SPDX-License-Identifier: BSD-2-Clause */
/* How long each user ran at which frequency: several maps, own types, two tracepoints. Written for 11 and later. */
#include <bpf_helpers.h>
#include <errno.h>

#define FREQUENCIES 32

typedef struct {
	uint32_t uid, bucket;
} time_key_t;

typedef struct {
	uint64_t ns[FREQUENCIES];
} times_t;

typedef struct {
	uint32_t policy, frequency;
} frequency_key_t;

DEFINE_BPF_MAP_GRW(total_time_map, PERCPU_HASH, time_key_t, times_t, 1024, AID_SYSTEM);
DEFINE_BPF_MAP(cpu_last_update_map, PERCPU_ARRAY, uint32_t, uint64_t, 1);
DEFINE_BPF_MAP_GWO(cpu_policy_map, ARRAY, uint32_t, uint32_t, 1, AID_SYSTEM);
DEFINE_BPF_MAP_UGM(frequency_map, HASH, frequency_key_t, uint8_t, 4096, AID_ROOT, AID_SYSTEM, 0620);

static inline __always_inline uint64_t since_last(uint64_t now)
{
	uint32_t zero = 0;
	uint64_t *last = bpf_cpu_last_update_map_lookup_elem(&zero);
	uint64_t before = last ? *last : 0;
	bpf_cpu_last_update_map_update_elem(&zero, &now, BPF_ANY);
	return before ? now - before : 0;
}

struct switch_args {
	uint64_t common;
	char previous[16];
	int32_t previous_pid;
};

DEFINE_BPF_PROG("tracepoint/sched/sched_switch", AID_ROOT, AID_SYSTEM, tp_sched_switch)(struct switch_args *args)
{
	time_key_t key = { .uid = bpf_get_current_uid_gid(), .bucket = 0 };
	uint64_t spent = since_last(bpf_ktime_get_ns());
	times_t *times = bpf_total_time_map_lookup_elem(&key);
	if (times && args->previous_pid)
		times->ns[0] += spent;
	return 0;
}

DEFINE_BPF_PROG_KVER("tracepoint/power/cpu_frequency", AID_ROOT, AID_SYSTEM, tp_cpu_frequency, KVER(4, 14, 0))
(struct switch_args *args)
{
	frequency_key_t key = { .policy = bpf_get_smp_processor_id(), .frequency = args->previous_pid };
	uint8_t *slot = bpf_frequency_map_lookup_elem(&key);
	return slot ? -EEXIST : 0;
}

LICENSE("GPL");
CRITICAL("accounting");
