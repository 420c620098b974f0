/* SPDX-License-Identifier: BSD-2-Clause */
/* lade run: load without pins, attach, print what comes, take everything away again. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load_options.h"
#include "run_records.h"

const struct cli_option verb_run_options[] = {
	EDIT_OPTIONS,
	TOKEN_OPTION, BTF_OPTION,
	CONFIG_OPTION,
	ATTACH_OPTION,
	{ 0, "for", "SECONDS", "end after this time; default: on Ctrl-C" },
	{ 0, "record", "[MAP=]STRUCT", "show records (of MAP) as this struct of the object's BTF; may be repeated" },
	{ 0, "buffer", "SIZE", "bytes of a perf buffer on each CPU; K, M; default: 256K" },
	{ 0 },
};

/* A signal may come just before a wait begins: none is longer than this. */
#define LONGEST_WAIT_MS 200

static volatile sig_atomic_t got_signal;

static void on_signal(int number)
{
	got_signal = number;
}

static bool must_stop(void)
{
	return got_signal;
}

/* Without SA_RESTART: a wait ends. */
static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

struct run {
	struct cli *cli;
	struct load_options options;
	struct lade_record_type *types;
	char **type_maps; /* owned names that types points to */
	size_t type_count;
	size_t buffer_bytes;
	double seconds; /* 0: no end */
	struct lade_instance *instance;
	struct lade_stream *stream; /* NULL: nothing to read */
	struct run_records records;
};

/* ---- options ---- */

static int read_seconds(struct run *run)
{
	const char *text = cli_value(run->cli, "for");
	if (!text)
		return -1;
	char *end;
	run->seconds = strtod(text, &end);
	bool is_good = end != text && !*end && run->seconds > 0 && run->seconds <= 1e9;
	return is_good ? -1 : cli_usage(run->cli, "--for: '%s' is no number of seconds above 0", text);
}

static int read_types(struct run *run)
{
	size_t count = cli_count(run->cli, "record"), position = 0;
	run->types = calloc(count + 1, sizeof *run->types);
	run->type_maps = calloc(count + 1, sizeof *run->type_maps);
	if (!run->types || !run->type_maps)
		return cli_fail_memory(run->cli);
	for (const char *text; (text = cli_next_value(run->cli, "record", &position)); run->type_count++) {
		const char *type = text;
		char *map = cli_split(text, &type);
		run->type_maps[run->type_count] = map;
		if (!*type || (map && !*map))
			return cli_usage(run->cli, "--record: '%s' is no [MAP=]STRUCT", text);
		run->types[run->type_count] = (struct lade_record_type){ .map = map, .type = type };
	}
	return -1;
}

static int read_options(struct run *run)
{
	const char *buffer = cli_value(run->cli, "buffer");
	uint64_t bytes = 0;
	int code = load_options_read(run->cli, &run->options);
	if (code < 0)
		code = read_seconds(run);
	if (code < 0)
		code = read_types(run);
	if (code < 0 && buffer && !cli_bytes(run->cli, "buffer", buffer, UINT64_C(1) << 30, &bytes))
		code = EXIT_USAGE;
	run->buffer_bytes = (size_t)bytes;
	return code;
}

/* ---- messages: all on stderr, stdout is for records ---- */

static void say_finding(const struct run *run, const char *label, const struct lade_finding *finding)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (run->cli->quiet || run->cli->json || lade_finding_describe(finding, &info) < 0)
		return;
	(void)fprintf(stderr, "%s: ", label ? label : lade_severity_name(info.severity));
	cli_put_safe(stderr, info.message ? info.message : "");
	(void)fprintf(stderr, " [%s]\n", info.code);
}

static void say(const struct run *run, const char *text)
{
	if (!run->cli->quiet && !run->cli->json)
		(void)fprintf(stderr, "%s\n", text);
}

static void say_links(const struct run *run)
{
	size_t count = lade_instance_link_count(run->instance);
	for (size_t i = 0; i < count && !run->cli->quiet && !run->cli->json; i++) {
		struct lade_link_info link = { .size = sizeof link };
		if (lade_instance_link(run->instance, i, &link) < 0)
			continue;
		(void)fputs("attached ", stderr);
		cli_put_safe(stderr, link.program);
		(void)fprintf(stderr, " to %s ", link.method);
		cli_put_safe(stderr, link.target);
		(void)putc('\n', stderr);
	}
	if (!count)
		say(run, "note: nothing is attached; --attach [PROG=]TARGET attaches");
	if (!run->stream)
		say(run,
		    "note: the object has no ring or perf buffer; what it writes is in its maps, or in trace_pipe of "
		    "tracefs");
}

static void say_loaded(const struct run *run, const struct lade_object *object)
{
	for (size_t i = 0; i < lade_object_note_count(object); i++)
		say_finding(run, NULL, lade_object_note(object, i));
	for (size_t i = 0; i < lade_instance_note_count(run->instance); i++)
		say_finding(run, NULL, lade_instance_note(run->instance, i));
	for (size_t i = 0; run->stream && i < lade_stream_note_count(run->stream); i++)
		say_finding(run, NULL, lade_stream_note(run->stream, i));
}

