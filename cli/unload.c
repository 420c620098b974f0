/* SPDX-License-Identifier: BSD-2-Clause */
/* lade unload: detach and remove. */
#include <stdlib.h>

#include "cli.h"

const struct cli_option verb_unload_options[] = {
	{ 0, "orphans", NULL, "remove what interrupted commands left behind and is provably Lade's" },
	{ 0, "dry-run", NULL, "--orphans: say what would be removed" },
	{ 0 },
};

/* ---- orphans ---- */

struct orphans {
	const struct cli *cli;
	struct json_object *list; /* NULL: text */
	bool remove;
	size_t count;
};

static void tell_orphan(void *userdata, const struct lade_orphan_info *orphan)
{
	struct orphans *orphans = userdata;
	const char *done = orphan->removed ? "removed" : orphans->remove ? "cannot remove" : "would remove";

	orphans->count++;
	if (orphans->list) {
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "kind", orphan->kind);
		cli_json_string(json, "name", orphan->name);
		cli_json_string(json, "place", orphan->place);
		cli_json_string(json, "why", orphan->why);
		cli_json_bool(json, "removed", orphan->removed);
		(void)json_object_array_add(orphans->list, json);
	} else if (!orphans->cli->quiet) {
		(void)printf("%s %s ", done, orphan->kind);
		cli_put_safe(stdout, orphan->name);
		(void)printf(" (%s): %s\n", orphan->place, orphan->why);
	}
}

static int unload_orphans(struct cli *cli)
{
	struct json_object *document = cli->json ? cli_json_document(true) : NULL;
	struct orphans orphans = { .cli = cli,
				   .list = document ? cli_json_array(document, "orphans") : NULL,
				   .remove = !cli_flag(cli, "dry-run") };
	struct lade_error *error = NULL;
	int result = lade_state_orphans(cli->context, orphans.remove, tell_orphan, &orphans, &error);

	if (document)
		(void)cli_json_print(cli, document);
	else if (result == 0 && !orphans.count && !cli->quiet)
		(void)puts("nothing is left behind");
	return result < 0 ? cli_fail(cli, error) : EXIT_OK;
}

/* ---- by name ---- */

static int report(const struct cli *cli, char *const *done, size_t count)
{
	if (cli->json) {
		struct json_object *document = cli_json_document(true);
		struct json_object *names = document ? cli_json_array(document, "unloaded") : NULL;
		for (size_t i = 0; names && i < count; i++)
			(void)json_object_array_add(names, json_object_new_string(done[i]));
		return cli_json_print(cli, document);
	}
	for (size_t i = 0; i < count && !cli->quiet; i++) {
		(void)fputs("unloaded ", stdout);
		cli_put_safe(stdout, done[i]);
		(void)putchar('\n');
	}
	return EXIT_OK;
}

static int unload_names(struct cli *cli, int argc, char **argv)
{
	struct lade_error **errors = calloc((size_t)argc, sizeof *errors);
	if (!errors)
		return cli_fail_memory(cli);
	size_t failed = 0, done = 0;
	for (int i = 0; i < argc; i++) {
		if (lade_state_unload(cli->context, argv[i], &errors[failed]) < 0)
			failed++;
		else
			argv[done++] = argv[i];
	}
	int reported = done ? report(cli, argv, done) : EXIT_OK;
	int code = cli_several(cli, errors, failed, (size_t)argc);
	free(errors);
	return code ? code : reported;
}

int verb_unload(struct cli *cli, int argc, char **argv)
{
	bool orphans = cli_flag(cli, "orphans");

	if (cli_flag(cli, "dry-run") && !orphans)
		return cli_usage(cli, "--dry-run is for --orphans");
	if (orphans && argc)
		return cli_usage(cli, "--orphans takes no names");
	if (!orphans && !argc)
		return cli_usage(cli, "unload needs NAME|DIR…, or --orphans");
	return orphans ? unload_orphans(cli) : unload_names(cli, argc, argv);
}
