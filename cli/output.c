/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings for people. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "last.h"

#define LOG_LINES 12 /* of a verifier's log; the end is what matters */

void cli_colour(FILE *file, enum cli_colour colour)
{
	static const char *const codes[] = {
		[CLI_PLAIN] = "\033[0m",     [CLI_BOLD] = "\033[1m", [CLI_RED] = "\033[1;31m",
		[CLI_YELLOW] = "\033[1;33m", [CLI_DIM] = "\033[2m",
	};
	const char *no_colour = secure_getenv("NO_COLOR");
	if (isatty(fileno(file)) && !(no_colour && *no_colour))
		(void)fputs(codes[colour], file);
}

static bool is_control(unsigned char byte)
{
	return (byte < 0x20 && byte != '\t') || byte == 0x7F;
}

void cli_put_safe(FILE *file, const char *text)
{
	while (*text) {
		size_t safe = 0; /* bytes at once: stderr has no buffer */
		while (text[safe] && !is_control((unsigned char)text[safe]))
			safe++;
		(void)fwrite(text, 1, safe, file);
		text += safe;
		if (*text) {
			(void)putc('?', file);
			text++;
		}
	}
}

/* Labels stand in a column; further lines are indented under the text. */
static void put_labelled(FILE *file, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);
		(void)fprintf(file, "  %-8s ", label);
		cli_put_safe(file, line ? line : "");
		(void)putc('\n', file);
		free(line);
		text += length + (text[length] == '\n');
		label = "";
	}
}

/* "creating map m of trace.o": which thing of the object, as far as known. */
static char *describe_place(const struct lade_finding_info *info)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	if (info->map)
		(void)fprintf(file, "map %s", info->map);
	if (info->program)
		(void)fprintf(file, "%sprogram %s", info->map ? ", " : "", info->program);
	if (info->instruction >= 0)
		(void)fprintf(file, "%sinstruction %" PRId64, info->map || info->program ? ", " : "",
			      info->instruction);
	if (info->object)
		(void)fprintf(file, "%s%s", info->map || info->program || info->instruction >= 0 ? " of " : "",
			      info->object);
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}

static void put_source(FILE *file, const struct lade_finding_info *info)
{
	if (!info->source_file)
		return;
	char *text;
	if (asprintf(&text, "%s:%" PRIu32 "%s%s", info->source_file, info->source_line,
		     info->source_text ? "      " : "", info->source_text ? info->source_text : "") < 0)
		return;
	put_labelled(file, "at", text);
	free(text);
}

/* The last lines of the log; statistics and the like come after the reason, so a dozen are shown. */
static void put_log(const struct cli *cli, FILE *file, const char *log)
{
	size_t lines = 0, length = log ? strlen(log) : 0;
	while (length && log[length - 1] == '\n')
		length--;
	if (!length || cli->log == CLI_LOG_NONE)
		return;
	const char *start = log + length;
	while (start > log && (cli->verbose || cli->log == CLI_LOG_WHOLE || lines < LOG_LINES)) {
		start--;
		while (start > log && start[-1] != '\n')
			start--;
		lines++;
	}
	char *tail = strndup(start, length - (size_t)(start - log));
	if (start > log)
		put_labelled(file, "log", "…");
	put_labelled(file, start > log ? "" : "log", tail);
	if (start > log)
		put_labelled(file, "", "(the whole log: --verifier-log 1)");
	free(tail);
}

static void put_kernels(FILE *file, const struct lade_finding_info *info)
{
	char text[64];
	if (!info->since && !info->until)
		return;
	(void)snprintf(text, sizeof text, "%s%.16s%s%s%.16s", info->since ? "since " : "",
		       info->since ? info->since : "", info->since && info->until ? ", " : "",
		       info->until ? "until " : "", info->until ? info->until : "");
	put_labelled(file, "kernels", text);
}

const char *cli_doubt(enum lade_confidence confidence)
{
	static const char *const words[] = {
		[LADE_CERTAIN] = "", [LADE_LIKELY] = "likely: ", [LADE_POSSIBLE] = "possibly: "
	};
	return words[confidence <= LADE_POSSIBLE ? confidence : LADE_POSSIBLE];
}

static void put_cause(FILE *file, const struct lade_finding_info *info)
{
	char *text = NULL;
	if (!info->cause || !*info->cause || asprintf(&text, "%s%s", cli_doubt(info->confidence), info->cause) < 0)
		return;
	put_labelled(file, "because", text);
	free(text);
}

static void put_title(FILE *file, const struct lade_finding_info *info)
{
	cli_colour(file, info->severity == LADE_ERROR ? CLI_RED : CLI_YELLOW);
	(void)fprintf(file, "%s[%s]", lade_severity_name(info->severity), info->code);
	cli_colour(file, CLI_PLAIN);
	(void)fputs(": ", file);
	cli_put_safe(file, info->message ? info->message : "");
	(void)putc('\n', file);
}

