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
#include "stop.h"
#include "watching.h"

const struct cli_option verb_run_options[] = {
	EDIT_OPTIONS, TOKEN_OPTION, BTF_OPTION, CONFIG_OPTION, ATTACH_OPTION, WATCH_OPTIONS, { 0 },
};

struct run {
	struct cli *cli;
	struct load_options options;
	struct watch_options watch_options;
	struct lade_instance *instance;
	struct lade_error **absent; /* why programs are not attached, in their order */
	size_t absent_count;
	size_t said; /* notes of the instance */
	bool has_table;
	struct watching watching;
};

/* ---- messages: all on stderr, stdout is for records ---- */

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
	if (!run->watching.stream && !run->watching.iterator_count)
		say(run,
		    "note: the object has no ring or perf buffer; what it writes is in its maps, or in trace_pipe of "
		    "tracefs");
}

/* With what to do about it: names that are near, or the option. */
static void say_with_fix(const struct run *run, const char *label, const struct lade_finding *finding)
{
	struct lade_finding_info info = { .size = sizeof info };
	say_finding(run->cli, label, finding);
	if (run->cli->quiet || run->cli->json || lade_finding_describe(finding, &info) < 0 || !info.fix)
		return;
	(void)fputs("  fix      ", stderr);
	cli_put_safe(stderr, info.fix);
	(void)putc('\n', stderr);
}

static bool is_left_out(const struct lade_finding *note)
{
	struct lade_finding_info info = { .size = sizeof info };
	return lade_finding_describe(note, &info) == 0 && strcmp(info.code, "plan.target.absent") == 0;
}

/* Those that have come since: loading notes something, and so does attaching. */
static void say_notes(struct run *run)
{
	for (; run->said < lade_instance_note_count(run->instance); run->said++) {
		const struct lade_finding *note = lade_instance_note(run->instance, run->said);
		if (is_left_out(note))
			say_with_fix(run, NULL, note);
		else
			say_finding(run->cli, NULL, note);
	}
}

static void say_loaded(struct run *run, const struct lade_object *object)
{
	for (size_t i = 0; i < lade_object_note_count(object); i++)
		say_finding(run->cli, NULL, lade_object_note(object, i));
	say_notes(run);
	watching_say_notes(&run->watching);
}

/* ---- attaching ---- */

/* What the object names and this machine or this command does not have: no reason to give up the other programs. */
static const char *const absences[] = {
	"attach.no-target",
	"attach.unsupported",
	"attach.target-kind",
	"attach.absent",
	"attach.absent-kind",
	"attach.probe.absent",
	"attach.tracepoint.missing",
	"attach.raw-tracepoint.missing",
	"attach.function.missing",
	"attach.function.inlined",
	"attach.function.no-match",
	"attach.function.blacklisted",
	"attach.function.untraceable",
	"attach.function.ambiguous",
	"attach.uprobe.absent",
	"attach.uprobe.file",
	"attach.uprobe.symbol",
	"attach.uprobe.no-symbol",
	"attach.uprobe.session",
	"attach.usdt.missing",
	"attach.usdt.name",
	"attach.usdt.needs-process",
	"attach.hook.unsaid",
	"attach.tc.direction",
};

static bool is_absence(const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (lade_finding_describe(lade_error_finding(error, 0), &info) < 0)
		return false;
	for (size_t i = 0; i < sizeof absences / sizeof *absences; i++)
		if (strcmp(info.code, absences[i]) == 0)
			return true;
	return false;
}

static int keep_absence(struct run *run, struct lade_error *error)
{
	struct lade_error **grown = realloc(run->absent, (run->absent_count + 1) * sizeof(struct lade_error *));
	if (!grown) {
		(void)lade_error_free(error);
		return cli_fail_memory(run->cli);
	}
	run->absent = grown;
	run->absent[run->absent_count++] = error;
	return -1;
}

