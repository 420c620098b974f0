/* SPDX-License-Identifier: BSD-2-Clause */
/* lade watch: print what comes out of buffers and iterators that are loaded already. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stop.h"
#include "watching.h"

const struct cli_option verb_watch_options[] = {
	{ 0, "obj", "FILE", "take the types of records from this object file; default: from the kernel" },
	WATCH_OPTIONS,
	{ 0 },
};

struct watch {
	struct watching watching;
	struct watch_options options;
	struct lade_object *object; /* of --obj */
};

/* ---- what an operand names ---- */

static bool is_code(const struct lade_error *error, const char *code)
{
	struct lade_finding_info info = { .size = sizeof info };
	return lade_finding_describe(lade_error_finding(error, 0), &info) == 0 && strcmp(info.code, code) == 0;
}

/* Iterators among the links of an instance. False without memory. */
static bool add_iterators_of(struct watch *watch, const struct lade_state *state, size_t entry)
{
	struct lade_pin_info pin = { .size = sizeof pin };
	for (size_t i = 0; lade_state_pin(state, entry, i, &pin) == 0; i++)
		if (pin.kind == LADE_PINNED_LINK && pin.path && pin.type_name && strcmp(pin.type_name, "iter") == 0 &&
		    !watching_add_iterator(&watch->watching, pin.detail ? pin.detail : pin.name, -1, pin.path))
			return false;
	return true;
}

/* How many were added; -1 without memory. */
static int add_iterators(struct watch *watch, const char *which)
{
	struct lade_state *state = NULL;
	size_t before = watch->watching.iterator_count;
	if (strncmp(which, "id:", 3) == 0 || lade_state_read(watch->watching.cli->context, which, &state, NULL) < 0)
		return 0;
	bool has_memory = true;
	for (size_t i = 0; i < lade_state_count(state) && has_memory; i++)
		has_memory = add_iterators_of(watch, state, i);
	(void)lade_state_free(state);
	return has_memory ? (int)(watch->watching.iterator_count - before) : -1;
}

/* A pinned link of somebody's. */
static bool is_iterator_pin(struct watch *watch, const char *which)
{
	int fd = -1;
	if (*which != '/' || lade_iterator_open_pin(watch->watching.cli->context, which, &fd, NULL) < 0)
		return false;
	(void)close(fd);
	return true;
}

static int add_operand(struct watch *watch, const char *which)
{
	struct watching *watching = &watch->watching;
	struct lade_error *error = NULL;
	int iterators = add_iterators(watch, which);
	if (iterators == 0 && is_iterator_pin(watch, which)) {
		if (watching_add_iterator(watching, which, -1, which))
			return -1;
		iterators = -1;
	}
	if (iterators < 0)
		return cli_fail_memory(watching->cli);
	if (lade_stream_add(watching->stream, which, &error) == 0)
		return -1;
	/* An instance may have iterators only. */
	if (iterators > 0 && is_code(error, "stream.no-buffer")) {
		(void)lade_error_free(error);
		return -1;
	}
	return cli_fail(watching->cli, error);
}

/* ---- the verb ---- */

static int open_object(struct watch *watch)
{
	struct cli *cli = watch->watching.cli;
	const char *path = cli_value(cli, "obj");
	struct lade_error *error = NULL;
	if (path && lade_object_open(cli->context, path, NULL, &watch->object, &error) < 0)
		return cli_fail(cli, error);
	watch->options.stream.object = watch->object;
	return -1;
}

static int open_all(struct watch *watch, int argc, char **argv)
{
	struct cli *cli = watch->watching.cli;
	struct lade_error *error = NULL;
	if (lade_stream_new(cli->context, &watch->options.stream, &watch->watching.stream, &error) < 0)
		return cli_fail(cli, error);
	int code = -1;
	for (int i = 0; i < argc && code < 0; i++)
		code = add_operand(watch, argv[i]);
	if (code >= 0 || lade_stream_map_count(watch->watching.stream))
		return code;
	/* Iterators only. */
	watch->watching.stream = lade_stream_close(watch->watching.stream);
	watch->watching.ends_with_iterators = true;
	return -1;
}

static void say_watched(const struct watch *watch)
{
	const struct watching *watching = &watch->watching;
	struct lade_stream_map_info map = { .size = sizeof map };
	if (watching->cli->quiet || watching->cli->json)
		return;
	for (size_t i = 0; watching->stream && lade_stream_map(watching->stream, i, &map) == 0; i++) {
		(void)fputs("watching ", stderr);
		cli_put_safe(stderr, map.name);
		(void)fprintf(stderr, " (%s)\n", map.type_name);
	}
}

int verb_watch(struct cli *cli, int argc, char **argv)
{
	struct watch watch = { .watching = { .cli = cli, .options = &watch.options } };
	stop_on_signals();
	int code = watch_options_read(cli, &watch.options);
	if (code < 0)
		code = open_object(&watch);
	if (code < 0)
		code = open_all(&watch, argc, argv);
	if (code < 0) {
		say_watched(&watch);
		watching_say_notes(&watch.watching);
		code = watching_loop(&watch.watching);
	}
	if (code < 0)
		records_summary(&watch.watching.records, watch.watching.stream);
	watching_clear(&watch.watching);
	watch_options_clear(&watch.options);
	(void)lade_object_free(watch.object);
	return code < 0 ? EXIT_OK : code;
}
