/* SPDX-License-Identifier: BSD-2-Clause */
/* What lade explain found, as text and as JSON. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "explain.h"

#define HARMLESS_LINES 5 /* that are shown without -v */

/* ---- a text's explanation ---- */

static bool get(const struct lade_explanation *explanation, size_t index, struct lade_explained_info *info)
{
	*info = (struct lade_explained_info){ .size = sizeof *info };
	return lade_explained(explanation, index, info) == 0;
}

/* "line 16", "lines 3 to 16, 4 times" */
static void put_place(const struct lade_explained_info *info)
{
	if (info->times > 1)
		(void)printf("lines %zu to %zu, ×%zu", info->first_line, info->last_line, info->times);
	else
		(void)printf("line %zu", info->first_line);
}

static void put_line(const char *label, const struct lade_explained_info *info)
{
	(void)printf("  %-8s ", label);
	put_place(info);
	(void)fputs(": ", stdout);
	cli_put_safe(stdout, info->line);
	(void)putchar('\n');
	if (!info->meaning || !*info->meaning)
		return;
	(void)printf("  %-8s   (", "");
	cli_put_safe(stdout, info->meaning);
	(void)puts(")");
}

static void show_error(const struct cli *cli, const struct lade_explanation *explanation, size_t index)
{
	struct lade_explained_info info, other;
	if (!get(explanation, index, &info))
		return;
	cli_print_finding(cli, stdout, info.finding);
	(void)fputs("  where    ", stdout);
	put_place(&info);
	(void)putchar('\n');
	for (size_t i = 0; i < lade_explained_count(explanation); i++)
		if (get(explanation, i, &other) && other.role == LADE_EXPLAINED_CONSEQUENCE && other.cause == index)
			put_line("follows", &other);
}

static void show_rest(const struct cli *cli, const struct lade_explanation *explanation)
{
	struct lade_explained_info info;
	size_t shown = 0, left = 0;
	for (size_t i = 0; i < lade_explained_count(explanation); i++) {
		if (!get(explanation, i, &info) || info.role < LADE_EXPLAINED_NOTE)
			continue;
		bool is_note = info.role == LADE_EXPLAINED_NOTE;
		if (is_note || cli->verbose || shown < HARMLESS_LINES)
			put_line(is_note ? "note" : "harmless", &info);
		else
			left++;
		shown += !is_note;
	}
	if (left)
		(void)printf("  %-8s %zu other kinds of lines (-v shows them)\n", "harmless", left);
}

static void show_text(const struct cli *cli, const char *name, const struct lade_explanation *explanation,
		      const struct lade_explanation_info *info)
{
	struct lade_explained_info item;
	cli_put_safe(stdout, name);
	(void)printf(": %zu line%s, %zu known: %zu error%s\n", info->lines, info->lines == 1 ? "" : "s", info->known,
		     info->errors, info->errors == 1 ? "" : "s");
	for (size_t i = 0; i < lade_explained_count(explanation); i++)
		if (get(explanation, i, &item) && item.role == LADE_EXPLAINED_ERROR)
			show_error(cli, explanation, i);
	if (!cli->quiet)
		show_rest(cli, explanation);
	if (!info->known && !cli->quiet)
		(void)puts("  nothing in it is known to Lade");
}

static struct json_object *explained_json(const struct lade_explained_info *info)
{
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "role", lade_explained_role_name(info->role));
	cli_json_number(json, "times", (int64_t)info->times);
	cli_json_number(json, "first_line", (int64_t)info->first_line);
	cli_json_number(json, "last_line", (int64_t)info->last_line);
	cli_json_string(json, "line", info->line);
	cli_json_string(json, "meaning", info->meaning && *info->meaning ? info->meaning : NULL);
	(void)json_object_object_add(json, "cause",
				     info->cause == SIZE_MAX ? NULL : json_object_new_int64((int64_t)info->cause));
	(void)json_object_object_add(json, "finding", info->finding ? cli_finding_json(info->finding) : NULL);
	return json;
}

