/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of the kernel: typed, for each CPU, without a type, and some that no kernel has. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

struct rq {
	unsigned int nr_running;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;
extern const int no_such_variable __ksym __weak;
extern const void bpf_prog_put __ksym;
extern const void bpf_map_put __ksym;
extern const void no_such_symbol __ksym __weak;

unsigned long long programs, maps, absent;
unsigned int running;
bool has_variable, has_processor;

SEC("raw_tp/sys_enter") int look(void *context)
{
	const struct rq *queue = bpf_per_cpu_ptr(&runqueues, 0);
	const struct rq *own = bpf_this_cpu_ptr(&runqueues);

	if (queue) {
		has_processor = true;
		running = own->nr_running;
	}
	programs = (unsigned long long)&bpf_prog_put;
	maps = (unsigned long long)&bpf_map_put;
	absent = (unsigned long long)&no_such_symbol;
	if (&no_such_variable)
		has_variable = true;
	return 0;
}

char _license[] SEC("license") = "GPL";
