/* SPDX-License-Identifier: BSD-2-Clause */
#include "load_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- reading ---- */

static const char *const kinds[] = { "dev",  "cgroup", "file",     "pid",        "prog",  "netns",    "map",
				     "lirc", "socket", "function", "tracepoint", "route", "netfilter" };

/* "dve:lo" means a kind of target, if there is no such file: an object is named by a path. */
static bool is_nearly_kind(const char *text, const char *word)
{
	char start[16];
	size_t length = strcspn(text, ":/");

	if (text[length] != ':' || !length || length >= sizeof start || access(word, F_OK) == 0)
		return false;
	memcpy(start, text, length);
	start[length] = '\0';
	return cli_nearest(start, kinds, sizeof kinds / sizeof *kinds);
}

static bool starts_with(const char *text, const char *kind)
{
	size_t length = strlen(kind);

	return strncmp(text, kind, length) == 0 && text[length] == ':';
}

bool cli_is_attach_target(const char *word)
{
	const char *equals = strchr(word, '=');

	if (equals && !equals[1]) /* PROG=: what its section names */
		return true;
	if (equals && strchr(equals, ':') && access(word, F_OK) < 0) /* of an unknown kind: that is said of it */
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (starts_with(word, kinds[i]) || (equals && starts_with(equals + 1, kinds[i])))
			return true;
	return is_nearly_kind(word, word) || (equals && is_nearly_kind(equals + 1, word));
}

static bool starts_with_kind(const char *text)
{
	const char *colon = strchr(text, ':'), *equals = strchr(text, '=');

	return colon && (!equals || colon < equals);
}

static int add_request(struct cli *cli, struct load_options *options, const char *text)
{
	size_t index = options->load.attach_request_count;
	const char *target = text;

	if (!*text) {
		options->load.attach = true;
		return -1;
	}
	if (!starts_with_kind(text)) {
		options->names[index] = cli_split(text, &target);
		if (!options->names[index])
			return cli_usage(cli, "--attach: '%s' is no [PROG=]TARGET", text);
	}
	options->requests[index] = (struct lade_attach_request){ options->names[index], *target ? target : NULL };
	options->load.attach_request_count++;
	return -1;
}

static int read_requests(struct cli *cli, struct load_options *options)
{
	size_t count = cli_count(cli, "attach"), position = 0;
	int code = -1;

	options->requests = calloc(count + 1, sizeof *options->requests);
	options->names = calloc(count + 1, sizeof *options->names);
	if (!options->requests || !options->names)
		return cli_fail_memory(cli);
	for (const char *text; code < 0 && (text = cli_next_value(cli, "attach", &position));)
		code = add_request(cli, options, text);
	options->load.attach_requests = options->requests;
	return code;
}

static int read_log_level(struct cli *cli, struct load_options *options)
{
	const char *text = cli_value(cli, "verifier-log");
	char *end;
	unsigned long level;

	if (!text)
		return -1;
	level = strtoul(text, &end, 10);
	if (end == text || (*end && *end != ':') || level < 1 || level > 7 || (*end == ':' && !end[1]))
		return cli_usage(cli, "--verifier-log: '%s' is no LEVEL[:FILE]; levels are 1, 2 and 4", text);
	options->load.verifier_log_level = (uint32_t)level;
	options->log_file = *end ? end + 1 : NULL;
	return -1;
}

int load_options_read(struct cli *cli, struct load_options *options)
{
	uint64_t jobs = 0;
	const char *text = cli_value(cli, "jobs");
	int code;

	*options = (struct load_options){ .open = { .size = sizeof options->open },
					  .load = { .size = sizeof options->load } };
	options->open.dialect = cli_value(cli, "dialect");
	options->open.pin_names = cli_value(cli, "pin-names");
	if (!cli_android_options(cli, &options->open))
		return EXIT_USAGE;
	if (text && !cli_number(cli, "jobs", text, 1024, &jobs))
		return EXIT_USAGE;
	options->load.jobs = (unsigned)jobs;
	code = read_log_level(cli, options);
	return code >= 0 ? code : read_requests(cli, options);
}

