/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uprobes: a breakpoint at an offset in a file, for every process that maps it. By the PMU "uprobe" (since
 * 4.17), whose number and return bit sysfs tells.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/method.h"
#include "elf/elf.h"

#define UPROBE_PMU "/sys/bus/event_source/devices/uprobe/"

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

static int fail_no_pmu(struct attach_call *call, const char *path, int result)
{
	struct lade_finding *finding = lade_error_add(call->error, ENOENT, "attach.uprobe.absent",
						      "%s: this kernel has no uprobe events", call->program->name);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "%s: %s", path, strerror(-result));
	return -ENOENT;
}

static int describe_event(struct attach_call *call, struct perf_event_attr *attr)
{
	unsigned long type, bit = 0;
	int result = read_number_after(UPROBE_PMU "type", "", UINT32_MAX, &type);
	if (result < 0)
		return fail_no_pmu(call, UPROBE_PMU "type", result);
	if (call->is_return)
		result = read_number_after(UPROBE_PMU "format/retprobe", "config:", 63, &bit);
	if (result < 0)
		return fail_no_pmu(call, UPROBE_PMU "format/retprobe", result);
	attr->type = (uint32_t)type;
	attr->config |= call->is_return ? 1ULL << bit : 0;
	return 0;
}

/* Where to: file, symbol and offset, all resolved. */
struct place {
	char *path;
	char *symbol;
	uint64_t addend, file_offset;
	char *text; /* for messages and lists */
};

static void place_clear(struct place *place)
{
	free(place->path);
	free(place->symbol);
	free(place->text);
}

static int fail_place(struct attach_call *call, const char *code, int errnum, const char *text)
{
	struct lade_finding *finding = lade_error_add(call->error, errnum, code, "%s: \"%s\" (section %s)",
						      call->program->name, text, call->program->section);
	finding_program(finding, call->program->name);
	return -errnum;
}

/* `file:PATH` leaves the symbol to a section like "uprobe/readline". */
static int take_symbol_of_section(struct attach_call *call, struct place *place)
{
	const char *symbol = call->program->attach_target;
	if (!symbol || !*symbol || strchr(symbol, ':') || strchr(symbol, '/'))
		return fail_place(call, "attach.uprobe.no-symbol", EDESTADDRREQ, place->path);
	char *text = NULL, *path = NULL;
	if (asprintf(&text, "%s:%s", place->path, symbol) < 0)
		return lade_fail_memory(call->error);
	int result = lade_uprobe_split(text, &path, &place->symbol, &place->addend);
	free(text);
	free(path);
	return result == -ENOMEM ? lade_fail_memory(call->error)
	       : result < 0      ? fail_place(call, "attach.uprobe.no-symbol", EDESTADDRREQ, symbol)
				 : 0;
}

static int read_target(struct attach_call *call, struct place *place)
{
	const struct attach_target *target = call->target;
	if (target->kind == TARGET_FILE) {
		place->path = strdup(target->name);
		place->symbol = target->symbol ? strdup(target->symbol) : NULL;
		place->addend = target->offset;
		return place->path && (!target->symbol || place->symbol) ? 0 : lade_fail_memory(call->error);
	}
	int result = lade_uprobe_split(call->program->attach_target, &place->path, &place->symbol, &place->addend);
	return result == -ENOMEM ? lade_fail_memory(call->error)
	       : result < 0 ? fail_place(call, "attach.uprobe.no-symbol", EDESTADDRREQ, call->program->attach_target)
			    : 0;
}

static int find_file(struct attach_call *call, struct place *place)
{
	char *found = lade_uprobe_find_file(place->path);
	if (!found)
		return fail_place(call, "attach.uprobe.file", ENOENT, place->path);
	free(place->path);
	place->path = found;
	return 0;
}

/* A symbol that is a number is an offset in the file. */
static int find_offset(struct attach_call *call, struct place *place)
{
	if (place->symbol[0] < '0' || place->symbol[0] > '9') {
		int result = lade_elf_function_offset(place->path, place->symbol, place->addend, &place->file_offset,
						      call->error);
		return lade_error_context(call->error, result, "attaching %s", call->program->name);
	}
	char *end;
	errno = 0;
	unsigned long long offset = strtoull(place->symbol, &end, 0);
	if (errno || *end || __builtin_add_overflow(offset, place->addend, &place->file_offset))
		return fail_place(call, "attach.uprobe.no-symbol", EINVAL, place->symbol);
	return 0;
}

static int name_place(struct attach_call *call, struct place *place)
{
	struct strbuf text = { 0 };
	lade_strbuf_addf(&text, "%s:%s", place->path, place->symbol);
	if (place->addend)
		lade_strbuf_addf(&text, "+%#llx", (unsigned long long)place->addend);
	place->text = lade_strbuf_take(&text);
	return place->text ? 0 : lade_fail_memory(call->error);
}

static int find_place(struct attach_call *call, struct place *place)
{
	int result = read_target(call, place);
	if (result == 0 && !place->symbol)
		result = take_symbol_of_section(call, place);
	if (result == 0 && call->is_return && place->addend)
		result = fail_place(call, "attach.uprobe.return-offset", EINVAL, place->symbol);
	if (result == 0)
		result = find_file(call, place);
	if (result == 0)
		result = find_offset(call, place);
	return result == 0 ? name_place(call, place) : result;
}

static int open_event(struct attach_call *call, const struct place *place, struct perf_event_attr *attr)
{
	attr->uprobe_path = (uintptr_t)place->path;
	attr->probe_offset = place->file_offset;
	int fd = call->kernel->calls->perf_event_open(call->kernel, attr, -1, lade_first_online_cpu(call->kernel), -1,
						      PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? lade_attach_refused(call, OPERATION_PERF_EVENT_OPEN, place->text, fd) : fd;
}

int lade_attach_uprobe(struct attach_call *call)
{
	struct perf_event_attr attr = { .size = sizeof attr, .disabled = 1 };
	CLEANUP(place_clear) struct place place = { 0 };
	int result = find_place(call, &place);
	if (result == 0)
		result = describe_event(call, &attr);
	if (result < 0)
		return result;
	int fd = open_event(call, &place, &attr);
	return fd < 0 ? fd : lade_attach_event(call, place.text, fd);
}
