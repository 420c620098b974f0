/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The helpers of the kernel's old samples that have nothing to do with loading: kernel symbols and the trace pipe.
 * The guard is the name that the kernel tree's own header of this name has, so that the two exclude each other.
 */
#ifndef __TRACE_HELPER_H
#define __TRACE_HELPER_H

struct ksym {
	long addr;
	char *name;
};

/* Reads /proc/kallsyms once; symbols whose address the kernel hides are left out. 0, or a negative errno. */
int load_kallsyms(void);
/* The last symbol at or below key; the first one where there is none; NULL before load_kallsyms(). */
struct ksym *ksym_search(long key);
/* 0: no such symbol. */
long ksym_get_addr(const char *name);

/* Prints what bpf_trace_printk() writes, until the process is killed. Returns only when it cannot read. */
void read_trace_pipe(void);

#endif
