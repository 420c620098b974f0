/* SPDX-License-Identifier: BSD-2-Clause */
/* What lade explain found, as text and as JSON. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "explain.h"

#define HARMLESS_LINES 3 /* that are shown without -v */
#define FOLLOWS_LINES  4 /* of one error, likewise */
#define NOTES_LINES    6
#define ERRORS_SHOWN   10

/* ---- a text's explanation ---- */

static bool get(const struct lade_explanation *explanation, size_t index, struct lade_explained_info *info)
{
	*info = (struct lade_explained_info){ .size = sizeof *info };
	return lade_explained(explanation, index, info) == 0;
}

/* "line 16", "lines 3 to 16, 4 times"; "lines 3 to 16" of a log. */
static void put_place(const struct lade_explained_info *info)
{
	if (info->times > 1)
		(void)printf("lines %zu to %zu, ×%zu", info->first_line, info->last_line, info->times);
	else if (info->last_line > info->first_line)
		(void)printf("lines %zu to %zu", info->first_line, info->last_line);
	else
		(void)printf("line %zu", info->first_line);
}

static const char *doubt_of(const struct lade_explained_info *info)
{
	struct lade_finding_info finding = { .size = sizeof finding };

	return info->finding && lade_finding_describe(info->finding, &finding) == 0 ? cli_doubt(finding.confidence)
										    : "";
}

/* The line, and with -v what it means; of what is harmless only what it means. */
static void put_line(const struct cli *cli, const char *label, const struct lade_explained_info *info)
{
	bool has_meaning = info->meaning && *info->meaning;
	bool is_harmless = info->role == LADE_EXPLAINED_HARMLESS && has_meaning && !cli->verbose;
	(void)printf("  %-8s ", label);
	put_place(info);
	(void)fputs(": ", stdout);
	cli_put_safe(stdout, is_harmless ? info->meaning : info->line);
	(void)putchar('\n');
	if (!has_meaning || is_harmless || (info->role == LADE_EXPLAINED_CONSEQUENCE && !cli->verbose))
		return;
	(void)printf("  %-8s   (%s", "", doubt_of(info));
	cli_put_safe(stdout, info->meaning);
	(void)puts(")");
}

static void put_left(const char *label, size_t count, size_t shown)
{
	if (count > shown)
		(void)printf("  %-8s %zu more (-v shows them)\n", label, count - shown);
}

/* A line that quotes the kernel's words is the error and what follows from it in one. */
static bool is_same_place(const struct lade_explained_info *one, const struct lade_explained_info *other)
{
	return one->first_line == other->first_line && one->last_line == other->last_line && one->times == other->times;
}

static void show_error(const struct cli *cli, const struct lade_explanation *explanation, size_t index)
{
	struct lade_explained_info info, other;
	size_t follows = 0;
	if (!get(explanation, index, &info))
		return;
	cli_print_finding(cli, stdout, info.finding);
	(void)fputs("  where    ", stdout);
	put_place(&info);
	(void)putchar('\n');
	for (size_t i = 0; i < lade_explained_count(explanation); i++) {
		if (!get(explanation, i, &other) || other.role != LADE_EXPLAINED_CONSEQUENCE || other.cause != index ||
		    (is_same_place(&info, &other) && !cli->verbose))
			continue;
		if (follows++ < FOLLOWS_LINES || cli->verbose)
			put_line(cli, "follows", &other);
	}
	if (!cli->verbose)
		put_left("follows", follows, FOLLOWS_LINES);
}

static void show_rest(const struct cli *cli, const struct lade_explanation *explanation)
{
	struct lade_explained_info info;
	size_t notes = 0, harmless = 0;
	for (size_t i = 0; i < lade_explained_count(explanation); i++) {
		if (!get(explanation, i, &info) || info.role < LADE_EXPLAINED_NOTE)
			continue;
		bool is_note = info.role == LADE_EXPLAINED_NOTE;
		size_t shown = is_note ? notes++ : harmless++;
		if (cli->verbose || shown < (is_note ? NOTES_LINES : HARMLESS_LINES))
			put_line(cli, is_note ? "note" : "harmless", &info);
	}
	if (cli->verbose)
		return;
	put_left("note", notes, NOTES_LINES);
	put_left("harmless", harmless, HARMLESS_LINES);
}

/* Only what was found out; what was said is known to who said it. */
static void put_kernel(const struct cli *cli, const struct lade_explanation_info *info)
{
	if (!info->kernel || info->kernel_is_certain || cli->quiet || !info->errors)
		return;
	(void)printf("  kernel   %s (", info->kernel);
	cli_put_safe(stdout, info->kernel_why);
	(void)puts(")");
}

/* What nobody knows, but who reads it may. */
static void put_suspects(const struct lade_explanation *explanation)
{
	struct lade_suspect_info info = { .size = sizeof info };
	for (size_t i = 0; lade_explanation_suspect(explanation, i, &info) == 0; i++) {
		(void)printf("  %-8s line %zu: ", "unknown", info.number);
		cli_put_safe(stdout, info.line);
		(void)putchar('\n');
	}
}

static void show_text(const struct cli *cli, const char *name, const struct lade_explanation *explanation,
		      const struct lade_explanation_info *info)
{
	struct lade_explained_info item;
	size_t shown = 0;
	cli_put_safe(stdout, name);
	(void)printf(": %zu line%s, %zu known: %zu error%s\n", info->lines, info->lines == 1 ? "" : "s", info->known,
		     info->errors, info->errors == 1 ? "" : "s");
	put_kernel(cli, info);
	for (size_t i = 0; i < lade_explained_count(explanation); i++)
		if (get(explanation, i, &item) && item.role == LADE_EXPLAINED_ERROR &&
		    (cli->verbose || shown++ < ERRORS_SHOWN))
			show_error(cli, explanation, i);
	if (shown > ERRORS_SHOWN)
		(void)printf("%zu more errors (-v shows them)\n", shown - ERRORS_SHOWN);
	if (!cli->quiet)
		show_rest(cli, explanation);
	if (cli->quiet)
		return;
	if (!info->known)
		(void)puts("  nothing in it is known to Lade");
	put_suspects(explanation);
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

static struct json_object *kernel_json(const struct lade_explanation_info *info)
{
	struct json_object *json = info->kernel ? json_object_new_object() : NULL;
	if (!json)
		return NULL;
	cli_json_string(json, "version", info->kernel);
	cli_json_string(json, "why", info->kernel_why);
	cli_json_bool(json, "certain", info->kernel_is_certain);
	return json;
}

static struct json_object *suspect_json(const struct lade_suspect_info *info)
{
	struct json_object *json = json_object_new_object();
	cli_json_number(json, "number", (int64_t)info->number);
	cli_json_string(json, "line", info->line);
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
	(void)json_object_object_add(document, "kernel", kernel_json(info));
	struct json_object *array = cli_json_array(document, "explained");
	for (size_t i = 0; i < lade_explained_count(explanation); i++)
		if (get(explanation, i, &item))
			(void)json_object_array_add(array, explained_json(&item));
	struct lade_suspect_info suspect = { .size = sizeof suspect };
	array = cli_json_array(document, "unknown");
	for (size_t i = 0; lade_explanation_suspect(explanation, i, &suspect) == 0; i++)
		(void)json_object_array_add(array, suspect_json(&suspect));
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
