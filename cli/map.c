/* SPDX-License-Identifier: BSD-2-Clause */
/* lade map: what is in the maps of the kernel. */
#include "map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct cli_option verb_map_options[] = {
	{ 0, "cpu", "N", "get, set, dump: the value of this CPU; default: of all" },
	{ 0, "new", NULL, "set: only elements that are not there yet" },
	{ 0, "existing", NULL, "set: only elements that are there already" },
	{ 0, "every", "SECONDS", "watch: look this often; default: 1" },
	{ 0, "for", "SECONDS", "watch: end after this time; default: on Ctrl-C" },
	{ 0 },
};

int map_open(struct map_verb *verb, const char *which, enum lade_map_access access)
{
	const struct lade_map_open_opts opts = { .size = sizeof opts, .access = access };
	verb->which = which;
	verb->info.size = sizeof verb->info;
	if (lade_map_open(verb->cli->context, which, &opts, &verb->map, &verb->error) < 0)
		return cli_fail(verb->cli, verb->error);
	(void)lade_live_map_describe(verb->map, &verb->info);
	if (verb->cpu != LADE_ALL_CPUS && (unsigned)verb->cpu >= verb->info.cpus)
		return cli_usage(verb->cli, "--cpu: %s has values of %u CPU%s", verb->info.name, verb->info.cpus,
				 verb->info.cpus == 1 ? "" : "s");
	return -1;
}

void map_close(struct map_verb *verb)
{
	verb->map = lade_map_close(verb->map);
}

bool map_has_keys(const struct map_verb *verb)
{
	static const char *const without[] = { "queue", "stack", "bloom_filter" };
	for (size_t i = 0; i < sizeof without / sizeof *without; i++)
		if (verb->info.type_name && strcmp(verb->info.type_name, without[i]) == 0)
			return false;
	return true;
}

/* Keys such as pid:1, which are shown as they were given: their bytes are a descriptor's number. */
static bool opens_keys(const struct map_verb *verb)
{
	static const char *const local[] = { "sk_storage", "inode_storage", "task_storage", "cgrp_storage" };
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (verb->info.type_name && strcmp(verb->info.type_name, local[i]) == 0)
			return true;
	return false;
}

/* ---- printing ---- */

static void put_json(const struct map_verb *verb, FILE *file, const char *key, const char *value)
{
	bool is_list = verb->info.cpus > 1 && verb->cpu == LADE_ALL_CPUS && value && *value == '[';
	(void)fputc('{', file);
	if (key)
		(void)fprintf(file, "\"key\":%s,", key);
	(void)fprintf(file, "\"%s\":%s}", is_list ? "values" : "value", value ? value : "null");
}

bool map_print_entry(const struct map_verb *verb, FILE *file, const void *key, const void *value)
{
	enum lade_map_form form = verb->cli->json ? LADE_MAP_JSON : LADE_MAP_TEXT;
	char *key_text = NULL, *value_text = NULL;
	bool good = !key || lade_map_print_key(verb->map, key, form, &key_text) == 0;
	good = good && (!value || lade_map_print_value(verb->map, value, verb->cpu, form, &value_text) == 0);
	if (good && verb->cli->json)
		put_json(verb, file, key_text, value_text);
	else if (good)
		(void)fprintf(file, "%s%s%s", key_text ? key_text : "", key_text ? ": " : "",
			      value_text ? value_text : "?");
	free(key_text);
	free(value_text);
	return good;
}

enum { DEEPEST = 1024 }; /* of values, which have the depth that their types have */

/* key: as it was given, where the entry has none of its own; NULL: it has. */
static int print_members(const struct map_verb *verb, const char *entry, const char *key)
{
	struct json_tokener *parser = json_tokener_new_ex(DEEPEST);
	struct json_object *members = parser ? json_tokener_parse_ex(parser, entry, -1) : NULL;
	if (parser)
		json_tokener_free(parser);
	if (!members)
		return cli_fail_memory(verb->cli);
	struct json_object *whole = cli_json_document(true);
	cli_json_string(whole, "map", verb->info.name);
	if (key)
		cli_json_string(whole, "key", key);
	json_object_object_foreach(members, name, member)(void)
		json_object_object_add(whole, name, json_object_get(member));
	(void)json_object_put(members);
	return cli_json_print(verb->cli, whole);
}