void cli_print_finding_info(const struct cli *cli, FILE *file, const struct lade_finding_info *info)
{
	put_title(file, info);
	char *place = describe_place(info);
	put_labelled(file, "in", place);
	free(place);
	put_source(file, info);
	put_cause(file, info);
	for (size_t i = 0; i < info->evidence_count; i++)
		put_labelled(file, i ? "" : "so", info->evidence[i]);
	put_kernels(file, info);
	put_log(cli, file, info->log);
	put_labelled(file, "fix", info->fix);
	put_labelled(file, "see", info->see);
}

void cli_print_finding(const struct cli *cli, FILE *file, const struct lade_finding *finding)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (lade_finding_describe(finding, &info) == 0)
		cli_print_finding_info(cli, file, &info);
}

void cli_print_note(const struct cli *cli, const struct lade_finding *note)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (cli->quiet || cli->json || lade_finding_describe(note, &info) < 0)
		return;
	(void)printf("  %-8s  ", lade_severity_name(info.severity));
	cli_put_safe(stdout, info.message ? info.message : "");
	(void)printf(" [%s]\n", info.code);
}

static bool is_equal(const char *one, const char *other)
{
	return one && other && strcmp(one, other) == 0;
}

/* One gate refuses every program of an object: what was said of the first holds for all. */
static bool was_said(const struct lade_error *error, size_t index, const struct lade_finding_info *info, bool *ret_fix)
{
	bool was = false;
	*ret_fix = false;
	for (size_t i = 0; i < index && !info->log; i++) {
		struct lade_finding_info before = { .size = sizeof before };
		if (lade_finding_describe(lade_error_finding(error, i), &before) < 0 ||
		    !is_equal(before.code, info->code) || !is_equal(before.cause, info->cause))
			continue;
		was = true;
		*ret_fix |= is_equal(before.fix, info->fix);
	}
	return was;
}

static void print_again(FILE *file, const struct lade_finding_info *info, bool fix_was_said)
{
	put_title(file, info);
	if (!fix_was_said)
		put_labelled(file, "fix", info->fix);
}

static void print_text(const struct cli *cli, const struct lade_error *error)
{
	size_t count = lade_error_finding_count(error);
	for (size_t i = 0; i < count; i++) {
		struct lade_finding_info info = { .size = sizeof info };
		bool fix_was_said;
		if (lade_finding_describe(lade_error_finding(error, i), &info) < 0)
			continue;
		if (!cli->verbose && was_said(error, i, &info, &fix_was_said))
			print_again(stderr, &info, fix_was_said);
		else
			cli_print_finding_info(cli, stderr, &info);
	}
	if (count == 0)
		(void)fprintf(stderr, "error: %s\n", lade_error_message(error));
}

static int print_json(const struct cli *cli, struct lade_error *const *errors, size_t count)
{
	struct json_object *document = cli_json_document(false);
	if (!document)
		return -ENOMEM;
	struct json_object *findings = cli_json_array(document, "findings");
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < lade_error_finding_count(errors[i]); j++)
			(void)json_object_array_add(findings, cli_finding_json(lade_error_finding(errors[i], j)));
	int flags = cli->pretty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN;
	(void)fprintf(stderr, "%s\n", json_object_to_json_string_ext(document, flags | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
	return 0;
}

static void keep(const struct cli *cli, struct lade_error *const *errors, size_t count, int code)
{
	struct json_object *findings = count ? json_object_new_array() : NULL;
	for (size_t i = 0; findings && i < count; i++)
		for (size_t j = 0; j < lade_error_finding_count(errors[i]); j++)
			(void)json_object_array_add(findings, cli_finding_json(lade_error_finding(errors[i], j)));
	cli_last_keep(cli, findings, code);
}

int cli_fail_all(const struct cli *cli, struct lade_error **errors, size_t count)
{
	int code = count ? (errors[0] ? lade_error_exit_code(errors[0]) : EXIT_ENVIRONMENT) : EXIT_OK;
	(void)fflush(stdout); /* what was done stands before what failed */
	keep(cli, errors, count, code);
	if (cli->json && count)
		(void)print_json(cli, errors, count);
	for (size_t i = 0; i < count; i++) {
		if (!cli->json)
			print_text(cli, errors[i]);
		errors[i] = lade_error_free(errors[i]);
	}
	return code;
}

int cli_several(const struct cli *cli, struct lade_error **errors, size_t failed, size_t total)
{
	int code = cli_fail_all(cli, errors, failed);
	return failed && failed < total ? EXIT_PARTLY : code;
}

int cli_fail(const struct cli *cli, struct lade_error *error)
{
	return error ? cli_fail_all(cli, &error, 1) : cli_fail_memory(cli);
}

int cli_fail_memory(const struct cli *cli)
{
	static const char text[] = "the process could not allocate memory";
	if (cli->json)
		(void)fprintf(stderr,
			      "{\"schema\":\"lade/1\",\"ok\":false,\"findings\":[{\"code\":\"environment.memory\","
			      "\"severity\":\"error\",\"message\":\"%s\"}]}\n",
			      text);
	else
		(void)fprintf(stderr, "error[environment.memory]: %s\n", text);
	return EXIT_ENVIRONMENT;
}
