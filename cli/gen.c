/* SPDX-License-Identifier: BSD-2-Clause */
/* lade gen: source text for people who write BPF programs. What there is to be made is a table. */
#include <string.h>

#include "cli.h"

const struct cli_option verb_gen_options[] = { { 0 } };

static struct json_object *field_json(const struct lade_tracepoint_field *field)
{
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "name", field->name);
	cli_json_string(json, "type", field->type);
	cli_json_number(json, "offset", field->offset);
	cli_json_number(json, "size", field->bytes);
	cli_json_number(json, "elements", field->elements);
	cli_json_bool(json, "signed", field->is_signed);
	cli_json_bool(json, "common", field->is_common);
	cli_json_bool(json, "dynamic", field->is_dynamic);
	return json;
}

static int tracepoint_json(const struct cli *cli, const struct lade_tracepoint *tracepoint)
{
	struct json_object *document = cli_json_document(true);
	if (!document)
		return cli_fail_memory(cli);
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "name", lade_tracepoint_name(tracepoint));
	cli_json_number(json, "id", lade_tracepoint_id(tracepoint));
	cli_json_number(json, "size", lade_tracepoint_size(tracepoint));
	struct json_object *fields = cli_json_array(json, "fields");
	for (size_t i = 0; i < lade_tracepoint_field_count(tracepoint); i++) {
		struct lade_tracepoint_field field = { .size = sizeof field };
		if (lade_tracepoint_field(tracepoint, i, &field) == 0)
			(void)json_object_array_add(fields, field_json(&field));
	}
	cli_json_string(json, "c", lade_tracepoint_c(tracepoint));
	(void)json_object_object_add(document, "tracepoint", json);
	return cli_json_print(cli, document);
}

static int gen_tracepoint(struct cli *cli, const char *event)
{
	struct lade_tracepoint *tracepoint = NULL;
	struct lade_error *error = NULL;
	int code = EXIT_OK;

	if (lade_tracepoint_open(cli->context, event, &tracepoint, &error) < 0)
		return cli_fail(cli, error);
	if (cli->json)
		code = tracepoint_json(cli, tracepoint);
	else
		(void)fputs(lade_tracepoint_c(tracepoint), stdout);
	lade_tracepoint_free(tracepoint);
	return code;
}

static const struct {
	const char *name;
	int (*function)(struct cli *cli, const char *operand);
} kinds[] = {
	{ "tracepoint", gen_tracepoint },
};

int verb_gen(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(argv[0], kinds[i].name) == 0)
			return kinds[i].function(cli, argv[1]);
	return cli_usage(cli, "gen: '%s' is nothing that can be generated; there is: tracepoint CATEGORY/EVENT",
			 argv[0]);
}
