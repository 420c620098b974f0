/* SPDX-License-Identifier: BSD-2-Clause */
/* lade map set: one element, or in bulk what dump --json prints. */
#include <stdlib.h>

#include "map.h"

static int say(const struct map_verb *verb, size_t count)
{
	if (!verb->cli->json)
		return EXIT_OK;
	struct json_object *document = cli_json_document(true);
	cli_json_string(document, "map", verb->info.name);
	cli_json_number(document, "set", (int64_t)count);
	return cli_json_print(verb->cli, document);
}

static int set_all(struct map_verb *verb)
{
	size_t length = 0, done = 0;
	void *text = NULL;
	if (lade_file_read("-", SIZE_MAX / 4, &text, &length, &verb->error) < 0)
		return cli_fail(verb->cli, verb->error);
	int result = lade_map_import_cpu(verb->map, text, length, verb->cpu, verb->flags, &done, &verb->error);
	free(text);
	if (result == 0)
		return say(verb, done);
	int code = cli_fail(verb->cli, verb->error);
	if (done && !verb->cli->quiet && !verb->cli->json)
		(void)fprintf(stderr, "%zu elements before it are set\n", done);
	return done ? EXIT_PARTLY : code;
}

int map_set(struct map_verb *verb, int argc, char **argv)
{
	int code = map_open(verb, argv[0], verb->cpu == LADE_ALL_CPUS ? LADE_MAP_WRITE : LADE_MAP_READ_WRITE);
	if (code >= 0)
		return code;
	bool has_keys = map_has_keys(verb);
	if (argc == 1 && verb->cli->json)
		return set_all(verb);
	if (argc != (has_keys ? 3 : 2))
		return cli_usage(verb->cli,
				 "set needs MAP, %sVALUE; or MAP with --json, and on its input what dump --json prints",
				 has_keys ? "KEY and " : "");
	if (lade_map_set_with(verb->map, has_keys ? argv[1] : NULL, argv[argc - 1], verb->cpu, verb->flags,
			      &verb->error) < 0)
		return cli_fail(verb->cli, verb->error);
	return say(verb, 1);
}
