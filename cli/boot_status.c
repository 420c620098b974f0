/* SPDX-License-Identifier: BSD-2-Clause */
/* The report of the last boot: kept, and read again. */
#include "boot_status.h"

#include <string.h>
#include <time.h>

#include "places.h"

static const enum cli_place kept_in[] = { PLACE_RUN, PLACE_VAR };
#define KEPT (sizeof kept_in / sizeof *kept_in)

#define LOG_MAX 4096 /* bytes of a verifier's log that are kept where the report gets too long; its end */

/* ---- keeping ---- */

static void shorten_logs(struct json_object *findings)
{
	size_t count = json_object_is_type(findings, json_type_array) ? json_object_array_length(findings) : 0;
	for (size_t i = 0; i < count; i++) {
		struct json_object *finding = json_object_array_get_idx(findings, i), *log;
		if (!json_object_object_get_ex(finding, "log", &log) || !json_object_is_type(log, json_type_string))
			continue;
		const char *text = json_object_get_string(log);
		size_t length = strlen(text);
		if (length > LOG_MAX)
			(void)json_object_object_add(finding, "log", json_object_new_string(text + length - LOG_MAX));
	}
}

static void shorten(struct json_object *document)
{
	struct json_object *objects = json_object_object_get(document, "objects");
	size_t count = json_object_is_type(objects, json_type_array) ? json_object_array_length(objects) : 0;
	for (size_t i = 0; i < count; i++) {
		struct json_object *object = json_object_array_get_idx(objects, i);
		shorten_logs(json_object_object_get(object, "findings"));
		shorten_logs(json_object_object_get(object, "notes"));
	}
}

/* A report of thousands of objects still says how it ended. */
static const char *text_of(struct json_object *document)
{
	const char *text = json_object_to_json_string_ext(document, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text || strlen(text) <= LADE_REPORT_MAX)
		return text;
	shorten(document);
	text = json_object_to_json_string_ext(document, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text || strlen(text) <= LADE_REPORT_MAX)
		return text;
	json_object_object_del(document, "objects");
	cli_json_bool(document, "shortened", true);
	return json_object_to_json_string_ext(document, JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* A copy: what was too long for the report is still printed. */
static struct json_object *copy(struct json_object *document)
{
	struct json_object *copied = NULL;
	if (document && json_object_deep_copy(document, &copied, NULL) < 0)
		return NULL;
	return copied;
}

void boot_status_save(const struct cli *cli, struct json_object *document)
{
	char boot_id[40];
	struct json_object *kept = copy(document);
	if (!kept)
		return;
	lade_boot_id(boot_id);
	cli_json_string(kept, "boot_id", boot_id);
	cli_json_number(kept, "time_s", (int64_t)time(NULL));
	const char *text = text_of(kept);
	for (size_t i = 0; text && i < KEPT; i++) {
		struct lade_error *error = NULL;
		if (lade_boot_report_save(cli_place(kept_in[i]), text, strlen(text), &error) < 0 && !cli->quiet &&
		    !cli->json)
			(void)fprintf(stderr, "note: %s\n", lade_error_message(error));
		(void)lade_error_free(error);
	}
	json_object_put(kept);
}

/* ---- reading ---- */

static struct json_object *parse(const char *text, size_t length)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *report =
		tokener && length < INT32_MAX ? json_tokener_parse_ex(tokener, text, (int)length) : NULL;
	json_tokener_free(tokener);
	if (json_object_is_type(report, json_type_object))
		return report;
	json_object_put(report);
	return NULL;
}

static struct json_object *read_one(const char *directory, struct lade_error **error)
{
	char *text = NULL;
	size_t length = 0;
	if (lade_boot_report_read(directory, &text, &length, error) < 0)
		return NULL;
	struct json_object *report = parse(text, length);
	free(text);
	return report;
}

bool boot_status_is_current(struct json_object *report)
{
	char boot_id[40];
	struct json_object *value;
	lade_boot_id(boot_id);
	return json_object_object_get_ex(report, "boot_id", &value) && json_object_is_type(value, json_type_string) &&
	       strcmp(json_object_get_string(value), boot_id) == 0;
}

struct json_object *boot_status_read(const struct cli *cli, const char **ret_directory, struct lade_error **error)
{
	struct json_object *found = NULL;
	(void)cli;
	for (size_t i = 0; i < KEPT; i++) {
		const char *directory = cli_place(kept_in[i]);
		struct json_object *report = read_one(directory, error && !*error ? error : NULL);
		bool current = report && boot_status_is_current(report);
		if (report && (!found || current)) {
			json_object_put(found);
			found = report;
			*ret_directory = directory;
		} else {
			json_object_put(report);
		}
		if (current)
			break;
	}
	return found;
}
