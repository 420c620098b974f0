/* SPDX-License-Identifier: BSD-2-Clause */
/* One extern of each kind, for a load whose calls fail one after another. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig;
extern int LINUX_HAS_NOTHING_OF_THE_KIND __kconfig __weak;
extern const void schedule __ksym;
extern const void no_such_symbol __ksym __weak;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern int bpf_never_was_there(int number) __ksym __weak;

SEC("raw_tp/sys_exit") int read_options(void *context)
{
	return LINUX_HAS_BPF_COOKIE ? LINUX_KERNEL_VERSION : LINUX_HAS_NOTHING_OF_THE_KIND;
}

SEC("raw_tp/sys_exit") int read_addresses(void *context)
{
	return &schedule == &no_such_symbol;
}

SEC("raw_tp/sys_exit") int call_functions(void *context)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return bpf_never_was_there ? bpf_never_was_there(1) : 0;
}

char _license[] SEC("license") = "GPL";
