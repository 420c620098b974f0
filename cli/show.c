/* SPDX-License-Identifier: BSD-2-Clause */
/* lade show: the maps, programs and links of an instance. */
#include <inttypes.h>
#include <stdlib.h>

#include "state.h"

const struct cli_option verb_show_options[] = { { 0 } };

/* What one kind of pin is called, and what there is to say about it. */
struct pin_words {
	const char *list; /* JSON key, and the word before the first row */
	void (*add_cells)(struct cli_table *table, const struct lade_pin_info *pin);
	void (*add_json)(struct json_object *json, const struct lade_pin_info *pin);
};

static void add_map_cells(struct cli_table *table, const struct lade_pin_info *pin)
{
	if (!pin->type_name)
		return;
	cli_cell(table, 3, "%" PRIu32 " → %" PRIu32, pin->key_size, pin->value_size);
	cli_cell(table, 4, "%" PRIu32 " entries", pin->max_entries);
}

static void add_map_json(struct json_object *json, const struct lade_pin_info *pin)
{
	cli_json_number(json, "key_size", pin->key_size);
	cli_json_number(json, "value_size", pin->value_size);
	cli_json_number(json, "max_entries", pin->max_entries);
	cli_json_number(json, "flags", pin->flags);
}

static void add_program_cells(struct cli_table *table, const struct lade_pin_info *pin)
{
	if (pin->instructions)
		cli_cell(table, 3, "%" PRIu32 " insns", pin->instructions);
}

static void add_program_json(struct json_object *json, const struct lade_pin_info *pin)
{
	cli_json_number(json, "instructions", pin->instructions);
}

const char *cli_link_condition(const struct lade_pin_info *pin, char buffer[64])
{
	if (pin->gone)
		return "gone";
	if (!pin->netns)
		return "";
	(void)snprintf(buffer, 64, "in network namespace %" PRIu64, pin->netns);
	return buffer;
}

static void add_link_cells(struct cli_table *table, const struct lade_pin_info *pin)
{
	char condition[64];
	const char *text = cli_link_condition(pin, condition);

	cli_cell(table, 1, "%s", pin->program ? pin->program : pin->name);
	cli_cell(table, 2, "%s", pin->method ? pin->method : pin->type_name ? pin->type_name : "");
	cli_cell(table, 3, "%s", pin->target ? pin->target : "");
	if (*text)
		cli_cell(table, 7, "%s", text);
}

static void add_link_json(struct json_object *json, const struct lade_pin_info *pin)
{
	cli_json_string(json, "detail", pin->detail);
	cli_json_string(json, "program", pin->program);
	cli_json_string(json, "method", pin->method);
	cli_json_string(json, "target", pin->target);
	cli_json_bool(json, "gone", pin->gone);
	(void)json_object_object_add(json, "netns", pin->netns ? json_object_new_int64((int64_t)pin->netns) : NULL);
}

static const struct pin_words words[] = {
	[LADE_PINNED_MAP] = { "maps", add_map_cells, add_map_json },
	[LADE_PINNED_PROGRAM] = { "programs", add_program_cells, add_program_json },
	[LADE_PINNED_LINK] = { "links", add_link_cells, add_link_json },
};
#define KINDS (sizeof words / sizeof *words)

struct json_object *cli_pin_json(const struct lade_pin_info *pin)
{
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "name", pin->name);
	cli_json_string(json, "type", pin->type_name);
	(void)json_object_object_add(json, "id", pin->id ? json_object_new_int64(pin->id) : NULL);
	words[pin->kind].add_json(json, pin);
	cli_json_string(json, "pin_path", pin->path);
	cli_json_bool(json, "shared", pin->shared);
	cli_json_bool(json, "created", pin->created || !pin->shared);
	return json;
}

static struct json_object *instance_json(const struct lade_state *state, size_t index,
					 const struct lade_state_entry *entry)
{
	struct json_object *json = cli_entry_json(entry), *lists[KINDS];
	for (size_t kind = 0; kind < KINDS; kind++)
		lists[kind] = cli_json_array(json, words[kind].list);
	for (size_t i = 0; i < lade_state_pin_count(state, index); i++) {
		struct lade_pin_info pin = { .size = sizeof pin };
		if (lade_state_pin(state, index, i, &pin) == 0 && pin.kind < KINDS)
			(void)json_object_array_add(lists[pin.kind], cli_pin_json(&pin));
	}
	return json;
}

static void add_pin_row(struct cli_table *table, const struct lade_pin_info *pin, bool first)
{
	cli_row(table, 7, first ? words[pin->kind].list : "", pin->name, pin->type_name, "", "", "",
		pin->path ? pin->path : "no pin: in the journal");
	words[pin->kind].add_cells(table, pin);
	if (pin->id)
		cli_cell(table, 5, "id %" PRIu32, pin->id);
	if (pin->shared)
		cli_cell(table, 7, "%s", pin->created ? "shared, made by this load" : "shared, found by this load");
}

static int instance_text(const struct cli *cli, const struct lade_state *state, size_t index,
			 const struct lade_state_entry *entry)
{
	struct cli_table table = { .indent = 2 };
	cli_put_safe(stdout, entry->name);
	(void)printf(": %s", cli_entry_condition(entry));
	if (entry->file) {
		(void)fputs(" from ", stdout);
		cli_put_safe(stdout, entry->file);
	}
	(void)printf(" in %s\n", entry->directory);
	for (size_t kind = 0; kind < KINDS; kind++) {
		bool first = true;
		for (size_t i = 0; i < lade_state_pin_count(state, index); i++) {
			struct lade_pin_info pin = { .size = sizeof pin };
			if (lade_state_pin(state, index, i, &pin) < 0 || pin.kind != kind)
				continue;
			add_pin_row(&table, &pin, first);
			first = false;
		}
	}
	if (!cli_table_print(&table, stdout))
		return cli_fail_memory(cli);
	if (entry->unfinished && !cli->quiet)
		(void)printf("  the load was interrupted; 'lade unload %s' removes what is left\n", entry->name);
	return EXIT_OK;
}

/* Shows one operand: as text at once, as JSON at the end of `instances`. */
static int show_one(const struct cli *cli, const char *which, struct json_object *instances, struct lade_error **error)
{
	struct lade_state *state = NULL;
	int code = lade_state_read(cli->context, which, &state, error);
	for (size_t i = 0; code >= 0 && i < lade_state_count(state); i++) {
		struct lade_state_entry entry = { .size = sizeof entry };
		if (lade_state_entry(state, i, &entry) < 0)
			continue;
		if (instances)
			(void)json_object_array_add(instances, instance_json(state, i, &entry));
		else
			(void)instance_text(cli, state, i, &entry);
	}
	lade_state_free(state);
	return code;
}

int verb_show(struct cli *cli, int argc, char **argv)
{
	struct json_object *document = cli->json ? cli_json_document(true) : NULL;
	struct json_object *instances = document ? cli_json_array(document, "instances") : NULL;
	struct lade_error **errors = calloc((size_t)argc, sizeof *errors);
	if (!errors || (cli->json && !instances)) {
		free(errors);
		json_object_put(document);
		return cli_fail_memory(cli);
	}
	size_t failed = 0;
	for (int i = 0; i < argc; i++)
		if (show_one(cli, argv[i], instances, &errors[failed]) < 0)
			failed++;
	int code = cli_several(cli, errors, failed, (size_t)argc);
	if (document && failed < (size_t)argc)
		(void)cli_json_print(cli, document);
	else
		json_object_put(document);
	free(errors);
	return code;
}