void load_options_clear(struct load_options *options)
{
	for (size_t i = 0; options->names && i < options->load.attach_request_count; i++)
		free(options->names[i]);
	free(options->names);
	free(options->requests);
}

/* ---- editing ---- */

/* Names that the object has, for a message that helps. */
typedef const char *name_fn(const struct lade_object *object, size_t index);

static const char *map_name(const struct lade_object *object, size_t index)
{
	struct lade_map_info info = { .size = sizeof info };

	if (index >= lade_object_map_count(object) || lade_map_describe(lade_object_map(object, index), &info) < 0)
		return NULL;
	return info.name;
}

static const char *program_name(const struct lade_object *object, size_t index)
{
	struct lade_program_info info = { .size = sizeof info };

	if (index >= lade_object_program_count(object) ||
	    lade_program_describe(lade_object_program(object, index), &info) < 0)
		return NULL;
	return info.name;
}

static const char *variable_name(const struct lade_object *object, size_t index)
{
	struct lade_variable_info info = { .size = sizeof info };

	if (index >= lade_object_variable_count(object) ||
	    lade_variable_describe(lade_object_variable(object, index), &info) < 0)
		return NULL;
	return info.name;
}

#define NAMES_MAX 256

static int unknown_name(struct cli *cli, const struct lade_object *object, const char *what, const char *name,
			name_fn *names)
{
	const char *known[NAMES_MAX];
	size_t count = 0;
	const char *near;

	while (count < NAMES_MAX && (known[count] = names(object, count)))
		count++;
	near = cli_nearest(name, known, count);
	if (near)
		return cli_usage(cli, "the object has no %s '%s'; did you mean '%s'?", what, name, near);
	if (!count)
		return cli_usage(cli, "the object has no %s '%s': it has none", what, name);
	return cli_usage(cli, "the object has no %s '%s'; it has '%s' (lade inspect lists them)", what, name, known[0]);
}

typedef int edit_fn(struct cli *cli, struct lade_object *object, const char *name, const char *value,
		    struct lade_error **error);

static int edit_set(struct cli *cli, struct lade_object *object, const char *name, const char *value,
		    struct lade_error **error)
{
	struct lade_variable *variable = lade_object_find_variable(object, name);

	if (!variable)
		return unknown_name(cli, object, "variable", name, variable_name);
	if (lade_variable_set(variable, value, error) < 0)
		return EXIT_USAGE;
	return -1;
}

/* Without a pin: what its section leaves to us to ask for. */
static int wake_map(struct cli *cli, const struct lade_object *object, const char *name)
{
	struct lade_map *map = lade_object_find_map(object, name);

	if (!map)
		return unknown_name(cli, object, "map", name, map_name);
	if (lade_map_set_autocreate(map, true) < 0)
		return cli_usage(
			cli, "--map: '%s' has no '=PIN'; only tables of struct_ops are asked for by their name", name);
	return -1;
}

static int edit_map(struct cli *cli, struct lade_object *object, const char *name, const char *value,
		    struct lade_error **error)
{
	struct lade_map *map = name ? lade_object_find_map(object, name) : NULL;

	(void)error;
	if (!name)
		return wake_map(cli, object, value);
	if (!map)
		return unknown_name(cli, object, "map", name, map_name);
	return lade_map_set_reuse(map, value) < 0 ? cli_fail_memory(cli) : -1;
}

static int edit_entries(struct cli *cli, struct lade_object *object, const char *name, const char *value,
			struct lade_error **error)
{
	struct lade_map *map = lade_object_find_map(object, name);
	uint64_t entries;

	(void)error;
	if (!map)
		return unknown_name(cli, object, "map", name, map_name);
	if (!cli_number(cli, "max-entries", value, UINT32_MAX, &entries))
		return EXIT_USAGE;
	if (lade_map_set_max_entries(map, (uint32_t)entries) < 0)
		return cli_usage(cli, "--max-entries: %s holds variables; its size is fixed", name);
	return -1;
}