/* The value alone, which scripts want; as JSON the key as well. */
static int print_found(const struct map_verb *verb, const void *key, const char *given, const void *value)
{
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);
	bool good = file && map_print_entry(verb, file, verb->cli->json ? key : NULL, value);
	good = file && fclose(file) == 0 && good;
	int code = EXIT_OK;
	if (!good)
		code = cli_fail_memory(verb->cli);
	else if (!verb->cli->json)
		(void)printf("%s\n", text);
	else
		code = print_members(verb, text, given);
	free(text);
	return code;
}

/* ---- get and del ---- */

static int look_up(struct map_verb *verb, const char *text, void *key, void *value)
{
	if (opens_keys(verb))
		return lade_map_lookup_text(verb->map, text, value, &verb->error);
	int result = lade_map_read_key(verb->map, text, key, &verb->error);
	return result < 0 ? result : lade_map_lookup(verb->map, key, value, &verb->error);
}

static int peek(struct map_verb *verb, const char *text, void *value)
{
	int result = text ? lade_map_read_value(verb->map, text, value, &verb->error) : 0;
	return result < 0 ? result : lade_map_peek(verb->map, value, &verb->error);
}

static int get_with(struct map_verb *verb, const char *text, bool has_keys, void *key, void *value)
{
	int result = has_keys ? look_up(verb, text, key, value) : peek(verb, text, value);
	if (result < 0)
		return cli_fail(verb->cli, verb->error);
	bool is_given = opens_keys(verb);
	return print_found(verb, has_keys && !is_given ? key : NULL, is_given ? text : NULL, value);
}

static int get(struct map_verb *verb, int argc, char **argv)
{
	int code = map_open(verb, argv[0], LADE_MAP_READ);
	if (code >= 0)
		return code;
	bool has_keys = map_has_keys(verb);
	bool is_filter = !has_keys && strcmp(verb->info.type_name, "bloom_filter") == 0;
	if (has_keys || is_filter ? argc != 2 : argc != 1)
		return cli_usage(verb->cli, has_keys    ? "get needs MAP and one KEY"
					    : is_filter ? "get needs MAP and a VALUE to ask for"
							: "get needs MAP only: its elements have no keys");
	void *key = calloc(1, verb->info.key_size + 1U), *value = calloc(1, verb->info.value_bytes + 1);
	code = key && value ? get_with(verb, argc == 2 ? argv[1] : NULL, has_keys, key, value)
			    : cli_fail_memory(verb->cli);
	free(key);
	free(value);
	return code;
}

static int pop(struct map_verb *verb)
{
	void *value = calloc(1, verb->info.value_bytes + 1);
	if (!value)
		return cli_fail_memory(verb->cli);
	int result = lade_map_pop(verb->map, value, &verb->error);
	int code = result < 0 ? cli_fail(verb->cli, verb->error) : print_found(verb, NULL, NULL, value);
	free(value);
	return code;
}

static int delete_keys(struct map_verb *verb, int count, char **keys)
{
	int result = 0, done = 0;
	while (done < count && (result = lade_map_delete_text(verb->map, keys[done], &verb->error)) == 0)
		done++;
	if (result < 0) {
		int code = cli_fail(verb->cli, verb->error);
		return done ? EXIT_PARTLY : code;
	}
	if (!verb->cli->json)
		return EXIT_OK;
	struct json_object *document = cli_json_document(true);
	cli_json_string(document, "map", verb->info.name);
	cli_json_number(document, "deleted", done);
	return cli_json_print(verb->cli, document);
}

static int del(struct map_verb *verb, int argc, char **argv)
{
	int code = map_open(verb, argv[0], LADE_MAP_READ_WRITE);
	if (code >= 0)
		return code;
	if (map_has_keys(verb))
		return argc < 2 ? cli_usage(verb->cli, "del needs MAP and at least one KEY")
				: delete_keys(verb, argc - 1, argv + 1);
	return argc > 1 ? cli_usage(verb->cli, "del needs MAP only: its elements have no keys; the first is taken")
			: pop(verb);
}

