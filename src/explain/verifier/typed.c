/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "func 'sched_switch' arg2 has btf_id 186 type STRUCT 'task_struct'": the arguments have the types of this kernel. One
 * that is a number nevertheless is no pointer to a structure: the source counts another kernel's arguments.
 */
#include "explain/verifier/typed.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/text.h"

#define POINTER 8

/* "func 'NAME' arg2 has btf_id …": the name; length 0: the log has no such line. */
static struct span function_of(const char *log)
{
	static const char mark[] = " has btf_id ", begin[] = "func '";
	const char *at = log ? lade_search(log, strlen(log), mark, strlen(mark)) : NULL, *start, *end;

	if (!at)
		return (struct span){ "", 0 };
	start = memrchr(log, '\n', (size_t)(at - log));
	start = start ? start + 1 : log;
	start = lade_search(start, (size_t)(at - start), begin, strlen(begin));
	start = start ? start + strlen(begin) : at;
	end = memchr(start, '\'', (size_t)(at - start));
	return (struct span){ start, end ? (size_t)(end - start) : 0 };
}

/* "r2 = *(u64 *)(r7 +8)": argument 1; -1: it reads none. */
static int argument_of(const struct verifier_step *step)
{
	const char *at = lade_search(step->line.text.text, step->line.text.length, "*(u64 *)(r", 10);
	char copy[32];
	int reg, offset;

	if (!at)
		return -1;
	(void)snprintf(copy, sizeof copy, "%.*s", (int)(step->line.text.text + step->line.text.length - at), at);
	return sscanf(copy, "*(u64 *)(r%2d %6d)", &reg, &offset) == 2 && offset >= 0 && offset % POINTER == 0
		       ? offset / POINTER
		       : -1;
}

/* The list of arguments changed once, and then again. */
static const char *history_of(const struct span *name)
{
	static const char sched_switch[] = "sched_switch";

	return name->length == strlen(sched_switch) && memcmp(name->text, sched_switch, name->length) == 0
		       ? " (sched_switch: preempt, prev, next, and prev_state, which 5.18 brought: as the second one "
			 "in its first candidates and in kernels that took that version, then as the last)"
		       : "";
}

bool lade_verifier_typed(const struct verifier_origin *origin, const struct verifier_step *step,
			 struct lade_finding *finding)
{
	const struct span name = function_of(origin->log);
	const int argument = argument_of(step);

	if (!name.length || argument < 0)
		return false;
	CLEANUP(cleanup_free) char *text = lade_text_of(&name);
	finding_cause(finding,
		      "R%d is argument %d of %s (counted from 0), which is no pointer to a structure in this kernel's "
		      "types, while others are: the source counts the arguments of another prototype of it (another "
		      "kernel's), or this one is a number or a pointer to void, characters or numbers, whatever the "
		      "source makes of it by a cast",
		      origin->reg, argument, text ? text : "");
	finding_fix(
		finding,
		"if it is void * or char * there: copy what it points to with bpf_probe_read_kernel() (an address of "
		"a process: bpf_probe_read_user()); else compare with this kernel's list (of a tracepoint: bpftool btf "
		"dump file "
		"/sys/kernel/btf/vmlinux, btf_trace_%s, whose first parameter does not count; of a function: %s) "
		"and take the arguments in its order, best by BPF_PROG(name, …)%s; or a newer version of the tool",
		text ? text : "", text ? text : "", history_of(&name));
	return true;
}
