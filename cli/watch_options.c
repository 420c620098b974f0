/* SPDX-License-Identifier: BSD-2-Clause */
#include "watch_options.h"

#include <stdlib.h>
#include <string.h>

static int read_types(struct cli *cli, struct watch_options *options)
{
	size_t count = cli_count(cli, "record"), position = 0, filled = 0;
	options->types = calloc(count + 1, sizeof *options->types);
	options->type_maps = calloc(count + 1, sizeof *options->type_maps);
	if (!options->types || !options->type_maps)
		return cli_fail_memory(cli);
	options->stream.types = options->types;
	for (const char *text; (text = cli_next_value(cli, "record", &position)); filled++) {
		const char *type = text;
		char *map = cli_split(text, &type);
		options->type_maps[filled] = map;
		if (!*type || (map && !*map))
			return cli_usage(cli, "--record: '%s' is no [MAP=]STRUCT", text);
		options->types[filled] = (struct lade_record_type){ .map = map, .type = type };
		options->stream.type_count = filled + 1;
	}
	return -1;
}

static size_t count_commas(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += *text == ',';
	return count;
}

static int read_fields(struct cli *cli, struct watch_options *options)
{
	size_t position = 0, room = 0, filled = 0;
	for (const char *text; (text = cli_next_value(cli, "fields", &position));)
		room += count_commas(text) + 1;
	options->fields = calloc(room + 1, sizeof *options->fields);
	if (!options->fields)
		return cli_fail_memory(cli);
	position = 0;
	for (const char *text; (text = cli_next_value(cli, "fields", &position));) {
		for (const char *at = text;; at++) {
			size_t length = strcspn(at, ",");
			if (!length)
				return cli_usage(cli, "--fields: '%s' is no list A,B.C", text);
			options->fields[filled] = strndup(at, length);
			if (!options->fields[filled++])
				return cli_fail_memory(cli);
			at += length;
			if (!*at)
				break;
		}
	}
	options->stream.fields = (const char *const *)options->fields;
	options->stream.field_count = filled;
	return -1;
}

int watch_options_read(struct cli *cli, struct watch_options *options)
{
	const char *buffer = cli_value(cli, "buffer"), *count = cli_value(cli, "count");
	uint64_t bytes = 0;
	options->stream.size = sizeof options->stream;
	int code = cli_seconds(cli, "for", 0, &options->seconds);
	if (code < 0)
		code = cli_seconds(cli, "every", 0.01, &options->every);
	if (code < 0)
		code = read_types(cli, options);
	if (code < 0)
		code = read_fields(cli, options);
	if (code < 0 && buffer && !cli_bytes(cli, "buffer", buffer, UINT64_C(1) << 30, &bytes))
		code = EXIT_USAGE;
	if (code < 0 && count && !cli_number(cli, "count", count, UINT64_MAX, &options->count))
		code = EXIT_USAGE;
	if (code < 0 && count && !options->count)
		code = cli_usage(cli, "--count: 0 records are none");
	options->stream.perf_buffer_bytes = (size_t)bytes;
	options->stream.hex = cli_flag(cli, "hex");
	options->stream.unordered = cli_flag(cli, "unordered");
	return code;
}

void watch_options_clear(struct watch_options *options)
{
	for (size_t i = 0; options->type_maps && i < options->stream.type_count + 1; i++)
		free(options->type_maps[i]);
	for (size_t i = 0; options->fields && options->fields[i]; i++)
		free(options->fields[i]);
	free(options->type_maps);
	free(options->types);
	free(options->fields);
}
