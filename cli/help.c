/* SPDX-License-Identifier: BSD-2-Clause */
/* Help, from the tables. */
#include <string.h>

#include "cli.h"

static void print_options(FILE *file, const struct cli_option *options)
{
	struct cli_table table = { .indent = 2 };
	for (; options->name; options++) {
		cli_row(&table, 3, "", "", options->help);
		if (options->letter)
			cli_cell(&table, 0, "-%c,", options->letter);
		cli_cell(&table, 1, "--%s%s%s", options->name, options->argument ? " " : "",
			 options->argument ? options->argument : "");
	}
	(void)cli_table_print(&table, file);
}

void cli_print_help(FILE *file)
{
	(void)fputs("lade VERB [options] …\n\nPuts eBPF objects on board the kernel.\n\n", file);
	struct cli_table table = { .indent = 2 };
	for (size_t i = 0; i < cli_verb_count; i++)
		cli_row(&table, 3, cli_verbs[i].name, cli_verbs[i].arguments, cli_verbs[i].summary);
	(void)cli_table_print(&table, file);
	(void)fputs("\nEvery verb takes:\n", file);
	print_options(file, cli_common_options);
	(void)fputs("\nExit codes: 0 ok, 1 usage, 2 bad object, 3 the kernel lacks something, 4 verifier rejected,\n"
		    "            5 permission or environment, 6 attach or pin conflict, 7 partly done,\n"
		    "            8 a critical object of a boot failed, 124 the time of a wait is over\n",
		    file);
}

void cli_print_verb_help(FILE *file, const struct cli_verb *verb)
{
	(void)fprintf(file, "lade %s%s%s%s\n\n%s\n", verb->name, verb->options->name ? " [options]" : "",
		      *verb->arguments ? " " : "", verb->arguments, verb->summary);
	if (verb->options->name) {
		(void)fputs("\n", file);
		print_options(file, verb->options);
	}
	(void)fputs("\nEvery verb takes:\n", file);
	print_options(file, cli_common_options);
}

int verb_help(struct cli *cli, int argc, char **argv)
{
	if (argc == 0) {
		cli_print_help(stdout);
		return EXIT_OK;
	}
	const struct cli_verb *verb = cli_find_verb(argv[0]);
	if (!verb)
		return cli_usage(cli, "there is no verb '%s'; 'lade help' lists them", argv[0]);
	cli_print_verb_help(stdout, verb);
	return EXIT_OK;
}

int verb_version(struct cli *cli, int argc, char **argv)
{
	(void)argc, (void)argv;
	if (cli->json) {
		struct json_object *document = cli_json_document(true);
		cli_json_string(document, "version", lade_version());
		return cli_json_print(cli, document);
	}
	(void)printf("lade %s\n", lade_version());
	return EXIT_OK;
}
