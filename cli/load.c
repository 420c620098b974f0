/* SPDX-License-Identifier: BSD-2-Clause */
/* lade load: each object is a transaction of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "load_options.h"

const struct cli_option verb_load_options[] = {
	EDIT_OPTIONS,
	TOKEN_OPTION, BTF_OPTION,
	CONFIG_OPTION,
	{ 0, "name", "N", "object name: pinned as lade/N; default: the file name without .bpf.o or .o" },
	{ 0, "pin", "DIR", "pin into this directory (absolute, or below bpffs) instead of lade/NAME" },
	ATTACH_OPTION,
	{ 0, "replace", NULL, "replace what is loaded under this name without a gap; what is attached stays attached" },
	{ 0, "adopt", "MAP", "--replace: go on with the running map though it differs; alone: all that differ",
	  cli_takes_nothing },
	{ 0, "migrate", "MAP", "--replace: copy the running map's entries into a new one", cli_takes_nothing },
	{ 0, "recreate", "MAP", "--replace: start with a new map", cli_takes_nothing },
	{ 0, "dry-run", NULL, "print the plan; needs no privilege and changes nothing" },
	{ 0 },
};

/* ---- text ---- */

static const char *below_bpffs(const char *pin, const char *directory)
{
	const char *bpffs = "/sys/fs/bpf/";

	if (!pin || (directory && strncmp(pin, directory, strlen(directory)) == 0))
		return NULL;
	return strncmp(pin, bpffs, strlen(bpffs)) == 0 ? pin + strlen(bpffs) : pin;
}

static void print_map(struct cli_table *table, const char *label, const struct lade_loaded_map_info *map,
		      const char *directory)
{
	const char *pin = below_bpffs(map->pin, directory);

	cli_row(table, 3, label, map->name, map->type_name);
	cli_cell(table, 3, "%u → %u", map->key_size, map->value_size);
	cli_cell(table, 4, "%u entries", map->max_entries);
	if (map->reused && directory && map->pin && strncmp(map->pin, directory, strlen(directory)) == 0)
		cli_cell(table, 5, "goes on"); /* of what was replaced */
	else if (map->reused)
		cli_cell(table, 5, "reused from %s", pin ? pin : "a pin");
	else if (pin)
		cli_cell(table, 5, "pinned %s", pin);
}

static void print_program(struct cli_table *table, const char *label, const struct lade_loaded_program_info *program)
{
	cli_row(table, 3, label, program->name, program->type_name);
	if (program->fd < 0) {
		cli_cell(table, 3, "skipped: %s", program->skip ? program->skip : "not asked for");
		return;
	}
	cli_cell(table, 3, "%u insns", program->instructions);
	cli_cell(table, 4, "verified in %.1f ms", (double)program->verify_ns / 1e6);
	if (program->slot_map)
		cli_cell(table, 5, "slot %u of %s", program->slot, program->slot_map);
}

static void print_links(struct cli_table *table, const struct lade_instance *instance)
{
	for (size_t i = 0; i < lade_instance_link_count(instance); i++) {
		struct lade_link_info link = { .size = sizeof link };
		if (lade_instance_link(instance, i, &link) == 0)
			cli_row(table, 4, i ? "" : "links", link.program, link.method, link.target);
	}
}

static void print_tables(const struct lade_instance *instance)
{
	struct cli_table maps = { .indent = 2 }, programs = { .indent = 2 }, links = { .indent = 2 };
	const char *directory = lade_instance_directory(instance);

	for (size_t i = 0; i < lade_instance_map_count(instance); i++) {
		struct lade_loaded_map_info map = { .size = sizeof map };
		if (lade_instance_map(instance, i, &map) == 0)
			print_map(&maps, i ? "" : "maps", &map, directory);
	}
	for (size_t i = 0; i < lade_instance_program_count(instance); i++) {
		struct lade_loaded_program_info program = { .size = sizeof program };
		if (lade_instance_program(instance, i, &program) == 0)
			print_program(&programs, i ? "" : "programs", &program);
	}
	print_links(&links, instance);
	(void)cli_table_print(&maps, stdout);
	(void)cli_table_print(&programs, stdout);
	(void)cli_table_print(&links, stdout);
}

static void print_header(const struct lade_object *object)
{
	struct lade_object_info info = { .size = sizeof info };
	const char *first;

	if (lade_object_describe(object, &info) < 0)
		return;
	cli_put_safe(stdout, info.file);
	(void)printf(": %s dialect", info.dialect);
	first = info.evidence_count ? info.evidence[0] : NULL;
	if (first) {
		(void)printf(" (");
		cli_put_safe(stdout, first);
		(void)printf(")");
	}
	(void)printf("\n");
}

