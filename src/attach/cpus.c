/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/method.h"

#define CPU_LIMIT 65536 /* far above any CONFIG_NR_CPUS; keeps a broken list from filling memory */

static int add_range(struct cpu_list *list, unsigned long first, unsigned long last)
{
	if (first > last || last >= CPU_LIMIT || list->count + (last - first) >= CPU_LIMIT)
		return -EINVAL;
	for (unsigned long cpu = first; cpu <= last; cpu++) {
		int *item = array_push(list);
		if (!item)
			return -ENOMEM;
		*item = (int)cpu;
	}
	return 0;
}

static int parse_ranges(const char *text, struct cpu_list *list)
{
	for (;;) {
		char *end;
		if (*text < '0' || *text > '9')
			return -EINVAL;
		unsigned long first = strtoul(text, &end, 10), last = first;
		if (*end == '-' && end[1] >= '0' && end[1] <= '9')
			last = strtoul(end + 1, &end, 10);
		int result = add_range(list, first, last);
		if (result < 0)
			return result;
		if (*end == '\0' || *end == '\n')
			return 0;
		if (*end != ',')
			return -EINVAL;
		text = end + 1;
	}
}

int lade_cpu_list_parse(const char *text, struct cpu_list *ret_list)
{
	struct cpu_list list = { 0 };
	int result = parse_ranges(text, &list);
	if (result < 0) {
		array_clear(&list);
		return result;
	}
	*ret_list = list;
	return 0;
}

static int read_list(const char *path, struct cpu_list *ret_list)
{
	char text[4096];
	FILE *file = fopen(path, "re");
	bool is_read = file && fgets(text, sizeof text, file);
	if (file)
		(void)fclose(file);
	return is_read ? lade_cpu_list_parse(text, ret_list) : -ENOENT;
}

int lade_cpu_list_present(struct cpu_list *ret_list)
{
	return read_list("/sys/devices/system/cpu/present", ret_list);
}

int lade_cpu_list_online(struct kernel *kernel, struct cpu_list *ret_list)
{
	char text[32];
	if (read_list("/sys/devices/system/cpu/online", ret_list) == 0)
		return 0;
	/* Without sysfs: the count alone, which is right unless one in the middle is offline. */
	(void)snprintf(text, sizeof text, "0-%u", lade_kernel_online_cpus(kernel) - 1);
	return lade_cpu_list_parse(text, ret_list);
}

bool lade_cpu_list_has(const struct cpu_list *list, int cpu)
{
	array_foreach(item, list)
		if (*item == cpu)
			return true;
	return false;
}

int lade_first_online_cpu(struct kernel *kernel)
{
	struct cpu_list list = { 0 };
	int first = lade_cpu_list_online(kernel, &list) == 0 ? list.items[0] : 0;
	array_clear(&list);
	return first;
}
