/* SPDX-License-Identifier: BSD-2-Clause */
/* Which CPUs are online. A perf event cannot be opened on one that is not. */
#ifndef LADE_ATTACH_CPU_LIST_H
#define LADE_ATTACH_CPU_LIST_H

#include "kernel/kernel.h"

/* CPUs as the kernel lists them: "0-3,8". */
struct cpu_list {
	int *items;
	size_t count, capacity;
};
int lade_cpu_list_parse(const char *text, struct cpu_list *ret_list); /* -EINVAL, -ENOMEM */
int lade_cpu_list_online(struct kernel *kernel, struct cpu_list *ret_list);
int lade_cpu_list_present(struct cpu_list *ret_list); /* with those that are offline; -ENOENT without sysfs */
bool lade_cpu_list_has(const struct cpu_list *list, int cpu);
int lade_first_online_cpu(struct kernel *kernel);

/* What attachments to one CPU each call their target: "cpu 3". */
#define LADE_CPU_TARGET "cpu "

#endif
