/* SPDX-License-Identifier: BSD-2-Clause */
/* Differences: a line each, what is known of them below; or a JSON document. */
#include <stdlib.h>
#include <string.h>

#include "diff.h"

/* ---- the list ---- */

static bool copy(char **ret_copy, const char *text)
{
	*ret_copy = text ? strdup(text) : NULL;
	return *ret_copy || !text;
}

int diff_add(const struct cli *cli, struct diff *diff, const struct lade_difference_info *info)
{
	if (diff->count == diff->capacity) {
		size_t capacity = diff->capacity ? 2 * diff->capacity : 32;
		struct diff_row *rows = realloc(diff->rows, capacity * sizeof *rows);
		if (!rows)
			return cli_fail_memory(cli);
		diff->rows = rows;
		diff->capacity = capacity;
	}
	struct diff_row *row = &diff->rows[diff->count++];
	*row = (struct diff_row){ .change = info->change, .removed = info->removed, .added = info->added };
	bool good = copy(&row->section, info->section) && copy(&row->name, info->name) &&
		    copy(&row->what, info->what) && copy(&row->before, info->before) &&
		    copy(&row->after, info->after) && copy(&row->detail, info->detail);
	return good ? -1 : cli_fail_memory(cli);
}

void diff_clear(struct diff *diff)
{
	for (size_t i = 0; i < diff->count; i++) {
		struct diff_row *row = &diff->rows[i];
		char *texts[] = { row->section, row->name, row->what, row->before, row->after, row->detail };
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
			free(texts[k]);
	}
	free(diff->rows);
}

/* ---- text ---- */

#define WIDTH_MOST 40

static size_t characters(const char *text)
{
	size_t count = 0;

	for (; text && *text; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

static void put_column(const char *text, size_t width)
{
	size_t length = characters(text);

	cli_put_safe(stdout, text ? text : "");
	for (; width && length < width; length++)
		(void)putchar(' ');
	(void)fputs("  ", stdout);
}

static void put_value(const struct diff_row *row)
{
	if (row->change == LADE_DIFFERENCE_CHANGED) {
		if (row->before || !row->what || strcmp(row->what, "initial content") != 0) {
			cli_put_safe(stdout, row->before && *row->before ? row->before : "-");
			(void)fputs(" → ", stdout);
		}
		cli_put_safe(stdout, row->after && *row->after ? row->after : "-");
	} else {
		const char *value = row->after ? row->after : row->before;
		cli_put_safe(stdout, value && strcmp(value, "yes") != 0 ? value : "");
	}
	if (row->removed || row->added)
		(void)printf(": %zu removed, %zu added", row->removed, row->added);
}

/* One line stands behind the value, several below it. */
static void put_detail(const char *detail, bool is_list)
{
	if (!detail || !*detail)
		return;
	if (!is_list) {
		(void)fputs("  (", stdout);
		cli_put_safe(stdout, detail);
		(void)putchar(')');
		return;
	}
	while (*detail) {
		size_t length = strcspn(detail, "\n");
		char *line = strndup(detail, length);
		(void)fputs("\n      ", stdout);
		cli_put_safe(stdout, line ? line : "");
		free(line);
		detail += length + (detail[length] == '\n');
	}
}

static size_t widest(const struct diff *diff, size_t field)
{
	size_t most = 0;

	for (size_t i = 0; i < diff->count; i++) {
		const char *const texts[] = { diff->rows[i].section, diff->rows[i].name, diff->rows[i].what };
		size_t length = characters(texts[field]);
		if (length > most)
			most = length;
	}
	return most < WIDTH_MOST ? most : WIDTH_MOST;
}

static void print_row(const struct diff_row *row, const size_t *widths)
{
	static const char signs[] = {
		[LADE_DIFFERENCE_ADDED] = '+', [LADE_DIFFERENCE_REMOVED] = '-', [LADE_DIFFERENCE_CHANGED] = ' '
	};

	cli_colour(stdout, row->change == LADE_DIFFERENCE_REMOVED ? CLI_RED : CLI_PLAIN);
	(void)printf("%c ", signs[row->change]);
	put_column(row->section, widths[0]);
	put_column(row->name, widths[1]);
	if (widths[2])
		put_column(row->what, widths[2]);
	put_value(row);
	put_detail(row->detail, row->removed || row->added);
	cli_colour(stdout, CLI_PLAIN);
	(void)putchar('\n');
}

static void print_text(const struct cli *cli, const struct diff *diff)
{
	const size_t widths[] = { widest(diff, 0), widest(diff, 1), widest(diff, 2) };

	if (cli->quiet)
		return;
	if (!diff->count) {
		(void)puts("nothing differs");
		return;
	}
	(void)fputs("- ", stdout);
	cli_put_safe(stdout, diff->names[0]);
	(void)fputs("\n+ ", stdout);
	cli_put_safe(stdout, diff->names[1]);
	(void)putchar('\n');
	for (size_t i = 0; i < diff->count; i++)
		print_row(&diff->rows[i], widths);
}

/* ---- JSON ---- */

static int print_json(const struct cli *cli, const struct diff *diff)
{
	struct json_object *document = cli_json_document(true);

	if (!document)
		return cli_fail_memory(cli);
	cli_json_string(document, "kind", diff->kind);
	cli_json_string(document, "before", diff->names[0]);
	cli_json_string(document, "after", diff->names[1]);
	cli_json_bool(document, "differ", diff->count > 0);
	struct json_object *changes = cli_json_array(document, "changes");
	for (size_t i = 0; i < diff->count; i++) {
		const struct diff_row *row = &diff->rows[i];
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "change", lade_difference_kind_name(row->change));
		cli_json_string(json, "section", row->section);
		cli_json_string(json, "name", row->name);
		cli_json_string(json, "what", row->what);
		cli_json_string(json, "old", row->before);
		cli_json_string(json, "new", row->after);
		cli_json_string(json, "detail", row->detail);
		if (row->removed || row->added) {
			cli_json_number(json, "removed", (int64_t)row->removed);
			cli_json_number(json, "added", (int64_t)row->added);
		}
		(void)json_object_array_add(changes, json);
	}
	return cli_json_print(cli, document);
}

int diff_print(const struct cli *cli, const struct diff *diff)
{
	if (cli->json)
		return print_json(cli, diff);
	print_text(cli, diff);
	return EXIT_OK;
}