/* ---- dump ---- */

struct dump {
	const struct map_verb *verb;
	uint64_t count;
};

static int print_dumped(void *userdata, const void *key, const void *value)
{
	struct dump *dump = userdata;
	if (dump->verb->cli->json)
		(void)fputs(dump->count ? ",\n" : "\n", stdout);
	dump->count++;
	if (!map_print_entry(dump->verb, stdout, key, value))
		return -ENOMEM;
	if (!dump->verb->cli->json)
		(void)putc('\n', stdout);
	return ferror(stdout) ? 1 : 0;
}

static void print_head(const struct map_verb *verb)
{
	struct json_object *map = json_object_new_object();
	cli_json_string(map, "name", verb->info.name);
	cli_json_number(map, "id", verb->info.id);
	cli_json_string(map, "type", verb->info.type_name);
	cli_json_string(map, "key", verb->info.key_type);
	cli_json_string(map, "value", verb->info.value_type);
	(void)printf("{\"schema\":\"lade/1\",\"map\":%s,\"entries\":[",
		     json_object_to_json_string_ext(map, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	(void)json_object_put(map);
}

/* One entry a line, written as it comes: a map may be larger than memory is for a tree of it. */
static int dump(struct map_verb *verb, int argc, char **argv)
{
	struct dump dumping = { .verb = verb };
	int code = argc == 1 ? map_open(verb, argv[0], LADE_MAP_READ) : cli_usage(verb->cli, "dump needs one MAP");
	if (code >= 0)
		return code;
	if (verb->cli->json)
		print_head(verb);
	int64_t result = lade_map_iterate(verb->map, NULL, print_dumped, &dumping, &verb->error);
	if (verb->cli->json)
		(void)printf("\n],\"ok\":%s}\n", result < 0 ? "false" : "true");
	if (result < 0)
		return cli_fail(verb->cli, verb->error);
	return EXIT_OK;
}

/* ---- the verb ---- */

static const struct {
	const char *word;
	int least; /* operands behind it */
	int (*function)(struct map_verb *verb, int argc, char **argv);
} words[] = {
	{ "list", 0, map_list }, { "get", 1, get },   { "set", 1, map_set },
	{ "del", 1, del },       { "dump", 1, dump }, { "watch", 1, map_watch },
};
#define WORDS (sizeof words / sizeof *words)

static int read_options(struct map_verb *verb)
{
	const char *cpu = cli_value(verb->cli, "cpu");
	uint64_t number;
	if (cpu && !cli_number(verb->cli, "cpu", cpu, INT32_MAX, &number))
		return EXIT_USAGE;
	verb->cpu = cpu ? (int)number : LADE_ALL_CPUS;
	if (cli_flag(verb->cli, "new") && cli_flag(verb->cli, "existing"))
		return cli_usage(verb->cli, "--new and --existing exclude each other");
	verb->flags = cli_flag(verb->cli, "new")        ? LADE_MAP_NEW
		      : cli_flag(verb->cli, "existing") ? LADE_MAP_EXISTING
							: LADE_MAP_ANY;
	return -1;
}

static int unknown_word(const struct cli *cli, const char *word)
{
	const char *names[WORDS];
	for (size_t i = 0; i < WORDS; i++)
		names[i] = words[i].word;
	const char *near = cli_nearest(word, names, WORDS);
	return near ? cli_usage(cli, "map has no '%s'; did you mean '%s'?", word, near)
		    : cli_usage(cli, "map has no '%s'; there are list, get, set, del, dump and watch", word);
}

int verb_map(struct cli *cli, int argc, char **argv)
{
	struct map_verb verb = { .cli = cli };
	size_t i = 0;
	while (i < WORDS && strcmp(words[i].word, argv[0]) != 0)
		i++;
	if (i == WORDS)
		return unknown_word(cli, argv[0]);
	if (argc - 1 < words[i].least)
		return cli_usage(cli, "map %s needs MAP", argv[0]);
	int code = read_options(&verb);
	if (code < 0)
		code = words[i].function(&verb, argc - 1, argv + 1);
	map_close(&verb);
	return code;
}
