/* SPDX-License-Identifier: BSD-2-Clause */
/* What cannot be had, one program each. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));
struct rq {
	unsigned int nr_running;
};

extern bool CONFIG_NO_SUCH_OPTION __kconfig;
extern bool CONFIG_NR_CPUS __kconfig;
extern char CONFIG_LOG_BUF_SHIFT[4] __kconfig;
extern int LINUX_HAS_NOTHING_OF_THE_KIND __kconfig;
extern const struct rq no_such_variable __ksym;
extern const int runqueues __ksym;
extern const void no_such_symbol __ksym;
extern int bpf_never_was_there(int number) __ksym;
extern int bpf_never_was_there_either(int number) __ksym __weak;
extern void bpf_task_release(struct task_struct *task, int flags) __ksym;

SEC("?syscall") int absent_option(void *context)
{
	return CONFIG_NO_SUCH_OPTION;
}

SEC("?syscall") int other_option(void *context)
{
	return CONFIG_NR_CPUS;
}

SEC("?syscall") int text_option(void *context)
{
	return CONFIG_LOG_BUF_SHIFT[0];
}

SEC("?syscall") int unheard_option(void *context)
{
	return LINUX_HAS_NOTHING_OF_THE_KIND;
}

SEC("?raw_tp/sys_enter") int absent_variable(void *context)
{
	return bpf_per_cpu_ptr(&no_such_variable, 0) != 0;
}

SEC("?raw_tp/sys_enter") int other_variable(void *context)
{
	return *(int *)bpf_this_cpu_ptr(&runqueues);
}

SEC("?raw_tp/sys_enter") int absent_symbol(void *context)
{
	return (unsigned long)&no_such_symbol & 1;
}

SEC("?syscall") int absent_function(void *context)
{
	return bpf_never_was_there(1);
}

SEC("?syscall") int other_function(void *context)
{
	bpf_task_release((void *)0, 0);
	return 0;
}

SEC("?syscall") int unguarded(void *context)
{
	return bpf_never_was_there_either(1);
}

char _license[] SEC("license") = "GPL";
