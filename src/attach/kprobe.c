/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kprobes: a breakpoint in a function of the kernel. By the event source "kprobe" of perf (since 4.17), else by a
 * tracing event.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/function.h"
#include "attach/tracing_event.h"
#include "kernel/functions.h"

static int attach_by_source(struct attach_call *call, const struct function_place *place, struct perf_event_attr *attr)
{
	attr->kprobe_func = (uintptr_t)place->name;
	attr->probe_offset = place->offset;
	int fd = call->kernel->calls->perf_event_open(call->kernel, attr, -1, lade_first_online_cpu(call->kernel), -1,
						      PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_PERF_EVENT_OPEN, place->text, fd);
	return lade_attach_event(call, place->text, fd);
}

static int attach(struct attach_call *call, const struct function_place *place)
{
	struct perf_event_attr attr = { .size = sizeof attr, .disabled = 1 };
	const struct tracing_event event = { "kprobe_events", place->text, place->text };
	int result = lade_function_check(call, place->name);
	if (result < 0)
		return result;
	return lade_event_source("kprobe", call->is_return, &attr) == 0 ? attach_by_source(call, place, &attr)
									: lade_attach_tracing_event(call, &event);
}

/* ---- functions of system calls ---- */

#if defined __x86_64__
#define PREFIX "__x64_sys_"
#elif defined __i386__
#define PREFIX "__ia32_sys_"
#elif defined __aarch64__
#define PREFIX "__arm64_sys_"
#elif defined __s390x__
#define PREFIX "__s390x_sys_"
#elif defined __riscv
#define PREFIX "__riscv_sys_"
#elif defined __loongarch__
#define PREFIX "__loongarch_sys_"
#else
#define PREFIX NULL
#endif

const char *lade_system_call_prefix(void)
{
	return PREFIX;
}

/* Wrapped (since 4.17 on x86-64); what takes the arguments in registers; the name before 4.17. */
static const char *const prefixes[] = { PREFIX, "__se_sys_", "SyS_", "sys_" };

/* The first that the kernel has; NULL: none. name: without any prefix. */
static char *find_system_call(struct attach_call *call, const char *name)
{
	for (size_t i = 0; i < ELEMENTS(prefixes); i++) {
		char *function = NULL;
		if (!prefixes[i] || asprintf(&function, "%s%s", prefixes[i], name) < 0)
			continue;
		if (lade_function_exists(call->kernel, function) == 1)
			return function;
		free(function);
	}
	return NULL;
}

static int rename_place(struct attach_call *call, struct function_place *place, char *name)
{
	free(place->name);
	place->name = name;
	return lade_function_place_name(call, place);
}

int lade_attach_system_call(struct attach_call *call)
{
	CLEANUP(lade_function_place_clear) struct function_place place = { 0 };
	const char *prefix = lade_system_call_prefix();
	int result = lade_function_place(call, &place);
	if (result < 0)
		return result;
	char *function = find_system_call(call, place.name);
	if (!function && asprintf(&function, "%s%s", prefix ? prefix : "sys_", place.name) < 0)
		return lade_fail_memory(call->error);
	result = rename_place(call, &place, function);
	return result < 0 ? result : attach(call, &place);
}

/* The old samples say sys_write and mean whatever it is called; their loader tried "__x64_sys_write" as well. */
static int follow_samples(struct attach_call *call, struct function_place *place)
{
	const struct section_row *row = call->program->row;
	bool is_sample = row && strcmp(row->dialect, "samples") == 0;
	if (!is_sample || strncmp(place->name, "sys_", 4) != 0 || lade_function_exists(call->kernel, place->name) != 0)
		return 0;
	char *function = find_system_call(call, place->name + 4);
	return function ? rename_place(call, place, function) : 0;
}

int lade_attach_kprobe(struct attach_call *call)
{
	CLEANUP(lade_function_place_clear) struct function_place place = { 0 };
	int result = lade_function_place(call, &place);
	if (result == 0)
		result = follow_samples(call, &place);
	return result < 0 ? result : attach(call, &place);
}
