/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdict.h"

#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "kernel_objects.h"
#include "types.h"

/* FNV-1a: nobody attacks these. */
static uint64_t digest(const void *bytes, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (const unsigned char *at = bytes, *end = at + length; at < end; at++)
		hash = (hash ^ *at) * 0x100000001b3;
	return hash;
}

void print_json_string(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (const unsigned char *at = (const void *)text; *at; at++)
		if (*at == '"' || *at == '\\')
			(void)fprintf(out, "\\%c", *at);
		else if (*at < 0x20 || *at >= 0x7f) // sources may hold any bytes; the judge only compares
			(void)fprintf(out, "\\u%04x", *at);
		else
			(void)fputc(*at, out);
	(void)fputc('"', out);
}

/* The text itself, or what tells it from others. */
static void print_text(FILE *out, const char *text, bool full)
{
	if (full)
		print_json_string(out, text);
	else
		(void)fprintf(out, "\"%016llx\"", (unsigned long long)digest(text, strlen(text)));
}

static const char *const part_names[CAPTURE_PARTS] = {
	[CAPTURE_ATTRIBUTES] = "attributes",
	[CAPTURE_INSTRUCTIONS] = "instructions",
	[CAPTURE_FUNC_INFO] = "func_info",
	[CAPTURE_LINE_INFO] = "line_info",
};

static void print_program(FILE *out, const struct loaded_thing *thing, bool full)
{
	const struct captured_program *program = capture_find(kernel_program_id(thing->fd));

	(void)fputs("{\"name\": ", out);
	print_json_string(out, thing->name);
	for (unsigned part = 0; program && part < CAPTURE_PARTS; part++) {
		(void)fprintf(out, ", \"%s\": ", part_names[part]);
		print_text(out, program->text[part], full || part == CAPTURE_ATTRIBUTES);
	}
	if (program)
		(void)fprintf(out, ", \"instruction_count\": %u", program->instruction_count);
	(void)fputc('}', out);
}

static void print_map_types(FILE *out, const struct bpf_map_info *info)
{
	int fd = info->btf_id ? kernel_btf_open(info->btf_id) : -1;
	const struct types *types = fd >= 0 ? types_of(fd) : NULL;
	char *text = NULL;
	size_t length;
	FILE *words = open_memstream(&text, &length);

	if (!words)
		abort();
	if (types && (info->btf_key_type_id || info->btf_value_type_id)) {
		types_print(words, types, info->btf_key_type_id);
		(void)fputs(" -> ", words);
		types_print(words, types, info->btf_value_type_id);
	}
	(void)fclose(words);
	(void)fputs(", \"types\": ", out);
	print_json_string(out, text);
	free(text);
	if (fd >= 0)
		(void)close(fd);
}

/* Of .data, .rodata, .bss, .kconfig: the initial values are part of what was loaded. */
static void print_map_content(FILE *out, int fd, const struct bpf_map_info *info)
{
	void *value;

	if (info->type != BPF_MAP_TYPE_ARRAY || info->max_entries != 1)
		return;
	value = kernel_map_value(fd, info);
	if (value)
		(void)fprintf(out, ", \"content\": \"%016llx\"", (unsigned long long)digest(value, info->value_size));
	free(value);
}

static void print_map(FILE *out, const struct loaded_thing *thing)
{
	struct bpf_map_info info;

	(void)fputs("{\"name\": ", out);
	if (kernel_map_info(thing->fd, &info)) {
		print_json_string(out, info.name);
		(void)fprintf(
			out,
			", \"attributes\": \"type %u key %u value %u entries %u flags 0x%x extra 0x%llx interface %u "
			"kernel type %u\"",
			info.type, info.key_size, info.value_size, info.max_entries, info.map_flags,
			(unsigned long long)info.map_extra, info.ifindex, info.btf_vmlinux_value_type_id);
		print_map_types(out, &info);
		print_map_content(out, thing->fd, &info);
	} else {
		print_json_string(out, thing->name);
	}
	(void)fputc('}', out);
}

/* Programs of one object share their types. */
static void print_types(FILE *out, const struct loaded *loaded, bool full)
{
	uint32_t id = 0;

	for (size_t i = 0; i < loaded->program_count && !id; i++)
		if (loaded->programs[i].fd >= 0)
			id = kernel_program_btf(loaded->programs[i].fd);
	int fd = id ? kernel_btf_open(id) : -1;
	const struct types *types = fd >= 0 ? types_of(fd) : NULL;
	char *text = NULL;
	size_t length;
	FILE *words = open_memstream(&text, &length);

	if (!words)
		abort();
	if (types)
		types_print_all(words, types);
	(void)fclose(words);
	(void)fputs(", \"types\": ", out);
	print_text(out, text, full);
	free(text);
}

void print_loaded(FILE *out, const struct loaded *loaded, bool full)
{
	const char *separator = "";

	(void)fputs("\"programs\": [", out);
	for (size_t i = 0; i < loaded->program_count; i++)
		if (loaded->programs[i].fd >= 0) {
			(void)fputs(separator, out);
			print_program(out, &loaded->programs[i], full);
			separator = ", ";
		}
	(void)fputs("], \"maps\": [", out);
	separator = "";
	for (size_t i = 0; i < loaded->map_count; i++)
		if (loaded->maps[i].fd >= 0) {
			(void)fputs(separator, out);
			print_map(out, &loaded->maps[i]);
			separator = ", ";
		}
	(void)fputc(']', out);
	print_types(out, loaded, full);
}
