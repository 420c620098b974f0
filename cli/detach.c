/* SPDX-License-Identifier: BSD-2-Clause */
/* lade detach: links of something loaded. It stays loaded. */
#include <string.h>

#include "attach.h"

const struct cli_option verb_detach_options[] = {
	{ 0, "prog", "P", "only this program or table of kernel operations" },
	{ 0, "to", "TARGET", "only from this target: as it was given, or as lade show prints it" },
	{ 0, "all", NULL, "everything that is attached" },
	{ 0 },
};

/* What an adopted pin became is found by the pin's last component. */
static const char *instance_name(const char *word)
{
	return cli_is_pin(word) ? strrchr(word, '/') + 1 : word;
}

static int detach(struct cli *cli, struct lade_instance *instance, struct lade_error **error)
{
	const char *program = cli_value(cli, "prog"), *target = cli_value(cli, "to");
	size_t before = lade_instance_link_count(instance);
	int r = lade_instance_detach(instance, program, target, error);

	if (r < 0)
		return cli_fail(cli, *error);
	size_t count = before - lade_instance_link_count(instance);
	if (cli->json) {
		struct json_object *document = cli_json_document(true);
		cli_json_number(document, "detached", (int64_t)count);
		return cli_json_print(cli, document);
	}
	if (!cli->quiet)
		(void)printf("detached %zu link%s\n", count, count == 1 ? "" : "s");
	return EXIT_OK;
}

int verb_detach(struct cli *cli, int argc, char **argv)
{
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	bool chosen = cli_value(cli, "prog") || cli_value(cli, "to");
	int code;

	(void)argc;
	if (cli_flag(cli, "all") == chosen)
		return cli_usage(cli, "say what to detach: --prog P, --to TARGET, or --all");
	if (lade_instance_open(cli->context, instance_name(argv[0]), &instance, &error) < 0)
		return cli_fail(cli, error);
	code = detach(cli, instance, &error);
	(void)lade_instance_close(instance);
	return code;
}
