/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions whose names match a pattern. */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/functions.h"

#define MOST_FUNCTIONS (1u << 20) /* MAX_KPROBE_MULTI_CNT of the kernel */

struct matching {
	const char *pattern;
	bool has_addresses; /* "ffffffff81000000 name" */
	bool is_symbols;    /* "ffffffff81000000 T name" */
	struct matched_functions *found;
};

/* ftrace lists what it has lost as "__ftrace_invalid_address___123". */
static bool is_placeholder(const char *name)
{
	return strncmp(name, "__ftrace_invalid_address__", 26) == 0 || strncmp(name, "__pfx_", 6) == 0;
}

/* Cuts "name [module]", "name\t[module]" at the name's end. */
static int add_match(struct matching *matching, const char *word, uint64_t address)
{
	char name[128];
	size_t length = strcspn(word, " \t");
	if (!length || length >= sizeof name)
		return 0;
	memcpy(name, word, length);
	name[length] = '\0';
	if (is_placeholder(name) || fnmatch(matching->pattern, name, FNM_NOESCAPE) != 0)
		return 0;
	if (matching->found->count >= MOST_FUNCTIONS)
		return -E2BIG;
	struct matched_function *function = array_push(matching->found);
	if (!function)
		return -ENOMEM;
	*function = (struct matched_function){ strdup(name), address, strchr(word + length, '[') != NULL };
	return function->name ? 0 : -ENOMEM;
}

static int visit(void *data, const char *line)
{
	struct matching *matching = data;
	uint64_t address = 0;
	if (matching->has_addresses || matching->is_symbols) {
		char *end;
		address = strtoull(line, &end, 16);
		if (end == line || *end != ' ')
			return 0;
		line = end + 1;
	}
	if (matching->is_symbols) {
		if (!strchr("tTwW", *line) || !*line || line[1] != ' ')
			return 0;
		line += 2;
		address = 0; /* of a symbol, which need not be where ftrace enters */
	}
	return add_match(matching, line, address);
}

static int compare_names(const void *left, const void *right)
{
	const struct matched_function *one = left, *other = right;
	int order = strcmp(one->name, other->name);
	return order ? order : (one->address > other->address) - (one->address < other->address);
}

/* The kernel finds a name once, so that a list with one twice is never found whole. */
static void drop_doubles(struct matched_functions *functions)
{
	size_t kept = 0;
	if (functions->count > 1)
		qsort(functions->items, functions->count, sizeof *functions->items, compare_names);
	for (size_t i = 0; i < functions->count; i++) {
		struct matched_function *item = &functions->items[i];
		if (kept && strcmp(functions->items[kept - 1].name, item->name) == 0 &&
		    functions->items[kept - 1].address == item->address)
			free(item->name);
		else
			functions->items[kept++] = *item;
	}
	functions->count = kept;
}

static int read_list(struct matching *matching, const char *path)
{
	lade_matched_functions_clear(matching->found);
	return lade_lines_each(path, visit, matching);
}

static int read_tracefs(struct kernel *kernel, struct matching *matching, const char *name)
{
	const char *tracefs;
	char path[PATH_MAX];
	int result = kernel->recorded_version ? -ENOENT : lade_kernel_tracefs(kernel, false, &tracefs, NULL);
	if (result < 0)
		return result;
	(void)snprintf(path, sizeof path, "%s/%s", tracefs, name);
	return read_list(matching, path);
}

/* The best list that can be read: with addresses since 6.5. */
static int read_best(struct kernel *kernel, const struct function_lists *lists, struct matching *matching)
{
	if (lists && lists->traceable)
		return read_list(matching, lists->traceable);
	matching->has_addresses = true;
	int result = read_tracefs(kernel, matching, "available_filter_functions_addrs");
	if (result == 0 || result == -ENOMEM || result == -E2BIG)
		return result;
	matching->has_addresses = false;
	result = read_tracefs(kernel, matching, "available_filter_functions");
	if (result == 0 || result == -ENOMEM || result == -E2BIG || kernel->recorded_version)
		return result;
	matching->is_symbols = true;
	return read_list(matching, lists && lists->symbols ? lists->symbols : "/proc/kallsyms");
}

int lade_function_match(struct kernel *kernel, const struct function_lists *lists, const char *pattern,
			struct matched_functions *ret_functions)
{
	struct matched_functions found = { 0 };
	struct matching matching = { .pattern = pattern, .found = &found };
	int result = read_best(kernel, lists, &matching);
	if (result < 0) {
		lade_matched_functions_clear(&found);
		return result;
	}
	drop_doubles(&found);
	*ret_functions = found;
	return 0;
}

void lade_matched_functions_clear(struct matched_functions *functions)
{
	array_foreach(function, functions)
		free(function->name);
	array_clear(functions);
}
