/* SPDX-License-Identifier: BSD-2-Clause */
/* A table as bcc declares it: types of key and value, then pointers to functions that do not exist. */
#include "dia_samples.h"

struct table {
	int key;
	long long leaf;
	long long *(*lookup)(int *);
	int (*update)(int *, long long *);
	unsigned int max_entries;
	int flags;
};

struct table SEC("maps/hash") counts = { .max_entries = 10240 };

SEC(".bpf.fn.kprobe__sys_clone") int kprobe__sys_clone(void *context)
{
	return counts.max_entries != 0;
}

char _license[] SEC("license") = "GPL";
