/* SPDX-License-Identifier: BSD-2-Clause */
#include "watching.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stop.h"

/* A signal may come just before a wait begins: none is longer than this. */
#define LONGEST_WAIT_MS 200
#define PENDING_WAIT_MS 2 /* lines are waiting to be written */
#define TEND_SECONDS    0.1

void say_finding(const struct cli *cli, const char *label, const struct lade_finding *finding)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (cli->quiet || cli->json || lade_finding_describe(finding, &info) < 0)
		return;
	(void)fprintf(stderr, "%s: ", label ? label : lade_severity_name(info.severity));
	cli_put_safe(stderr, info.message ? info.message : "");
	(void)fprintf(stderr, " [%s]\n", info.code);
}

void watching_say_notes(struct watching *watching)
{
	const struct cli *cli = watching->cli;
	size_t count = watching->stream ? lade_stream_note_count(watching->stream) : 0;
	if (watching->said < count)
		lines_flush(&watching->records.lines);
	for (; watching->said < count; watching->said++) {
		const struct lade_finding *note = lade_stream_note(watching->stream, watching->said);
		struct lade_finding_info info = { .size = sizeof info };
		if (lade_finding_describe(note, &info) < 0 || cli->quiet || cli->json)
			continue;
		if (info.severity == LADE_WARNING)
			cli_print_finding(cli, stderr, note);
		else
			say_finding(cli, NULL, note);
	}
}

/* ---- iterators ---- */

bool watching_add_iterator(struct watching *watching, const char *name, int link_fd, const char *pin)
{
	struct watched_iterator *grown = realloc(watching->iterators, (watching->iterator_count + 1) * sizeof *grown);
	if (!grown)
		return false;
	watching->iterators = grown;
	struct watched_iterator *added = &grown[watching->iterator_count++];
	*added = (struct watched_iterator){ .name = strdup(name), .link_fd = link_fd, .pin = pin ? strdup(pin) : NULL };
	return added->name && (added->pin || !pin);
}

/* Text goes out as it is; as JSON, each of its lines is an object. */
static bool add_json_line(struct watching *watching, const char *name, const char *line, size_t length)
{
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "iterator", name);
	(void)json_object_object_add(json, "line", json_object_new_string_len(line, (int)length));
	const char *text =
		json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	bool is_good =
		lines_add(&watching->records.lines, text, strlen(text)) && lines_add(&watching->records.lines, "\n", 1);
	(void)json_object_put(json);
	return is_good;
}

/* What was read of a line that is not at its end yet. */
struct partial {
	char *text;
	size_t length;
};

static bool add_partial(struct partial *partial, const char *text, size_t length)
{
	char *grown = realloc(partial->text, partial->length + length + 1);
	if (!grown)
		return false;
	memcpy(grown + partial->length, text, length);
	partial->text = grown;
	partial->length += length;
	return true;
}

static bool add_text(struct watching *watching, const char *name, struct partial *partial, const char *text,
		     size_t length)
{
	if (!watching->cli->json)
		return lines_add(&watching->records.lines, text, length);
	while (length) {
		const char *end = memchr(text, '\n', length);
		size_t part = end ? (size_t)(end - text) : length;
		if (!add_partial(partial, text, part))
			return false;
		if (!end)
			return true;
		if (!add_json_line(watching, name, partial->text, partial->length))
			return false;
		partial->length = 0;
		text += part + 1;
		length -= part + 1;
	}
	return true;
}

/* -1, or the exit code of a read that failed. */
static int read_iterator(struct watching *watching, const struct watched_iterator *iterator, int fd)
{
	char text[16384];
	struct partial partial = { 0 };
	bool has_memory = true;
	ssize_t length = 1;
	while (has_memory && length > 0 && !must_stop() && !watching->records.lines.errnum) {
		length = read(fd, text, sizeof text);
		if (length < 0 && (errno == EINTR || errno == EAGAIN))
			length = 1;
		else if (length > 0)
			has_memory = add_text(watching, iterator->name, &partial, text, (size_t)length);
		if (lines_are_due(&watching->records.lines))
			lines_flush(&watching->records.lines);
	}
	if (has_memory && partial.length)
		has_memory = add_json_line(watching, iterator->name, partial.text, partial.length);
	free(partial.text);
	if (!has_memory)
		return cli_fail_memory(watching->cli);
	if (length < 0) {
		(void)fprintf(stderr, "error: reading iterator %s: %s\n", iterator->name, strerror(errno));
		return EXIT_ENVIRONMENT;
	}
	return -1;
}