/* ---- attaching ---- */

static const char *first_code(const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (lade_finding_describe(lade_error_finding(error, 0), &info) < 0)
		return "";
	return info.code;
}

/* The program simply does not go there: no reason to give up the others. */
static bool does_not_apply(const struct lade_error *error)
{
	static const char *const codes[] = { "attach.no-target", "attach.unsupported", "attach.target-kind" };
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strcmp(first_code(error), codes[i]) == 0)
			return true;
	return false;
}

static bool has_link(const struct run *run, const char *program)
{
	for (size_t i = 0; i < lade_instance_link_count(run->instance); i++) {
		struct lade_link_info link = { .size = sizeof link };
		if (lade_instance_link(run->instance, i, &link) == 0 && strcmp(link.program, program) == 0)
			return true;
	}
	return false;
}

/* A target without a program is for every program that it fits, and must fit one. */
static int attach_all_to(struct run *run, const char *target)
{
	struct lade_error *last = NULL;
	bool is_done = false;
	for (size_t i = 0; i < lade_instance_program_count(run->instance); i++) {
		struct lade_loaded_program_info program = { .size = sizeof program };
		struct lade_error *error = NULL;
		if (lade_instance_program(run->instance, i, &program) < 0 || program.fd < 0 || program.slot_map)
			continue;
		if (lade_instance_attach(run->instance, program.name, target, &error) == 0) {
			is_done = true;
			continue;
		}
		(void)lade_error_free(last);
		last = error;
		if (!does_not_apply(error))
			return cli_fail(run->cli, error);
	}
	if (!is_done && last)
		return cli_fail(run->cli, last);
	(void)lade_error_free(last);
	return -1;
}

static int attach_requests(struct run *run)
{
	for (size_t i = 0; i < run->options.load.attach_request_count; i++) {
		const struct lade_attach_request *request = &run->options.load.attach_requests[i];
		struct lade_error *error = NULL;
		int code = -1;
		if (!request->program && request->target)
			code = attach_all_to(run, request->target);
		else if (request->program &&
			 lade_instance_attach(run->instance, request->program, request->target, &error) < 0)
			code = cli_fail(run->cli, error);
		if (code >= 0)
			return code;
	}
	return -1;
}

/* The old samples put their socket filter on the loopback interface themselves. */
static const char *default_target(const struct lade_loaded_program_info *program)
{
	bool is_socket = program->type_name && strcmp(program->type_name, "socket_filter") == 0;
	return is_socket ? "dev:lo" : NULL;
}

static int attach_program(struct run *run, const struct lade_loaded_program_info *program)
{
	struct lade_error *error = NULL;
	if (lade_instance_attach(run->instance, program->name, default_target(program), &error) == 0)
		return -1;
	if (!does_not_apply(error))
		return cli_fail(run->cli, error);
	say_finding(run, "not attached", lade_error_finding(error, 0));
	(void)lade_error_free(error);
	return -1;
}

static bool is_ops(const char *type_name)
{
	return type_name && strcmp(type_name, "struct_ops") == 0;
}

/* Programs in slots are tail-called, those in tables are called by the kernel: they have no place of their own. */
static bool attaches_by_itself(const struct run *run, const struct lade_loaded_program_info *program)
{
	return program->fd >= 0 && !is_ops(program->type_name) && !program->slot_map && !has_link(run, program->name);
}

/* Tables of kernel operations are put to work by their own name. */
static int attach_tables(struct run *run)
{
	struct lade_loaded_map_info map = { .size = sizeof map };
	for (size_t i = 0; lade_instance_map(run->instance, i, &map) == 0; i++) {
		struct lade_error *error = NULL;
		if (is_ops(map.type_name) && lade_instance_attach(run->instance, map.name, NULL, &error) < 0)
			return cli_fail(run->cli, error);
	}
	return -1;
}

static int attach(struct run *run)
{
	int code = attach_requests(run);
	if (code < 0)
		code = attach_tables(run);
	for (size_t i = 0; code < 0 && i < lade_instance_program_count(run->instance); i++) {
		struct lade_loaded_program_info program = { .size = sizeof program };
		if (lade_instance_program(run->instance, i, &program) == 0 && attaches_by_itself(run, &program))
			code = attach_program(run, &program);
	}
	return code;
}

/* ---- waiting ---- */

static double now_seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int next_wait_ms(double end)
{
	double left_ms = end > 0 ? (end - now_seconds()) * 1000 : LONGEST_WAIT_MS;
	return left_ms < 0 ? 0 : left_ms < LONGEST_WAIT_MS ? (int)left_ms + 1 : LONGEST_WAIT_MS;
}

