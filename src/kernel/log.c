/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/log.h"

#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "kernel/attr.h"
#include "object/sections_table.h"

static void add_name(struct strbuf *line, const char *const *names, size_t count, uint32_t number)
{
	if (number < count && names[number])
		lade_strbuf_add(line, names[number]);
	else
		lade_strbuf_addf(line, "%u", number);
}

static void add_map_create(struct strbuf *line, const void *attr)
{
	const struct attr_map_create *map = attr;
	lade_strbuf_add(line, " ");
	add_name(line, lade_map_names, lade_map_name_count, map->map_type);
	lade_strbuf_addf(line, " \"%.15s\" key=%u value=%u entries=%u flags=0x%x", map->map_name, map->key_size,
			 map->value_size, map->max_entries, map->map_flags);
}

static void add_prog_load(struct strbuf *line, const void *attr)
{
	const struct attr_prog_load *program = attr;
	lade_strbuf_add(line, " ");
	add_name(line, lade_program_names, lade_program_name_count, program->prog_type);
	lade_strbuf_addf(line, " \"%.15s\" instructions=%u log_level=%u", program->prog_name, program->insn_cnt,
			 program->log_level);
	if (program->attach_btf_id)
		lade_strbuf_addf(line, " attach_btf_id=%u", program->attach_btf_id);
	if (program->attach_prog_fd)
		lade_strbuf_addf(line, " of fd=%u", program->attach_prog_fd);
	if (program->prog_ifindex)
		lade_strbuf_addf(line, " ifindex=%u", program->prog_ifindex);
}

static void add_btf_load(struct strbuf *line, const void *attr)
{
	lade_strbuf_addf(line, " bytes=%u", ((const struct attr_btf_load *)attr)->btf_size);
}

static void add_map_fd(struct strbuf *line, const void *attr)
{
	lade_strbuf_addf(line, " map=%u", ((const struct attr_map_elem *)attr)->map_fd);
}

static void add_path(struct strbuf *line, const void *attr)
{
	const struct attr_obj *object = attr;
	lade_strbuf_addf(line, " %s", object->pathname ? (const char *)(uintptr_t)object->pathname : "(null)");
}

static void add_link_create(struct strbuf *line, const void *attr)
{
	const struct attr_link_create *link = attr;
	lade_strbuf_addf(line, " program=%u target=%u type=", link->prog_fd, link->target_fd);
	add_name(line, lade_attach_names, lade_attach_name_count, link->attach_type);
}

static void add_prog_attach(struct strbuf *line, const void *attr)
{
	const struct attr_prog_attach *attach = attr;
	lade_strbuf_addf(line, " program=%u target=%u type=", attach->attach_bpf_fd, attach->target_fd);
	add_name(line, lade_attach_names, lade_attach_name_count, attach->attach_type);
	if (attach->attach_flags)
		lade_strbuf_addf(line, " flags=0x%x", attach->attach_flags);
}

static void add_prog_query(struct strbuf *line, const void *attr)
{
	const struct attr_prog_query *query = attr;
	lade_strbuf_addf(line, " target=%u type=", query->target_fd);
	add_name(line, lade_attach_names, lade_attach_name_count, query->attach_type);
}

static void add_raw_tracepoint(struct strbuf *line, const void *attr)
{
	const struct attr_raw_tracepoint_open *open = attr;
	lade_strbuf_addf(line, " %s program=%u", open->name ? (const char *)(uintptr_t)open->name : "(null)",
			 open->prog_fd);
}

static const struct {
	int command;
	void (*add)(struct strbuf *line, const void *attr);
} details[] = {
	{ BPF_MAP_CREATE, add_map_create },
	{ BPF_PROG_LOAD, add_prog_load },
	{ BPF_BTF_LOAD, add_btf_load },
	{ BPF_MAP_LOOKUP_ELEM, add_map_fd },
	{ BPF_MAP_UPDATE_ELEM, add_map_fd },
	{ BPF_MAP_DELETE_ELEM, add_map_fd },
	{ BPF_MAP_FREEZE, add_map_fd },
	{ BPF_OBJ_PIN, add_path },
	{ BPF_OBJ_GET, add_path },
	{ BPF_LINK_CREATE, add_link_create },
	{ BPF_PROG_ATTACH, add_prog_attach },
	{ BPF_PROG_DETACH, add_prog_attach },
	{ BPF_PROG_QUERY, add_prog_query },
	{ BPF_RAW_TRACEPOINT_OPEN, add_raw_tracepoint },
};

static void add_result(struct strbuf *line, int result)
{
	const char *name = result < 0 ? strerrorname_np(-result) : NULL;
	lade_strbuf_addf(line, " = %d", result);
	if (name)
		lade_strbuf_addf(line, " (%s)", name);
}

static void emit(const struct log_sink *sink, struct strbuf *line, int result)
{
	add_result(line, result);
	if (!line->failed)
		sink->fn(sink->userdata, LADE_LOG_DEBUG, line->text);
	lade_strbuf_clear(line);
}

void lade_kernel_log_bpf(const struct log_sink *sink, int command, const void *attr, int result)
{
	struct strbuf line = { 0 };
	if (command >= 0 && (size_t)command < lade_command_name_count && lade_command_names[command])
		lade_strbuf_add(&line, lade_command_names[command]);
	else
		lade_strbuf_addf(&line, "bpf(%d)", command);
	for (size_t i = 0; i < ELEMENTS(details); i++)
		if (details[i].command == command)
			details[i].add(&line, attr);
	emit(sink, &line, result);
}

void lade_kernel_log_call(const struct log_sink *sink, int result, const char *format, ...)
{
	struct strbuf line = { 0 };
	va_list arguments;
	va_start(arguments, format);
	lade_strbuf_addv(&line, format, arguments);
	va_end(arguments);
	emit(sink, &line, result);
}
