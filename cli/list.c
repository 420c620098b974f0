/* SPDX-License-Identifier: BSD-2-Clause */
/* lade list: every instance, one line each. */
#include "state.h"

const struct cli_option verb_list_options[] = { { 0 } };

const char *cli_entry_condition(const struct lade_state_entry *entry)
{
	if (entry->busy)
		return "loading";
	return entry->unfinished ? "unfinished" : "loaded";
}

struct json_object *cli_entry_json(const struct lade_state_entry *entry)
{
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "name", entry->name);
	cli_json_string(json, "state", cli_entry_condition(entry));
	cli_json_string(json, "directory", entry->directory);
	cli_json_string(json, "file", entry->file);
	cli_json_number(json, "map_count", (int64_t)entry->map_count);
	cli_json_number(json, "program_count", (int64_t)entry->program_count);
	cli_json_number(json, "link_count", (int64_t)entry->link_count);
	cli_json_number(json, "shared_count", (int64_t)entry->shared_count);
	return json;
}

static struct json_object *entry_with_links(const struct lade_state *state, size_t index,
					    const struct lade_state_entry *entry)
{
	struct json_object *json = cli_entry_json(entry), *links = cli_json_array(json, "links");

	for (size_t i = 0; i < lade_state_pin_count(state, index); i++) {
		struct lade_pin_info pin = { .size = sizeof pin };
		if (lade_state_pin(state, index, i, &pin) == 0 && pin.kind == LADE_PINNED_LINK)
			(void)json_object_array_add(links, cli_pin_json(&pin));
	}
	return json;
}

static int list_json(const struct cli *cli, const struct lade_state *state)
{
	struct json_object *document = cli_json_document(true);
	if (!document)
		return cli_fail_memory(cli);
	struct json_object *instances = cli_json_array(document, "instances");
	for (size_t i = 0; i < lade_state_count(state); i++) {
		struct lade_state_entry entry = { .size = sizeof entry };
		if (lade_state_entry(state, i, &entry) == 0)
			(void)json_object_array_add(instances, entry_with_links(state, i, &entry));
	}
	return cli_json_print(cli, document);
}

static void add_row(struct cli_table *table, const struct lade_state_entry *entry)
{
	cli_row(table, 7, entry->name, cli_entry_condition(entry), "", "", "", "", entry->file);
	cli_cell(table, 2, "%zu", entry->map_count);
	cli_cell(table, 3, "%zu", entry->program_count);
	cli_cell(table, 4, "%zu", entry->link_count);
	cli_cell(table, 5, "%zu", entry->shared_count);
}

static void add_links(struct cli_table *table, const struct lade_state *state, size_t index, const char *name)
{
	for (size_t i = 0; i < lade_state_pin_count(state, index); i++) {
		struct lade_pin_info pin = { .size = sizeof pin };
		char condition[64];
		if (lade_state_pin(state, index, i, &pin) < 0 || pin.kind != LADE_PINNED_LINK)
			continue;
		if (!table->count)
			cli_row(table, 5, "LINK OF", "PROGRAM", "METHOD", "TARGET", "");
		cli_row(table, 5, name, pin.program ? pin.program : pin.name, pin.method ? pin.method : pin.type_name,
			pin.target, cli_link_condition(&pin, condition));
	}
}

/* What is attached, of all instances. */
static int list_links(const struct cli *cli, const struct lade_state *state)
{
	struct cli_table table = { 0 };

	for (size_t i = 0; i < lade_state_count(state); i++) {
		struct lade_state_entry entry = { .size = sizeof entry };
		if (lade_state_entry(state, i, &entry) == 0)
			add_links(&table, state, i, entry.name);
	}
	if (table.count)
		(void)putchar('\n');
	return cli_table_print(&table, stdout) ? EXIT_OK : cli_fail_memory(cli);
}

static int list_text(const struct cli *cli, const struct lade_state *state)
{
	size_t count = lade_state_count(state);
	if (count == 0 && !cli->quiet)
		(void)fputs("nothing is loaded\n", stderr);
	if (count == 0)
		return EXIT_OK;
	struct cli_table table = { .right = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 };
	if (!cli->quiet)
		cli_row(&table, 7, "NAME", "STATE", "MAPS", "PROGRAMS", "LINKS", "SHARED", "FILE");
	for (size_t i = 0; i < count; i++) {
		struct lade_state_entry entry = { .size = sizeof entry };
		if (lade_state_entry(state, i, &entry) == 0)
			add_row(&table, &entry);
	}
	if (!cli_table_print(&table, stdout))
		return cli_fail_memory(cli);
	return cli->quiet ? EXIT_OK : list_links(cli, state);
}

int verb_list(struct cli *cli, int argc, char **argv)
{
	(void)argc, (void)argv;
	struct lade_state *state = NULL;
	struct lade_error *error = NULL;
	if (lade_state_read(cli->context, NULL, &state, &error) < 0)
		return cli_fail(cli, error);
	int code = cli->json ? list_json(cli, state) : list_text(cli, state);
	lade_state_free(state);
	return code;
}
