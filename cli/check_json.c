/* SPDX-License-Identifier: BSD-2-Clause */
/* The matrix as a JSON document. */
#include "check.h"

static void add_known(struct json_object *json, const struct lade_target_info *info)
{
	const struct {
		bool is_known;
		const char *name;
	} pieces[] = { { info->has_types, "types" },
		       { info->has_config, "config" },
		       { info->has_symbols, "symbols" },
		       { info->has_events, "events" },
		       { info->has_probes, "probes" } };
	struct json_object *array = cli_json_array(json, "known");

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		if (pieces[i].is_known)
			(void)json_object_array_add(array, json_object_new_string(pieces[i].name));
}

static void add_notes(struct json_object *json, const struct lade_target *target)
{
	struct json_object *array = cli_json_array(json, "notes");

	for (size_t i = 0; i < lade_target_note_count(target); i++)
		(void)json_object_array_add(array, cli_finding_json(lade_target_note(target, i)));
}

static void add_kernels(struct json_object *document, const struct check_matrix *matrix)
{
	struct json_object *array = cli_json_array(document, "kernels");

	for (size_t i = 0; i < matrix->target_count; i++) {
		struct lade_target_info info = check_target(matrix, i);
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "name", info.name);
		cli_json_string(json, "release", info.release);
		cli_json_string(json, "version", info.version);
		cli_json_string(json, "machine", info.machine);
		add_known(json, &info);
		add_notes(json, lade_target(matrix->targets, i));
		(void)json_object_array_add(array, json);
	}
}

static struct json_object *answer_json(const struct check_matrix *matrix, const struct check_row *row, size_t target)
{
	struct json_object *json = json_object_new_object();
	const struct lade_check *cell = row->cells ? row->cells[target] : NULL;

	cli_json_string(json, "kernel", check_target(matrix, target).name);
	cli_json_string(json, "answer", check_state_word(check_state(row, target)));
	cli_json_bool(json, "by_table", cell && lade_check_by_table(cell));
	struct json_object *findings = cli_json_array(json, "findings");
	for (size_t i = 0; cell && i < lade_check_finding_count(cell); i++)
		(void)json_object_array_add(findings, cli_finding_json(lade_check_finding(cell, i)));
	return json;
}

static void add_objects(struct json_object *document, const struct check_matrix *matrix)
{
	struct json_object *array = cli_json_array(document, "objects");

	for (size_t i = 0; i < matrix->row_count; i++) {
		const struct check_row *row = &matrix->rows[i];
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "file", row->file);
		cli_json_string(json, "left_out", row->skip);
		struct json_object *findings = cli_json_array(json, "findings");
		for (size_t k = 0; k < lade_error_finding_count(row->error); k++)
			(void)json_object_array_add(findings, cli_finding_json(lade_error_finding(row->error, k)));
		struct json_object *answers = cli_json_array(json, "answers");
		for (size_t k = 0; k < matrix->target_count; k++)
			(void)json_object_array_add(answers, answer_json(matrix, row, k));
		(void)json_object_array_add(array, json);
	}
}

static void add_lacks(struct json_object *document, const struct check_matrix *matrix)
{
	struct json_object *array = cli_json_array(document, "lacks");
	struct check_lack lack;
	size_t position = 0;

	while (check_next_lack(matrix, &position, &lack)) {
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "kernel", check_target(matrix, lack.target).name);
		cli_json_string(json, "option", lack.need.name);
		cli_json_string(json, "to", lack.need.to_attach ? "attach" : "load");
		cli_json_string(json, "reason", lack.need.reason);
		struct json_object *who = cli_json_array(json, "who");
		for (size_t i = 0; i < lack.need.who_count; i++)
			(void)json_object_array_add(who, cli_json_text(lack.need.who[i]));
		(void)json_object_array_add(array, json);
	}
}

int check_print_json(const struct cli *cli, const struct check_matrix *matrix, int code)
{
	struct json_object *document = cli_json_document(code == EXIT_OK);

	if (!document)
		return cli_fail_memory(cli);
	cli_json_number(document, "exit", code);
	add_kernels(document, matrix);
	add_objects(document, matrix);
	add_lacks(document, matrix);
	return cli_json_print(cli, document);
}
