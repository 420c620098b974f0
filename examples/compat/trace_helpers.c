/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace_helpers.h"

/* ---- kernel symbols ---- */

static struct {
	struct ksym *items; /* sorted by address */
	size_t count, capacity;
} symbols;

static int compare_addresses(const void *left, const void *right)
{
	unsigned long a = (unsigned long)((const struct ksym *)left)->addr;
	unsigned long b = (unsigned long)((const struct ksym *)right)->addr;

	return (a > b) - (a < b);
}

static int add_symbol(unsigned long address, const char *name)
{
	if (symbols.count == symbols.capacity) {
		size_t capacity = symbols.capacity ? 2 * symbols.capacity : 1u << 16;
		struct ksym *items = reallocarray(symbols.items, capacity, sizeof *items);
		if (!items)
			return -ENOMEM;
		symbols.items = items;
		symbols.capacity = capacity;
	}
	char *copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	symbols.items[symbols.count++] = (struct ksym){ (long)address, copy };
	return 0;
}

/* ADDRESS TYPE NAME [MODULE] */
static int read_symbols(FILE *file)
{
	char line[1024], name[512];
	unsigned long address;
	int result = 0;

	while (result == 0 && fgets(line, sizeof line, file))
		if (sscanf(line, "%lx %*c %511s", &address, name) == 2 && address)
			result = add_symbol(address, name);
	return result;
}

int load_kallsyms(void)
{
	if (symbols.count)
		return 0;
	FILE *file = fopen("/proc/kallsyms", "re");
	if (!file)
		return -errno;
	int result = read_symbols(file);
	(void)fclose(file);
	if (symbols.count)
		qsort(symbols.items, symbols.count, sizeof *symbols.items, compare_addresses);
	return result;
}

struct ksym *ksym_search(long key)
{
	size_t low = 0, high = symbols.count;

	if (!symbols.count)
		return NULL;
	while (high - low > 1) { /* the answer is in [low, high) */
		size_t middle = low + (high - low) / 2;
		if ((unsigned long)symbols.items[middle].addr <= (unsigned long)key)
			low = middle;
		else
			high = middle;
	}
	return &symbols.items[low];
}

long ksym_get_addr(const char *name)
{
	for (size_t i = 0; i < symbols.count; i++)
		if (strcmp(symbols.items[i].name, name) == 0)
			return symbols.items[i].addr;
	return 0;
}

/* ---- the trace pipe ---- */

static int open_trace_pipe(void)
{
	int pipe = open("/sys/kernel/tracing/trace_pipe", O_RDONLY | O_CLOEXEC);

	return pipe >= 0 ? pipe : open("/sys/kernel/debug/tracing/trace_pipe", O_RDONLY | O_CLOEXEC);
}

void read_trace_pipe(void)
{
	char text[4096];
	ssize_t bytes;
	int pipe = open_trace_pipe();

	if (pipe < 0) {
		(void)fprintf(stderr, "trace_pipe: %s\n", strerror(errno));
		return;
	}
	while ((bytes = read(pipe, text, sizeof text)) > 0 || (bytes < 0 && errno == EINTR)) {
		if (bytes <= 0)
			continue;
		(void)fwrite(text, 1, (size_t)bytes, stdout);
		(void)fflush(stdout);
	}
	(void)close(pipe);
}
