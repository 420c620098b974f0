// SPDX-License-Identifier: BSD-2-Clause
/* A tracepoint whose arguments have types, for whoever is executed: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct task_struct {
	int pid;
	int tgid;
	unsigned long of_no_kernel;
} __attribute__((preserve_access_index));

struct linux_binprm {
	const char *filename;
} __attribute__((preserve_access_index));

struct execution {
	int tgid;
	unsigned has_field;
	char filename[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} executions SEC(".maps");
struct execution *type_of_executions; /* keeps it in the BTF: libbpf takes no value type here */

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old, struct linux_binprm *program)
{
	struct execution *execution = bpf_ringbuf_reserve(&executions, sizeof *execution, 0);

	if (!execution)
		return 0;
	execution->tgid = task->tgid;
	execution->has_field = bpf_core_field_exists(task->of_no_kernel) ? 1 + (unsigned)task->of_no_kernel : 0;
	bpf_probe_read_kernel_str(execution->filename, sizeof execution->filename, BPF_CORE_READ(program, filename));
	bpf_ringbuf_submit(execution, 0);
	return 0;
}
