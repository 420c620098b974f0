/* SPDX-License-Identifier: BSD-2-Clause */
/* Types that a test takes for those of a kernel. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	long state;
	int pid;
};

struct task_struct chk_task;
enum bpf_func_id chk_helpers;
enum bpf_map_type chk_map_types;
enum bpf_prog_type chk_program_types;

SEC("socket")
int chk_keep(void *ctx)
{
	return chk_task.pid + (int)chk_helpers + (int)chk_map_types + (int)chk_program_types;
}