/* Every program that has this function or section name. */
static bool program_is(const struct lade_program *program, const char *name)
{
	struct lade_program_info info = { .size = sizeof info };

	return lade_program_describe(program, &info) == 0 &&
	       (strcmp(info.name, name) == 0 || strcmp(info.section, name) == 0);
}

static int unknown_type(struct cli *cli, const char *word)
{
	const char *names[64], *near;
	size_t count = 0;

	while (count < sizeof names / sizeof *names && (names[count] = lade_program_type_at(count)))
		count++;
	near = cli_nearest(word, names, count);
	return near ? cli_usage(cli, "--type: '%s' is no program type Lade knows; did you mean '%s'?", word, near)
		    : cli_usage(cli, "--type: '%s' is no program type Lade knows (xdp, sched_cls, kprobe …)", word);
}

static int edit_type(struct cli *cli, struct lade_object *object, const char *name, const char *value,
		     struct lade_error **error)
{
	bool found = false;

	(void)error;
	for (size_t i = 0; i < lade_object_program_count(object); i++) {
		struct lade_program *program = lade_object_program(object, i);
		if (name && !program_is(program, name))
			continue;
		found = true;
		if (lade_program_set_type(program, value) < 0)
			return unknown_type(cli, value);
	}
	return found || !name ? -1 : unknown_name(cli, object, "program", name, program_name);
}

static int edit_target(struct cli *cli, struct lade_object *object, const char *name, const char *value,
		       struct lade_error **error)
{
	bool found = false;

	(void)error;
	if (!*value)
		return cli_usage(cli, "--target: %s= names no pin, id, interface or function", name);
	for (size_t i = 0; i < lade_object_program_count(object); i++) {
		struct lade_program *program = lade_object_program(object, i);
		if (!program_is(program, name))
			continue;
		found = true;
		if (lade_program_set_target(program, value) < 0)
			return cli_fail_memory(cli);
	}
	return found ? -1 : unknown_name(cli, object, "program", name, program_name);
}

static int each_pair(struct cli *cli, const char *option, struct lade_object *object, edit_fn *edit,
		     struct lade_error **error)
{
	size_t position = 0;
	int code = -1;

	for (const char *text; code < 0 && (text = cli_next_value(cli, option, &position));) {
		const char *value;
		char *name = cli_split(text, &value);
		if (!name && (edit == edit_type || edit == edit_map))
			code = edit(cli, object, NULL, text, error);
		else if (!name)
			code = cli_usage(cli, "--%s: '%s' has no '='", option, text);
		else
			code = edit(cli, object, name, value, error);
		free(name);
	}
	return code;
}

static bool is_chosen(const struct lade_program *program)
{
	struct lade_program_info info = { .size = sizeof info };

	return lade_program_describe(program, &info) == 0 && info.autoload;
}

/* Whether a program was chosen that was not before. */
static bool choose_slots(const struct lade_object *object, const struct lade_map *map)
{
	const char *target;
	uint32_t index;
	bool more = false;

	for (size_t i = 0; lade_map_initial(map, i, &index, &target) == 0; i++) {
		struct lade_program *program = lade_object_find_program(object, target);
		if (!program || is_chosen(program))
			continue;
		(void)lade_program_set_autoload(program, true);
		more = true;
	}
	return more;
}

/* What sits in a slot of a prog array belongs to the program that jumps there, as tc loaded it along. */
static void choose_tail_calls(const struct lade_object *object)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < lade_object_program_count(object); i++) {
			const struct lade_program *program = lade_object_program(object, i);
			const struct lade_map *map;
			for (size_t j = 0; is_chosen(program) && (map = lade_program_map(program, j)); j++)
				more |= choose_slots(object, map);
		}
	}
}