static const char *last_name(const char *directory)
{
	const char *slash = directory ? strrchr(directory, '/') : NULL;

	return slash ? slash + 1 : directory;
}

static void print_text(struct cli *cli, const struct lade_object *object, const struct lade_instance *instance)
{
	if (cli->quiet)
		return;
	print_header(object);
	print_tables(instance);
	for (size_t i = 0; i < lade_object_note_count(object); i++)
		cli_print_note(cli, lade_object_note(object, i));
	for (size_t i = 0; i < lade_instance_note_count(instance); i++)
		cli_print_note(cli, lade_instance_note(instance, i));
	(void)printf("loaded in %.1f ms as %s\n", (double)lade_instance_load_ns(instance) / 1e6,
		     last_name(lade_instance_directory(instance)));
}

/* ---- JSON ---- */

static struct json_object *map_json(const struct lade_loaded_map_info *map)
{
	struct json_object *json = json_object_new_object();

	cli_json_string(json, "name", map->name);
	cli_json_string(json, "type", map->type_name);
	cli_json_number(json, "key_size", map->key_size);
	cli_json_number(json, "value_size", map->value_size);
	cli_json_number(json, "max_entries", map->max_entries);
	cli_json_number(json, "flags", map->flags);
	cli_json_bool(json, "reused", map->reused);
	cli_json_string(json, "pin_path", map->pin);
	return json;
}

static struct json_object *program_json(const struct lade_loaded_program_info *program)
{
	struct json_object *json = json_object_new_object();

	cli_json_string(json, "name", program->name);
	cli_json_string(json, "section", program->section);
	cli_json_string(json, "type", program->type_name);
	cli_json_bool(json, "loaded", program->fd >= 0);
	cli_json_string(json, "skip", program->skip);
	cli_json_number(json, "instructions", program->instructions);
	cli_json_number(json, "verify_ns", (int64_t)program->verify_ns);
	cli_json_string(json, "pin_path", program->pin);
	cli_json_string(json, "slot_map", program->slot_map);
	if (program->slot_map)
		cli_json_number(json, "slot", program->slot);
	return json;
}

static void add_notes(struct json_object *notes, const struct lade_object *object, const struct lade_instance *instance)
{
	for (size_t i = 0; i < lade_object_note_count(object); i++)
		(void)json_object_array_add(notes, cli_finding_json(lade_object_note(object, i)));
	for (size_t i = 0; i < lade_instance_note_count(instance); i++)
		(void)json_object_array_add(notes, cli_finding_json(lade_instance_note(instance, i)));
}

static struct json_object *instance_json(const struct lade_object *object, const struct lade_instance *instance)
{
	struct lade_object_info info = { .size = sizeof info };
	struct json_object *json = json_object_new_object(), *maps, *programs, *links;

	(void)lade_object_describe(object, &info);
	cli_json_string(json, "file", info.file);
	cli_json_string(json, "name", last_name(lade_instance_directory(instance)));
	cli_json_string(json, "dialect", info.dialect);
	cli_json_string(json, "directory", lade_instance_directory(instance));
	cli_json_number(json, "load_ns", (int64_t)lade_instance_load_ns(instance));
	maps = cli_json_array(json, "maps");
	for (size_t i = 0; i < lade_instance_map_count(instance); i++) {
		struct lade_loaded_map_info map = { .size = sizeof map };
		if (lade_instance_map(instance, i, &map) == 0)
			(void)json_object_array_add(maps, map_json(&map));
	}
	programs = cli_json_array(json, "programs");
	for (size_t i = 0; i < lade_instance_program_count(instance); i++) {
		struct lade_loaded_program_info program = { .size = sizeof program };
		if (lade_instance_program(instance, i, &program) == 0)
			(void)json_object_array_add(programs, program_json(&program));
	}
	links = cli_json_array(json, "links");
	for (size_t i = 0; i < lade_instance_link_count(instance); i++) {
		struct lade_link_info link = { .size = sizeof link };
		if (lade_instance_link(instance, i, &link) == 0)
			(void)json_object_array_add(links, cli_link_json(&link));
	}
	add_notes(cli_json_array(json, "notes"), object, instance);
	return json;
}

/* ---- the dry run ---- */

static struct json_object *step_json(const struct lade_plan_step_info *step)
{
	struct json_object *json = json_object_new_object(), *needs;

	cli_json_string(json, "operation", step->operation);
	if (step->slot >= 0)
		cli_json_number(json, "slot", step->slot);
	cli_json_string(json, "text", step->text);
	needs = cli_json_array(json, "needs");
	for (size_t i = 0; i < step->need_count; i++)
		(void)json_object_array_add(needs, json_object_new_int(step->needs[i]));
	return json;
}