/* Nobody reads any more: "lade run … | head" ends with head, even when no further record comes. */
static bool reader_has_gone(struct run *run)
{
	struct pollfd output = { .fd = STDOUT_FILENO };
	if (fflush(stdout) != 0 && !run->records.output_errno)
		run->records.output_errno = errno;
	if (!run->records.output_errno && poll(&output, 1, 0) > 0 && output.revents & POLLERR)
		run->records.output_errno = EPIPE;
	return run->records.output_errno;
}

/* Leaving quietly: what is still in the buffer has nowhere to go. */
static void forget_output(void)
{
	if (freopen("/dev/null", "we", stdout))
		clearerr(stdout);
}

static int wait_once(struct run *run, int timeout_ms, struct lade_error **error)
{
	if (run->stream)
		return lade_stream_poll(run->stream, timeout_ms, run_records_print, &run->records, error);
	return poll(NULL, 0, timeout_ms) < 0 ? -errno : 0;
}

static int wait_for_end(struct run *run)
{
	double end = run->seconds > 0 ? now_seconds() + run->seconds : 0;
	for (bool is_last = false; !is_last;) {
		struct lade_error *error = NULL;
		is_last = got_signal || (end > 0 && now_seconds() >= end);
		/* Once more at the end: what came meanwhile is printed. */
		int result = wait_once(run, is_last ? 0 : next_wait_ms(end), &error);
		if (result < 0 && result != -EINTR)
			return cli_fail(run->cli, error);
		if (run->records.no_memory)
			return cli_fail_memory(run->cli);
		if (reader_has_gone(run)) {
			/* A signal may end a write, too. */
			if (run->records.output_errno == EPIPE || got_signal)
				forget_output();
			return -1;
		}
	}
	return -1;
}

/* ---- the verb ---- */

static int open_stream(struct run *run)
{
	const struct lade_stream_opts opts = { .size = sizeof opts,
					       .types = run->types,
					       .type_count = run->type_count,
					       .perf_buffer_bytes = run->buffer_bytes };
	struct lade_error *error = NULL;
	run->records.must_stop = must_stop;
	if (!run_records_init(&run->records, run->cli, run->instance))
		return cli_fail_memory(run->cli);
	/* Without a buffer --record names nothing: then the library says so. */
	if (!run->records.count && !run->type_count)
		return -1;
	return lade_stream_open(run->instance, &opts, &run->stream, &error) < 0 ? cli_fail(run->cli, error) : -1;
}

static int finish(struct run *run, int code)
{
	struct lade_error *error = NULL;
	/* The lost-record note is made while reading. */
	for (size_t i = 0; run->stream && code < 0 && i < lade_stream_note_count(run->stream); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		if (lade_finding_describe(lade_stream_note(run->stream, i), &info) == 0 &&
		    info.severity == LADE_WARNING && !run->cli->quiet && !run->cli->json)
			cli_print_finding(run->cli, stderr, lade_stream_note(run->stream, i));
	}
	run->stream = lade_stream_close(run->stream);
	if (code < 0)
		run_records_summary(&run->records);
	if (lade_instance_unload(run->instance, &error) < 0) {
		int unload_code = cli_fail(run->cli, error);
		code = code < 0 ? unload_code : code;
	}
	run->instance = NULL;
	return code;
}

static int run_loaded(struct run *run, const struct lade_object *object)
{
	int code = load_options_write_logs(run->cli, &run->options, run->instance);
	/* The stream first: no record of a program that is attached may be missed. */
	if (code < 0)
		code = open_stream(run);
	if (code < 0)
		say_loaded(run, object);
	if (code < 0)
		code = attach(run);
	if (code < 0) {
		say_links(run);
		code = wait_for_end(run);
	}
	return finish(run, code);
}

static int run_object(struct run *run, const char *path)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	int code = load_options_open(run->cli, &run->options, path, &object, &error);
	if (code >= 0)
		return error ? cli_fail(run->cli, error) : code;
	struct lade_load_opts opts = run->options.load;
	opts.name = opts.pin_dir = NULL;
	opts.attach = false; /* afterwards, one by one: what cannot attach is noted and left */
	opts.attach_requests = NULL;
	opts.attach_request_count = 0;
	if (lade_object_load(object, &opts, &run->instance, &error) < 0) {
		(void)load_options_write_rejected(run->cli, &run->options, error);
		code = cli_fail(run->cli, error);
	} else {
		code = run_loaded(run, object);
	}
	(void)lade_object_free(object);
	return code;
}

int verb_run(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	struct run run = { .cli = cli };
	catch_signals();
	int code = read_options(&run);
	if (code < 0)
		code = run_object(&run, argv[0]);
	run_records_clear(&run.records);
	for (size_t i = 0; run.type_maps && i < run.type_count + 1; i++)
		free(run.type_maps[i]);
	free(run.type_maps);
	free(run.types);
	load_options_clear(&run.options);
	return code < 0 ? EXIT_OK : code;
}
