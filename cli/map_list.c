/* SPDX-License-Identifier: BSD-2-Clause */
/* lade map list: every map of the kernel, who uses it, where it is pinned. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"

static const char *const kinds[] = {
	[LADE_USED_BY_INSTANCE] = "instance",
	[LADE_USED_BY_PROGRAM] = "program",
	[LADE_USED_BY_PROCESS] = "process",
};

static struct json_object *users_json(const struct lade_map_list *list, size_t index, size_t count)
{
	struct json_object *users = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct lade_map_user user = { .size = sizeof user };
		if (lade_map_list_user(list, index, i, &user) < 0)
			continue;
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "kind", kinds[user.kind]);
		cli_json_string(json, "name", user.name);
		(void)json_object_object_add(json, "id", user.id ? json_object_new_int64(user.id) : NULL);
		(void)json_object_array_add(users, json);
	}
	return users;
}

static struct json_object *map_json(const struct lade_map_list *list, size_t index,
				    const struct lade_map_list_entry *map)
{
	struct json_object *json = json_object_new_object();
	cli_json_number(json, "id", map->id);
	cli_json_string(json, "name", map->name);
	cli_json_string(json, "type", map->type_name);
	cli_json_number(json, "key_size", map->key_size);
	cli_json_number(json, "value_size", map->value_size);
	cli_json_number(json, "max_entries", map->max_entries);
	cli_json_number(json, "flags", map->flags);
	cli_json_bool(json, "frozen", map->frozen);
	struct json_object *pins = cli_json_array(json, "pins");
	for (size_t i = 0; i < map->pin_count; i++)
		(void)json_object_array_add(pins, json_object_new_string(lade_map_list_pin(list, index, i)));
	(void)json_object_object_add(json, "users", users_json(list, index, map->user_count));
	return json;
}

/* "demo, program count (12), agent (pid 300)" */
static char *describe_users(const struct lade_map_list *list, size_t index, size_t count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);
	if (!file)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct lade_map_user user = { .size = sizeof user };
		const char *comma = i ? ", " : "";
		if (lade_map_list_user(list, index, i, &user) < 0)
			continue;
		if (user.kind == LADE_USED_BY_INSTANCE)
			(void)fprintf(file, "%s%s", comma, user.name);
		else
			(void)fprintf(file, "%s%s %s (%s%u)", comma, kinds[user.kind], user.name,
				      user.kind == LADE_USED_BY_PROGRAM ? "id:" : "pid ", user.id);
	}
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}

static void add_row(struct cli_table *table, const struct lade_map_list *list, size_t index,
		    const struct lade_map_list_entry *map)
{
	char *users = describe_users(list, index, map->user_count);
	cli_row(table, 8, "", map->name, map->type_name ? map->type_name : "?", "", "", map->frozen ? "frozen" : "",
		users, lade_map_list_pin(list, index, 0));
	cli_cell(table, 0, "id:%" PRIu32, map->id);
	cli_cell(table, 3, "%" PRIu32 " → %" PRIu32, map->key_size, map->value_size);
	cli_cell(table, 4, "%" PRIu32 " entries", map->max_entries);
	for (size_t i = 1; i < map->pin_count; i++)
		cli_row(table, 8, "", "", "", "", "", "", "", lade_map_list_pin(list, index, i));
	free(users);
}

int map_list(struct map_verb *verb, int argc, char **argv)
{
	struct lade_map_list *list = NULL;
	struct cli_table table = { 0 };
	if (argc > 1)
		return cli_usage(verb->cli, "list takes one NAME: '%s' is too much", argv[1]);
	if (lade_map_list_read(verb->cli->context, argc ? argv[0] : NULL, &list, &verb->error) < 0)
		return cli_fail(verb->cli, verb->error);
	struct json_object *document = verb->cli->json ? cli_json_document(true) : NULL;
	struct json_object *maps = document ? cli_json_array(document, "maps") : NULL;
	for (size_t i = 0; i < lade_map_list_count(list); i++) {
		struct lade_map_list_entry map = { .size = sizeof map };
		if (lade_map_list_entry(list, i, &map) < 0)
			continue;
		if (maps)
			(void)json_object_array_add(maps, map_json(list, i, &map));
		else
			add_row(&table, list, i, &map);
	}
	(void)lade_map_list_free(list);
	if (verb->cli->json)
		return cli_json_print(verb->cli, document);
	return cli_table_print(&table, stdout) ? EXIT_OK : cli_fail_memory(verb->cli);
}