static int run_iterators(struct watching *watching)
{
	int code = -1;
	for (size_t i = 0; i < watching->iterator_count && code < 0 && !must_stop(); i++) {
		const struct watched_iterator *iterator = &watching->iterators[i];
		struct lade_error *error = NULL;
		int fd = -1;
		int result = iterator->pin ? lade_iterator_open_pin(watching->cli->context, iterator->pin, &fd, &error)
					   : lade_iterator_open(watching->cli->context, iterator->link_fd, &fd, &error);
		if (result < 0)
			return cli_fail(watching->cli, error);
		code = read_iterator(watching, iterator, fd);
		(void)close(fd);
	}
	lines_flush(&watching->records.lines);
	return code;
}

/* ---- the loop ---- */

static int next_wait_ms(const struct watching *watching, double next_iteration)
{
	int longest = watching->records.lines.length ? PENDING_WAIT_MS : LONGEST_WAIT_MS;
	double left_ms = next_iteration > 0 ? (next_iteration - now_seconds()) * 1000 : longest;
	return left_ms < 1 ? 1 : left_ms < longest ? (int)left_ms + 1 : longest;
}

static int wait_once(struct watching *watching, int timeout_ms, struct lade_error **error)
{
	if (watching->stream)
		return lade_stream_poll(watching->stream, timeout_ms, records_print, &watching->records, error);
	return poll(NULL, 0, timeout_ms) < 0 ? -errno : 0;
}

static bool is_enough(const struct watching *watching)
{
	return watching->options->count && watching->records.count >= watching->options->count;
}

/* One poll, and what has to be written after it. -1 to go on. */
static int step(struct watching *watching, int timeout_ms)
{
	struct records *records = &watching->records;
	struct lade_error *error = NULL;
	int result = wait_once(watching, timeout_ms, &error);
	if (result < 0 && result != -EINTR)
		return cli_fail(watching->cli, error);
	if (records->no_memory)
		return cli_fail_memory(watching->cli);
	if (records->is_last || result <= 0 || lines_are_due(&records->lines))
		lines_flush(&records->lines);
	watching_say_notes(watching);
	return -1;
}

/* Iterators first, then again when it is their time. */
static int iterate_when_due(struct watching *watching, double *next_iteration)
{
	if (!watching->iterator_count || *next_iteration < 0 || now_seconds() < *next_iteration)
		return -1;
	*next_iteration = watching->options->every > 0 ? now_seconds() + watching->options->every : -1;
	return run_iterators(watching);
}

static int report_end(const struct watching *watching)
{
	const struct lines *lines = &watching->records.lines;
	if (lines->given_up && !watching->cli->quiet)
		(void)fprintf(stderr, "warning: %zu bytes were not written: their reader stood still\n",
			      lines->given_up);
	if (!lines->errnum || lines->errnum == EPIPE || was_signalled())
		return -1;
	(void)fprintf(stderr, "error: writing: %s\n", strerror(lines->errnum));
	return EXIT_ENVIRONMENT;
}

static void tend_when_due(const struct watching *watching, double *next)
{
	if (!watching->tend || now_seconds() < *next)
		return;
	watching->tend(watching->tend_data);
	*next = now_seconds() + TEND_SECONDS;
}

int watching_loop(struct watching *watching)
{
	struct records *records = &watching->records;
	double next_iteration = 0, next_tending = 0;
	records->cli = watching->cli;
	records->count_limit = watching->options->count;
	records->lines.is_terminal = isatty(STDOUT_FILENO);
	if (watching->options->seconds > 0)
		stop_after(watching->options->seconds);
	while (!records->is_last) {
		tend_when_due(watching, &next_tending);
		int code = iterate_when_due(watching, &next_iteration);
		bool has_ended = watching->ends_with_iterators && next_iteration < 0;
		records->is_last = must_stop() || is_enough(watching) || has_ended;
		if (records->is_last)
			stop_soon();
		/* Once more at the end: what came meanwhile is printed. */
		if (code < 0 && !(records->is_last && is_enough(watching)))
			code = step(watching, records->is_last ? 0 : next_wait_ms(watching, next_iteration));
		if (code >= 0)
			return code;
		if (lines_have_no_reader(&records->lines))
			break;
	}
	lines_flush(&records->lines);
	return report_end(watching);
}

void watching_clear(struct watching *watching)
{
	for (size_t i = 0; i < watching->iterator_count; i++) {
		free(watching->iterators[i].name);
		free(watching->iterators[i].pin);
	}
	free(watching->iterators);
	watching->stream = lade_stream_close(watching->stream);
	records_clear(&watching->records);
	watching->iterators = NULL;
	watching->iterator_count = 0;
}
