/* SPDX-License-Identifier: BSD-2-Clause */
/* lade trace: what programs print for whoever debugs them. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "stop.h"

const struct cli_option verb_trace_options[] = {
	{ 0, "clear", NULL, "drop first what was printed before, for everyone" },
	{ 0, "on", NULL, "turn tracing on where it is off, and off again at the end" },
	{ 0, "for", "SECONDS", "end after this time; default: on Ctrl-C" },
	{ 0 },
};

/* A signal may come just before a wait begins: none is longer than this. */
#define LONGEST_WAIT_MS 200

struct trace_verb {
	struct cli *cli;
	struct lade_trace *trace;
	double seconds; /* 0: no end */
	bool is_over;   /* nobody reads */
};

/* ---- one line ---- */

static void print_json(const struct lade_trace_line *line)
{
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "task", line->task);
	(void)json_object_object_add(json, "pid", line->task ? json_object_new_int64(line->pid) : NULL);
	(void)json_object_object_add(json, "cpu", line->cpu >= 0 ? json_object_new_int(line->cpu) : NULL);
	if (line->lost) {
		cli_json_number(json, "lost", (int64_t)line->lost);
	} else {
		(void)json_object_object_add(json, "time_ns",
					     line->task ? json_object_new_uint64(line->time_ns) : NULL);
		cli_json_string(json, "function", line->function);
		cli_json_string(json, "text", line->text ? line->text : line->line);
	}
	(void)printf("%s\n",
		     json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	(void)json_object_put(json);
}

static int print_line(void *userdata, const struct lade_trace_line *line)
{
	struct trace_verb *verb = userdata;
	if (verb->cli->json) {
		print_json(line);
	} else {
		cli_put_safe(stdout, line->line);
		(void)putchar('\n');
	}
	verb->is_over = ferror(stdout);
	return verb->is_over || must_stop();
}

/* ---- the verb ---- */

static void say_notes(const struct trace_verb *verb)
{
	for (size_t i = 0; i < lade_trace_note_count(verb->trace) && !verb->cli->quiet; i++) {
		const struct lade_finding *note = lade_trace_note(verb->trace, i);
		if (!verb->cli->json) {
			cli_print_finding(verb->cli, stderr, note);
			continue;
		}
		struct json_object *json = cli_finding_json(note);
		(void)fprintf(
			stderr, "%s\n",
			json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		(void)json_object_put(json);
	}
}

static int read_lines(struct trace_verb *verb)
{
	double end = verb->seconds > 0 ? now_seconds() + verb->seconds : 0;
	for (bool is_last = false; !is_last;) {
		struct lade_error *error = NULL;
		double left = end > 0 ? (end - now_seconds()) * 1000 : LONGEST_WAIT_MS;
		is_last = must_stop() || left <= 0;
		int wait_ms = is_last ? 0 : left < LONGEST_WAIT_MS ? (int)left + 1 : LONGEST_WAIT_MS;
		int result = lade_trace_poll(verb->trace, wait_ms, print_line, verb, &error);
		if (result < 0 && result != -EINTR)
			return cli_fail(verb->cli, error);
		if (verb->is_over || reader_has_gone())
			return EXIT_OK;
	}
	return EXIT_OK;
}

int verb_trace(struct cli *cli, int argc, char **argv)
{
	struct trace_verb verb = { .cli = cli };
	struct lade_error *error = NULL;
	const struct lade_trace_opts opts = { .size = sizeof opts,
					      .which = argc ? argv[0] : NULL,
					      .clear = cli_flag(cli, "clear"),
					      .turn_on = cli_flag(cli, "on") };
	int code = cli_seconds(cli, "for", 0, &verb.seconds);
	if (code >= 0)
		return code;
	stop_on_signals(); /* what was turned on is turned off */
	if (lade_trace_open(cli->context, &opts, &verb.trace, &error) < 0)
		return cli_fail(cli, error);
	say_notes(&verb);
	code = read_lines(&verb);
	(void)lade_trace_close(verb.trace);
	return code;
}
