/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of the kernel that programs are attached to: is there one of this name, may it be probed, and what may have
 * been meant. /proc/kallsyms has the symbols, available_filter_functions of tracefs what ftrace can reach, and
 * kprobes/blacklist of debugfs what kprobes must leave alone; each may be missing or closed to this process.
 */
#ifndef LADE_KERNEL_FUNCTIONS_H
#define LADE_KERNEL_FUNCTIONS_H

#include "base/similar.h"
#include "kernel/kernel.h"

/* Each list may be named by a test; NULL: this machine's. */
struct function_lists {
	const char *symbols;   /* "ffffffff81000000 T name\t[module]" */
	const char *traceable; /* "name", "name [module]" */
	const char *blacklist; /* "0xffffffff81000000-0xffffffff81000010\tname" */
};

/* For every line without its end, until visit returns other than 0: that is the result. -errno of opening or reading.
 */
int lade_lines_each(const char *path, int (*visit)(void *data, const char *line), void *data);

/* 1, 0, or a negative errno when it could not be found out. A name may be "MODULE:NAME". */
int lade_function_exists(struct kernel *kernel, const char *name);
int lade_function_is_blacklisted(struct kernel *kernel, const struct function_lists *lists, const char *name);
int lade_function_is_traceable(struct kernel *kernel, const struct function_lists *lists, const char *name);

/* "execve" of "__x64_sys_execve", "sys_execve", "do_execve"; NULL: it does not look like one. Points into name. */
const char *lade_function_system_call(const char *name);
/* The name before ".isra.0", ".constprop.0", ".part.0", ".cold", ".llvm.123": its length. */
size_t lade_function_stem(const char *name);

/* Functions that may have been meant: variants the compiler made of it, longer names, near names. */
struct function_search {
	struct similar_names similar;
	char variant[128]; /* "" or a copy that the compiler made of the wanted function: "NAME.isra.0" */
};
/* To be cleared with lade_similar_clear(). 0 also when no list can be read: then nothing is found. */
void lade_function_search(struct kernel *kernel, const struct function_lists *lists, const char *name,
			  struct function_search *ret_search);

/*
 * Every function that ftrace reaches and whose name matches a shell pattern. address 0: not known (before 6.5).
 * Falls back to the symbols where the list cannot be read.
 */
struct matched_function {
	char *name;
	uint64_t address;
	bool is_module;
};
struct matched_functions {
	struct matched_function *items;
	size_t count, capacity;
};
int lade_function_match(struct kernel *kernel, const struct function_lists *lists, const char *pattern,
			struct matched_functions *ret_functions);
void lade_matched_functions_clear(struct matched_functions *functions);

#endif
