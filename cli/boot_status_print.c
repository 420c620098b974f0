/* SPDX-License-Identifier: BSD-2-Clause */
/* lade boot --status: the report of the last boot, as text or as it is. The file is input like any other. */
#include <string.h>
#include <time.h>

#include "boot_status.h"
#include "places.h"

static const char *string_of(struct json_object *object, const char *key)
{
	struct json_object *value;
	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static int64_t number_of(struct json_object *object, const char *key)
{
	struct json_object *value;
	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_int))
		return 0;
	return json_object_get_int64(value);
}

/* Each item of a list of objects; *index starts at 0. NULL at the end. */
static struct json_object *next_of(struct json_object *object, const char *key, size_t *index)
{
	struct json_object *list;
	if (!json_object_object_get_ex(object, key, &list) || !json_object_is_type(list, json_type_array))
		return NULL;
	while (*index < json_object_array_length(list)) {
		struct json_object *item = json_object_array_get_idx(list, (*index)++);
		if (json_object_is_type(item, json_type_object))
			return item;
	}
	return NULL;
}

/* ---- text ---- */

static void print_label(const char *label, const char *text)
{
	if (!text || !*text)
		return;
	(void)printf("    %-8s ", label);
	for (; *text; text++) /* continuation lines under the text */
		if (*text == '\n')
			(void)fputs("\n             ", stdout);
		else
			(void)putchar((unsigned char)*text < 0x20 || *text == 0x7F ? '?' : *text);
	(void)putchar('\n');
}

static void print_finding(struct json_object *finding)
{
	const char *severity = string_of(finding, "severity"), *code = string_of(finding, "code");
	(void)fputs("  ", stdout);
	cli_put_safe(stdout, severity ? severity : "note");
	(void)putchar('[');
	cli_put_safe(stdout, code ? code : "");
	(void)fputs("]: ", stdout);
	cli_put_safe(stdout, string_of(finding, "message") ? string_of(finding, "message") : "");
	(void)putchar('\n');
	print_label("because", string_of(finding, "cause"));
	print_label("fix", string_of(finding, "fix"));
}

static void print_findings(struct json_object *of, const char *key)
{
	size_t index = 0;
	for (struct json_object *item = next_of(of, key, &index); item; item = next_of(of, key, &index))
		print_finding(item);
}

static void print_when(struct json_object *report)
{
	char date[64] = "";
	struct tm local;
	time_t seconds = (time_t)number_of(report, "time_s");
	if (seconds && localtime_r(&seconds, &local) && strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S %Z", &local))
		(void)printf(" at %s", date);
}

/* How ready this boot of the machine is, whatever was kept. */
static void print_state(const struct lade_ready_info *ready)
{
	const char *text = ready->text;
	if (ready->is_dead)
		text = "the process that booted is gone, and has not said how it ended";
	else if (ready->state == LADE_READY_NONE)
		text = "nothing has been booted since the machine started";
	(void)printf("%-8s  ", lade_ready_state_name(ready->state));
	cli_put_safe(stdout, text);
	(void)putchar('\n');
}

static void print_head(struct json_object *report, const char *directory)
{
	if (!boot_status_is_current(report))
		(void)puts("what follows is of an earlier boot of the machine");
	(void)fputs("booted   ", stdout);
	print_when(report);
	(void)printf(" in %.1f ms: %lld loaded, %lld unchanged, %lld skipped, %lld failed (%s/boot.json)\n",
		     (double)number_of(report, "elapsed_ns") / 1e6, (long long)number_of(report, "loaded"),
		     (long long)number_of(report, "unchanged"), (long long)number_of(report, "skipped"),
		     (long long)number_of(report, "failed"), directory);
}

static void print_held(struct cli_table *table, struct json_object *object)
{
	size_t index = 0;
	for (struct json_object *part = next_of(object, "parts", &index); part; part = next_of(object, "parts", &index))
		if (string_of(part, "held"))
			cli_row(table, 4, "held", string_of(part, "name"), string_of(part, "held"),
				"by lade-hold.service");
}

static bool print_objects(struct json_object *report)
{
	struct cli_table table = { 0 };
	size_t index = 0;
	for (struct json_object *object = next_of(report, "objects", &index); object;
	     object = next_of(report, "objects", &index)) {
		const char *critical = string_of(object, "critical");
		cli_row(&table, 4, string_of(object, "outcome"), string_of(object, "name"), string_of(object, "file"),
			"");
		if (critical)
			cli_cell(&table, 3, "critical: %s", critical);
		print_held(&table, object);
	}
	return cli_table_print(&table, stdout);
}

static int print_text(const struct cli *cli, const struct lade_ready_info *ready, struct json_object *report,
		      const char *directory)
{
	size_t index = 0;
	print_state(ready);
	if (!report) {
		(void)printf("no report of a boot is in %s or %s\n", cli_place(PLACE_RUN), cli_place(PLACE_VAR));
		return EXIT_OK;
	}
	print_head(report, directory);
	if (!print_objects(report))
		return cli_fail_memory(cli);
	for (struct json_object *object = next_of(report, "objects", &index); object;
	     object = next_of(report, "objects", &index)) {
		print_findings(object, "findings");
		print_findings(object, "notes");
	}
	print_findings(report, "findings");
	print_findings(report, "notes");
	return EXIT_OK;
}

/* ---- JSON ---- */

static int print_json(const struct cli *cli, const struct lade_ready_info *ready, struct json_object *report,
		      const char *directory)
{
	char boot_id[40];
	struct json_object *document = cli_json_document(true);
	if (!document)
		return cli_fail_memory(cli);
	lade_boot_id(boot_id);
	cli_json_string(document, "state", lade_ready_state_name(ready->state));
	cli_json_string(document, "text", ready->text[0] ? ready->text : NULL);
	cli_json_string(document, "boot_id", boot_id);
	cli_json_string(document, "directory", report ? directory : NULL);
	cli_json_bool(document, "is_earlier", report && !boot_status_is_current(report));
	(void)json_object_object_add(document, "report", json_object_get(report));
	return cli_json_print(cli, document);
}

int boot_status_print(const struct cli *cli)
{
	struct lade_ready_info ready = { .size = sizeof ready };
	struct lade_error *error = NULL;
	const char *directory = "";
	struct json_object *report = boot_status_read(cli, &directory, &error);
	int code;
	(void)lade_ready_get(cli_place(PLACE_RUN), &ready);
	if (!report && error)
		return cli_fail(cli, error);
	code = (cli->json ? print_json : print_text)(cli, &ready, report, directory);
	json_object_put(report);
	(void)lade_error_free(error);
	return code;
}
