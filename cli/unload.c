/* SPDX-License-Identifier: BSD-2-Clause */
/* lade unload: detach and remove. */
#include <stdlib.h>

#include "cli.h"

const struct cli_option verb_unload_options[] = { { 0 } };

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

int verb_unload(struct cli *cli, int argc, char **argv)
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
