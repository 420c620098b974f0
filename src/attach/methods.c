/* SPDX-License-Identifier: BSD-2-Clause */
/* Program type and section on one side, kind of target on the other: which method attaches. */
#include <linux/bpf.h>
#include <string.h>

#include "attach/method.h"

/* First row that fits wins. */
static const struct method_row methods[] = {
	{ BPF_PROG_TYPE_TRACEPOINT, NULL, "tracepoint", false, 0, DEFAULT_SECTION, lade_attach_tracepoint },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, "raw_tracepoint", false, 0, DEFAULT_SECTION, lade_attach_raw_tracepoint },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, NULL, "raw_tracepoint", false, 0, DEFAULT_SECTION,
	  lade_attach_raw_tracepoint },
	{ BPF_PROG_TYPE_PERF_EVENT, NULL, "perf_event", false, KIND(TARGET_PID), DEFAULT_KNOWN,
	  lade_attach_perf_event },
	{ BPF_PROG_TYPE_KPROBE, "uprobe", "uprobe", false, KIND(TARGET_FILE), DEFAULT_SECTION, lade_attach_uprobe },
	{ BPF_PROG_TYPE_KPROBE, "uprobe.s", "uprobe", false, KIND(TARGET_FILE), DEFAULT_SECTION, lade_attach_uprobe },
	{ BPF_PROG_TYPE_KPROBE, "uretprobe", "uprobe", true, KIND(TARGET_FILE), DEFAULT_SECTION, lade_attach_uprobe },
	{ BPF_PROG_TYPE_KPROBE, "uretprobe.s", "uprobe", true, KIND(TARGET_FILE), DEFAULT_SECTION, lade_attach_uprobe },
	{ BPF_PROG_TYPE_SOCKET_FILTER, NULL, "socket", false, KIND(TARGET_DEVICE), DEFAULT_NONE, lade_attach_socket },
	{ BPF_PROG_TYPE_TRACING, "tp_btf", "tp_btf", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "tp_btf.s", "tp_btf", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fentry", "fentry", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fentry.s", "fentry", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fexit", "fexit", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fexit.s", "fexit", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fmod_ret", "fmod_ret", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fmod_ret.s", "fmod_ret", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fsession", "fsession", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "fsession.s", "fsession", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_TRACING, "iter", "iter", false, 0, DEFAULT_KNOWN, lade_attach_iterator },
	{ BPF_PROG_TYPE_TRACING, "iter.s", "iter", false, 0, DEFAULT_KNOWN, lade_attach_iterator },
	{ BPF_PROG_TYPE_TRACING, "task_iter", "iter", false, 0, DEFAULT_KNOWN, lade_attach_iterator },
	{ BPF_PROG_TYPE_LSM, "lsm", "lsm", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_LSM, "lsm.s", "lsm", false, 0, DEFAULT_KNOWN, lade_attach_traced },
	{ BPF_PROG_TYPE_EXT, NULL, "freplace", false, 0, DEFAULT_KNOWN, lade_attach_traced },
};

/* The section's words before its first slash, for programs that no row of the section table typed. */
bool lade_attach_has_prefix(const struct attach_program *program, const char *prefix)
{
	if (program->row)
		return strcmp(program->row->prefix, prefix) == 0;
	size_t length = strcspn(program->section, "/");
	return strlen(prefix) == length && strncmp(program->section, prefix, length) == 0;
}

static const struct method_row *find_method(const struct attach_program *program)
{
	for (size_t i = 0; i < ELEMENTS(methods); i++)
		if (methods[i].program_type == program->type &&
		    (!methods[i].prefix || lade_attach_has_prefix(program, methods[i].prefix)))
			return &methods[i];
	return NULL;
}

static const struct method_row kprobe_on_file = { BPF_PROG_TYPE_KPROBE, NULL,         "uprobe",          false,
						  KIND(TARGET_FILE),    DEFAULT_NONE, lade_attach_uprobe };

/* A kprobe program and a uprobe program are the same type: one that is given a file becomes a uprobe. */
const struct method_row *lade_attach_method(const struct attach_program *program, enum target_kind target)
{
	const struct method_row *row = find_method(program);
	bool is_plain_kprobe = program->type == BPF_PROG_TYPE_KPROBE && (lade_attach_has_prefix(program, "kprobe") ||
									 lade_attach_has_prefix(program, "kretprobe"));
	return !row && is_plain_kprobe && target == TARGET_FILE ? &kprobe_on_file : row;
}
