/* SPDX-License-Identifier: BSD-2-Clause */
/* The event sources of perf for probes (since 4.17): sysfs tells their number, and the bit of probes at the return. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/function.h"

/* Reads the number after `prefix` in a one-line file. */
static int read_number_after(const char *path, const char *prefix, unsigned long max, unsigned long *ret_number)
{
	char text[64];
	FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	bool is_read = fgets(text, sizeof text, file);
	(void)fclose(file);
	size_t skipped = strlen(prefix);
	if (!is_read || strncmp(text, prefix, skipped) != 0)
		return -EINVAL;
	unsigned long number = strtoul(text + skipped, NULL, 10);
	if (number > max)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int lade_event_source(const char *name, bool is_return, struct perf_event_attr *attr)
{
	char path[128];
	unsigned long type, bit = 0;
	(void)snprintf(path, sizeof path, "/sys/bus/event_source/devices/%s/type", name);
	int result = read_number_after(path, "", UINT32_MAX, &type);
	(void)snprintf(path, sizeof path, "/sys/bus/event_source/devices/%s/format/retprobe", name);
	if (result == 0 && is_return)
		result = read_number_after(path, "config:", 63, &bit);
	if (result < 0)
		return result;
	attr->type = (uint32_t)type;
	attr->config |= is_return ? 1ULL << bit : 0;
	return 0;
}
