/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/functions.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "kernel/symbols.h"

#define BLACKLIST "/sys/kernel/debug/kprobes/blacklist"

int lade_lines_each(const char *path, int (*visit)(void *data, const char *line), void *data)
{
	FILE *file = fopen(path, "re");
	CLEANUP(cleanup_free) char *line = NULL;
	size_t size = 0;
	int result = 0;
	if (!file)
		return -errno;
	for (ssize_t length; result == 0 && (length = getline(&line, &size, file)) > 0;) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		result = visit(data, line);
	}
	if (result == 0 && ferror(file))
		result = -EIO;
	(void)fclose(file);
	return result;
}

/* ---- names ---- */

static const char *without_module(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon ? colon + 1 : name;
}

size_t lade_function_stem(const char *name)
{
	static const char *const marks[] = { ".isra.", ".constprop.", ".part.", ".cold", ".llvm.", ".localalias" };
	size_t length = strlen(name);
	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *found = strstr(name, marks[i]);
		if (found && (size_t)(found - name) < length)
			length = (size_t)(found - name);
	}
	return length;
}

const char *lade_function_system_call(const char *name)
{
	static const char *const prefixes[] = { "__x64_sys_", "__arm64_sys_", "__ia32_sys_", "__se_sys_", "__do_sys_",
						"ksys_",      "SyS_",         "sys_",        "do_sys_",   "do_" };
	for (size_t i = 0; i < ELEMENTS(prefixes); i++) {
		size_t length = strlen(prefixes[i]);
		if (strncmp(name, prefixes[i], length) == 0 && name[length])
			return name + length;
	}
	return NULL;
}

/* ---- is it there? ---- */

int lade_function_exists(struct kernel *kernel, const char *name)
{
	struct kernel_symbol symbol = { .name = without_module(name), .is_required = true };
	int result = lade_kernel_symbols(kernel, &symbol, 1, NULL);

	if (result < 0)
		return result;
	return symbol.state != SYMBOL_ABSENT;
}

/* The first word of "name [module]", the last of "0x…-0x…\tname". */
struct wanted {
	const char *name;
	bool is_last_word;
};

static int meet_name(void *data, const char *line)
{
	const struct wanted *wanted = data;
	size_t length = strlen(wanted->name);
	const char *tab = wanted->is_last_word ? strchr(line, '\t') : NULL;
	if (wanted->is_last_word && !tab)
		return 0;
	const char *word = tab ? tab + 1 : line;
	return strncmp(word, wanted->name, length) == 0 && (!word[length] || word[length] == ' ');
}

int lade_function_is_blacklisted(struct kernel *kernel, const struct function_lists *lists, const char *name)
{
	struct wanted wanted = { without_module(name), true };
	if (kernel->recorded_version)
		return -ENOENT;
	return lade_lines_each(lists && lists->blacklist ? lists->blacklist : BLACKLIST, meet_name, &wanted);
}

/* The list of tracefs below its usual places, or the test's. */
static int find_list(struct kernel *kernel, const char *given, const char *name, char path[PATH_MAX])
{
	const char *tracefs = NULL;
	if (given)
		return snprintf(path, PATH_MAX, "%s", given) < PATH_MAX ? 0 : -ENAMETOOLONG;
	if (kernel->recorded_version)
		return -ENOENT;
	int result = lade_kernel_tracefs(kernel, false, &tracefs, NULL);
	if (result < 0)
		return result;
	return snprintf(path, PATH_MAX, "%s/%s", tracefs, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int lade_function_is_traceable(struct kernel *kernel, const struct function_lists *lists, const char *name)
{
	struct wanted wanted = { without_module(name), false };
	char path[PATH_MAX];
	int result = find_list(kernel, lists ? lists->traceable : NULL, "available_filter_functions", path);
	return result < 0 ? result : lade_lines_each(path, meet_name, &wanted);
}

/* ---- what may have been meant ---- */

/* "ffffffff81000000 T name\t[module]": the name of a function, cut into place; NULL: something else. */
static const char *symbol_name(const char *line, char *name, size_t size)
{
	size_t digits = strspn(line, "0123456789abcdef");
	if (!digits || line[digits] != ' ' || !line[digits + 1] || !strchr("tTwW", line[digits + 1]) ||
	    line[digits + 2] != ' ')
		return NULL;
	const char *start = line + digits + 3;
	size_t length = strcspn(start, "\t ");
	if (!length || length >= size)
		return NULL;
	memcpy(name, start, length);
	name[length] = '\0';
	return name;
}

static bool is_known(const struct similar_names *similar, const char *name)
{
	for (size_t i = 0; i < similar->count; i++)
		if (strcmp(similar->names[i], name) == 0)
			return true;
	return false;
}

/* A name that goes on where the wanted one ends is nearer than its length says: do_execve, do_execveat_common. */
static void consider(struct function_search *search, const char *name)
{
	const char *wanted = search->similar.wanted;
	size_t length = strlen(wanted), stem = lade_function_stem(name);
	if (length < 3 || strncmp(name, "__pfx_", 6) == 0 || is_known(&search->similar, name))
		return;
	bool begins = strncmp(name, wanted, length) == 0;
	if (begins && stem == length) {
		if (!*search->variant)
			(void)snprintf(search->variant, sizeof search->variant, "%s", name);
		lade_similar_add(&search->similar, name, 0);
	} else if (begins) {
		lade_similar_add(&search->similar, name, 2 + (unsigned)(stem - length) / 4);
	} else {
		lade_similar_consider(&search->similar, name);
	}
}

static int visit_symbol(void *data, const char *line)
{
	char name[128];
	if (symbol_name(line, name, sizeof name))
		consider(data, name);
	return 0;
}

void lade_function_search(struct kernel *kernel, const struct function_lists *lists, const char *name,
			  struct function_search *ret_search)
{
	*ret_search = (struct function_search){ .similar.wanted = without_module(name) };
	const char *path = lists && lists->symbols    ? lists->symbols
			   : kernel->recorded_version ? NULL
						      : "/proc/kallsyms";
	if (path)
		(void)lade_lines_each(path, visit_symbol, ret_search);
}