/* Something runs: the others are noted. Nothing runs: they are why. */
static int say_absences(struct run *run)
{
	size_t count = run->absent_count;
	bool runs = run->has_table || lade_instance_link_count(run->instance) > 0;
	run->absent_count = 0;
	if (!runs)
		return count ? cli_fail_all(run->cli, run->absent, count) : -1;
	for (size_t i = 0; i < count; i++) {
		say_with_fix(run, "not attached", lade_error_finding(run->absent[i], 0));
		run->absent[i] = lade_error_free(run->absent[i]);
	}
	return -1;
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

static int attach_requests(struct run *run)
{
	for (size_t i = 0; i < run->options.load.attach_request_count; i++) {
		const struct lade_attach_request *request = &run->options.load.attach_requests[i];
		struct lade_error *error = NULL;
		int code = -1;
		/* A target without a program is for every program that it fits. */
		if ((request->program || request->target) &&
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
	return is_absence(error) ? keep_absence(run, error) : cli_fail(run->cli, error);
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
		if (!is_ops(map.type_name))
			continue;
		if (lade_instance_attach(run->instance, map.name, NULL, &error) < 0)
			return cli_fail(run->cli, error);
		run->has_table = true;
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
	return code < 0 ? say_absences(run) : code;
}

/* Programs that have an event on every CPU get one on those that come. That one cannot be had ends nothing. */
static void follow_cpus(void *data)
{
	struct run *run = data;
	struct lade_error *error = NULL;
	if (lade_instance_follow_cpus(run->instance, &error) < 0)
		say_finding(run->cli, "warning", lade_error_finding(error, 0));
	(void)lade_error_free(error);
	say_notes(run);
}

/* ---- what is watched ---- */

static bool has_buffer(const struct run *run)
{
	struct lade_loaded_map_info map = { .size = sizeof map };
	for (size_t i = 0; lade_instance_map(run->instance, i, &map) == 0; i++)
		if (map.fd >= 0 && map.type_name &&
		    (strcmp(map.type_name, "ringbuf") == 0 || strcmp(map.type_name, "perf_event_array") == 0))
			return true;
	return false;
}

static int open_stream(struct run *run)
{
	struct lade_error *error = NULL;
	const struct lade_stream_opts *opts = &run->watch_options.stream;
	/* Without a buffer --record names nothing: then the library says so. */
	if (!has_buffer(run) && !opts->type_count && !opts->field_count)
		return -1;
	return lade_stream_open(run->instance, opts, &run->watching.stream, &error) < 0 ? cli_fail(run->cli, error)
											: -1;
}

/* Links of iterators are read; when there is nothing else, their text is all that comes. */
static int add_iterators(struct run *run)
{
	size_t count = lade_instance_link_count(run->instance);
	for (size_t i = 0; i < count; i++) {
		struct lade_link_info link = { .size = sizeof link };
		if (lade_instance_link(run->instance, i, &link) < 0 || strcmp(link.method, "iter") != 0)
			continue;
		if (!watching_add_iterator(&run->watching, link.program, link.fd, NULL))
			return cli_fail_memory(run->cli);
	}
	run->watching.ends_with_iterators = count && run->watching.iterator_count == count && !run->watching.stream &&
					    run->watch_options.seconds <= 0;
	return -1;
}

/* ---- the verb ---- */

static int finish(struct run *run, int code)
{
	struct lade_error *error = NULL;
	if (code < 0)
		watching_say_notes(&run->watching);
	if (code < 0)
		records_summary(&run->watching.records, run->watching.stream);
	watching_clear(&run->watching);
	for (size_t i = 0; i < run->absent_count; i++)
		(void)lade_error_free(run->absent[i]);
	free(run->absent);
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
	if (code < 0)
		code = add_iterators(run);
	if (code < 0) {
		say_notes(run);
		say_links(run);
		run->watching.tend = follow_cpus;
		run->watching.tend_data = run;
		code = watching_loop(&run->watching);
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
	opts.skip_absent_targets = true;
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
	struct run run = { .cli = cli, .watching = { .cli = cli, .options = &run.watch_options } };
	stop_on_signals();
	int code = load_options_read(cli, &run.options);
	if (code < 0)
		code = watch_options_read(cli, &run.watch_options);
	if (code < 0)
		code = run_object(&run, argv[0]);
	watch_options_clear(&run.watch_options);
	load_options_clear(&run.options);
	return code < 0 ? EXIT_OK : code;
}