static void print_step(const struct lade_plan_step_info *step)
{
	char slot[16] = "";

	if (step->slot >= 0)
		(void)snprintf(slot, sizeof slot, "%%%d =", step->slot);
	(void)printf("  %6s  ", slot);
	cli_put_safe(stdout, step->text);
	for (size_t i = 0; i < step->need_count; i++)
		(void)printf("%s%%%d", i ? ", " : "  ← ", step->needs[i]);
	(void)printf("\n");
}

static int dry_run(struct cli *cli, struct lade_object *object, const struct lade_load_opts *opts,
		   struct json_object *objects, struct lade_error **error)
{
	struct lade_plan *plan = NULL;
	struct json_object *json = NULL, *steps = NULL;
	struct lade_object_info info = { .size = sizeof info };

	if (lade_plan_new(object, opts, &plan, error) < 0)
		return lade_error_exit_code(*error);
	(void)lade_object_describe(object, &info);
	if (cli->json) {
		json = json_object_new_object();
		cli_json_string(json, "file", info.file);
		steps = cli_json_array(json, "steps");
		(void)json_object_array_add(objects, json);
	} else {
		print_header(object);
	}
	for (size_t i = 0; i < lade_plan_step_count(plan); i++) {
		struct lade_plan_step_info step = { .size = sizeof step };
		if (lade_plan_step(plan, i, &step) < 0)
			continue;
		if (steps)
			(void)json_object_array_add(steps, step_json(&step));
		else
			print_step(&step);
	}
	(void)lade_plan_free(plan);
	return -1;
}

/* ---- the verb ---- */

static int load_opened(struct cli *cli, const struct load_options *options, struct lade_object *object,
		       struct json_object *objects, struct lade_error **error)
{
	struct lade_load_opts opts = options->load;
	struct lade_object_info info = { .size = sizeof info };
	struct lade_instance *instance = NULL;
	int code;

	(void)lade_object_describe(object, &info);
	opts.name = info.name;
	if (cli_flag(cli, "dry-run"))
		return dry_run(cli, object, &opts, objects, error);
	if (lade_object_load(object, &opts, &instance, error) < 0) {
		(void)load_options_write_rejected(cli, options, *error);
		return lade_error_exit_code(*error);
	}
	if (cli->json)
		(void)json_object_array_add(objects, instance_json(object, instance));
	else
		print_text(cli, object, instance);
	code = load_options_write_logs(cli, options, instance);
	(void)lade_instance_close(instance);
	return code;
}

static int load_one(struct cli *cli, const struct load_options *options, const char *path, struct json_object *objects,
		    struct lade_error **error)
{
	struct lade_object *object = NULL;
	int code = load_options_open(cli, options, path, &object, error);

	if (code >= 0)
		return code;
	code = load_opened(cli, options, object, objects, error);
	(void)lade_object_free(object);
	return code;
}

/* Every object is tried; what loaded is printed, then what did not. */
static int load_all(struct cli *cli, const struct load_options *options, int argc, char **argv,
		    struct json_object *objects)
{
	struct lade_error **errors = calloc((size_t)argc, sizeof(struct lade_error *));
	size_t failed = 0;
	int code = -1;

	if (!errors)
		return cli_fail_memory(cli);
	for (int i = 0; i < argc; i++) {
		struct lade_error *error = NULL;
		int r = load_one(cli, options, argv[i], objects, &error);
		if (error)
			errors[failed++] = error;
		else if (r >= 0 && code < 0)
			code = r; /* wrong use, already said */
		if (r >= 0 && !error)
			break;
	}
	if (cli->json && objects && json_object_array_length(objects)) {
		struct json_object *document = cli_json_document(failed == 0);
		(void)json_object_object_add(document, "objects", json_object_get(objects));
		(void)cli_json_print(cli, document);
	}
	(void)fflush(stdout);
	if (failed) {
		int r = cli_several(cli, errors, failed, (size_t)argc);
		code = code < 0 ? r : code;
	}
	free(errors);
	return code < 0 ? EXIT_OK : code;
}

int verb_load(struct cli *cli, int argc, char **argv)
{
	struct load_options options;
	struct lade_map_choice *choices = NULL;
	struct json_object *objects = cli->json ? json_object_new_array() : NULL;
	int code = load_options_read(cli, &options);

	options.open.name = cli_value(cli, "name");
	options.load.pin_dir = cli_value(cli, "pin");
	if (code < 0)
		code = load_replace_read(cli, &options.load, &choices);
	if (code < 0 && argc > 1 && (options.open.name || options.load.pin_dir))
		code = cli_usage(cli, "--name and --pin are for one object; there are %d", argc);
	if (code < 0)
		code = load_all(cli, &options, argc, argv, objects);
	(void)json_object_put(objects);
	load_options_clear(&options);
	free(choices);
	return code;
}