static int show_json(const struct cli *cli, const char *name, const struct lade_explanation *explanation,
		     const struct lade_explanation_info *info)
{
	struct lade_explained_info item;
	struct json_object *document = cli_json_document(true);
	cli_json_string(document, "file", name);
	cli_json_number(document, "lines", (int64_t)info->lines);
	cli_json_number(document, "known", (int64_t)info->known);
	cli_json_number(document, "errors", (int64_t)info->errors);
	struct json_object *array = cli_json_array(document, "explained");
	for (size_t i = 0; i < lade_explained_count(explanation); i++)
		if (get(explanation, i, &item))
			(void)json_object_array_add(array, explained_json(&item));
	return cli_json_print(cli, document);
}

int cli_show_explanation(const struct cli *cli, const char *name, const struct lade_explanation *explanation)
{
	struct lade_explanation_info info = { .size = sizeof info };
	if (lade_explanation_describe(explanation, &info) < 0)
		return cli_fail_memory(cli);
	if (cli->json)
		return show_json(cli, name, explanation, &info);
	show_text(cli, name, explanation, &info);
	return EXIT_OK;
}

/* ---- what was looked up ---- */

bool cli_lookup_begin(const struct cli *cli, struct cli_lookup *ret_lookup)
{
	*ret_lookup = (struct cli_lookup){ .cli = cli };
	if (!cli->json)
		return true;
	ret_lookup->document = cli_json_document(true);
	ret_lookup->codes = cli_json_array(ret_lookup->document, "codes");
	ret_lookup->causes = cli_json_array(ret_lookup->document, "causes");
	return ret_lookup->document;
}

static void put_words(const char *label, const char *text)
{
	if (text && *text)
		(void)printf("  %-8s %s\n", label, text);
}

void cli_lookup_code(struct cli_lookup *lookup, const struct lade_code_info *info)
{
	const char *severity = lade_severity_name(info->severity), *phase = lade_phase_name(info->phase);
	if (lookup->document) {
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "code", info->code);
		cli_json_string(json, "severity", severity);
		cli_json_string(json, "phase", phase);
		cli_json_number(json, "exit", info->exit_code);
		cli_json_string(json, "cause", *info->cause ? info->cause : NULL);
		cli_json_string(json, "fix", *info->fix ? info->fix : NULL);
		(void)json_object_array_add(lookup->codes, json);
		return;
	}
	if (!lookup->single) {
		(void)printf("%-30s %s\n", info->code, *info->cause ? info->cause : "(the finding itself says why)");
		return;
	}
	(void)printf("%s[%s]\n", severity, info->code);
	put_words("because", *info->cause ? info->cause : "the finding itself says why, with its evidence");
	put_words("fix", info->fix);
	(void)printf("  %-8s while Lade is at: %s\n", "when", phase);
	if (info->exit_code)
		(void)printf("  %-8s exit code %d\n", "ends", info->exit_code);
}

void cli_lookup_number(struct cli_lookup *lookup, int errnum)
{
	if (lookup->document) {
		cli_json_number(lookup->document, "errno", errnum);
		cli_json_string(lookup->document, "word", lade_errno_word_of(errnum));
		return;
	}
	(void)printf("-%d is %s: %s\n", errnum, lade_errno_word_of(errnum), lade_errno_text_of(errnum));
}

void cli_lookup_errno(struct cli_lookup *lookup, const struct lade_errno_info *info)
{
	if (!lookup->document) {
		(void)printf("  %s %s: %s\n", info->operation, info->word, info->cause);
		if (*info->probe && strcmp(info->probe, "-") != 0)
			(void)printf("      to tell: %s\n", info->probe);
		return;
	}
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "operation", info->operation);
	cli_json_number(json, "errno", info->errnum);
	cli_json_string(json, "word", info->word);
	cli_json_string(json, "cause", info->cause);
	cli_json_string(json, "probe", *info->probe ? info->probe : NULL);
	(void)json_object_array_add(lookup->causes, json);
}

void cli_lookup_note(const struct cli_lookup *lookup, const char *text)
{
	if (!lookup->document)
		(void)puts(text);
}

int cli_lookup_end(struct cli_lookup *lookup)
{
	return lookup->document ? cli_json_print(lookup->cli, lookup->document) : EXIT_OK;
}