/* --prog: what is named is loaded, whatever its section says; everything else is not. */
static int choose_programs(struct cli *cli, struct lade_object *object)
{
	size_t position = 0;

	if (!cli_count(cli, "prog"))
		return -1;
	for (size_t i = 0; i < lade_object_program_count(object); i++)
		(void)lade_program_set_autoload(lade_object_program(object, i), false);
	for (const char *name; (name = cli_next_value(cli, "prog", &position));) {
		bool found = false;
		for (size_t i = 0; i < lade_object_program_count(object); i++) {
			struct lade_program *program = lade_object_program(object, i);
			if (!program_is(program, name))
				continue;
			found = true;
			(void)lade_program_set_autoload(program, true);
		}
		if (!found)
			return unknown_name(cli, object, "program", name, program_name);
	}
	choose_tail_calls(object);
	return -1;
}

static int edit(struct cli *cli, struct lade_object *object, struct lade_error **error)
{
	int code = each_pair(cli, "set", object, edit_set, error);

	if (code < 0)
		code = each_pair(cli, "map", object, edit_map, error);
	if (code < 0)
		code = each_pair(cli, "max-entries", object, edit_entries, error);
	if (code < 0)
		code = each_pair(cli, "type", object, edit_type, error);
	if (code < 0)
		code = each_pair(cli, "target", object, edit_target, error);
	return code < 0 ? choose_programs(cli, object) : code;
}

int load_options_open(struct cli *cli, const struct load_options *options, const char *path,
		      struct lade_object **ret_object, struct lade_error **ret_error)
{
	struct lade_object *object = NULL;
	int code;

	if (lade_object_open(cli->context, path, &options->open, &object, ret_error) < 0)
		return lade_error_exit_code(*ret_error);
	code = edit(cli, object, ret_error);
	if (code >= 0) {
		(void)lade_object_free(object);
		return code;
	}
	*ret_object = object;
	return -1;
}

/* ---- logs ---- */

typedef void write_fn(FILE *file, const void *from);

static void write_log(FILE *file, const char *program, const char *log)
{
	(void)fprintf(file, "; program %s\n", program ? program : "?");
	(void)fputs(log, file);
}

static void write_accepted(FILE *file, const void *from)
{
	const struct lade_instance *instance = from;

	for (size_t i = 0; i < lade_instance_program_count(instance); i++) {
		struct lade_loaded_program_info info = { .size = sizeof info };
		if (lade_instance_program(instance, i, &info) == 0 && info.log)
			write_log(file, info.name, info.log);
	}
}

static void write_rejected(FILE *file, const void *from)
{
	const struct lade_error *error = from;

	for (size_t i = 0; i < lade_error_finding_count(error); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		if (lade_finding_describe(lade_error_finding(error, i), &info) == 0 && info.log)
			write_log(file, info.program, info.log);
	}
}

static int write_to_file(const char *path, write_fn *write, const void *from)
{
	FILE *file = fopen(path, "we");
	bool failed;

	if (!file)
		return -errno;
	write(file, from);
	failed = ferror(file);
	failed |= fclose(file) != 0;
	return failed ? -EIO : 0;
}

/* What was asked for is written even when nothing loaded; a log that cannot be written undoes no load. */
static int write_logs(struct cli *cli, const struct load_options *options, write_fn *write, const void *from)
{
	int r;

	if (!options->load.verifier_log_level)
		return -1;
	if (!options->log_file) {
		write(stderr, from);
		return -1;
	}
	r = write_to_file(options->log_file, write, from);
	if (r == 0)
		return -1;
	if (!cli->quiet)
		(void)fprintf(stderr, "error[environment.output]: --verifier-log: cannot write %s: %s\n",
			      options->log_file, strerror(-r));
	return EXIT_ENVIRONMENT;
}

int load_options_write_logs(struct cli *cli, const struct load_options *options, const struct lade_instance *instance)
{
	return write_logs(cli, options, write_accepted, instance);
}

int load_options_write_rejected(struct cli *cli, const struct load_options *options, const struct lade_error *error)
{
	return write_logs(cli, options, write_rejected, error);
}
