/* SPDX-License-Identifier: BSD-2-Clause */
/* lade attach: programs of something loaded, or one that somebody else pinned. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "attach.h"

const struct cli_option verb_attach_options[] = {
	{ 0, "prog", "P", "only this program or table of kernel operations" },
	{ 0, "to", "TARGET", "what to attach to; default: what the section names" },
	{ 0, "section", "NAME", "PIN only: what the program's section would be called (kprobe/do_exit, cgroup/dev …)" },
	{ 0, "name", "N", "PIN only: pin it as lade/N; default: the last component of PIN" },
	{ 0 },
};

/* What attaching had to say, by whatever handle it was done. */
static void print_notes(const struct cli *cli, struct json_object *document, const struct lade_instance *instance)
{
	struct json_object *notes = document ? cli_json_array(document, "notes") : NULL;

	for (size_t i = 0; i < lade_instance_note_count(instance); i++) {
		const struct lade_finding *note = lade_instance_note(instance, i);

		if (notes)
			(void)json_object_array_add(notes, cli_finding_json(note));
		else
			cli_print_note(cli, note);
	}
}

int cli_print_links(const struct cli *cli, const char *key, const struct lade_instance *instance, size_t first,
		    size_t end)
{
	struct json_object *document = cli->json ? cli_json_document(true) : NULL;
	struct json_object *links = document ? cli_json_array(document, key) : NULL;
	struct cli_table table = { 0 };

	for (size_t i = first; i < end; i++) {
		struct lade_link_info link = { .size = sizeof link };
		if (lade_instance_link(instance, i, &link) < 0)
			continue;
		if (links)
			(void)json_object_array_add(links, cli_link_json(&link));
		else if (!cli->quiet)
			cli_row(&table, 4, key, link.program, link.method, link.target);
	}
	if (cli->json) {
		print_notes(cli, document, instance);
		return cli_json_print(cli, document);
	}
	if (!cli_table_print(&table, stdout))
		return cli_fail_memory(cli);
	print_notes(cli, NULL, instance);
	return EXIT_OK;
}

/* A file of bpffs, and not the directory of something loaded. */
bool cli_is_pin(const char *word)
{
	struct stat status;

	return strchr(word, '/') && stat(word, &status) == 0 && !S_ISDIR(status.st_mode);
}

static int attach_pin(struct cli *cli, const char *pin)
{
	struct lade_adopt_opts opts = { .size = sizeof opts,
					.name = cli_value(cli, "name"),
					.section = cli_value(cli, "section"),
					.target = cli_value(cli, "to") };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	size_t count;
	int code;

	if (cli_value(cli, "prog"))
		return cli_usage(cli, "--prog: a pin holds one program");
	if (lade_instance_adopt(cli->context, pin, &opts, &instance, &error) < 0)
		return cli_fail(cli, error);
	count = lade_instance_link_count(instance);
	code = cli_print_links(cli, "attached", instance, 0, count);
	(void)lade_instance_close(instance);
	return code;
}

int verb_attach(struct cli *cli, int argc, char **argv)
{
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	size_t before;
	int code;

	(void)argc;
	if (cli_is_pin(argv[0]))
		return attach_pin(cli, argv[0]);
	if (cli_value(cli, "section") || cli_value(cli, "name"))
		return cli_usage(cli, "--section and --name are for a pinned program; %s is none", argv[0]);
	if (lade_instance_open(cli->context, argv[0], &instance, &error) < 0)
		return cli_fail(cli, error);
	before = lade_instance_link_count(instance);
	if (lade_instance_attach(instance, cli_value(cli, "prog"), cli_value(cli, "to"), &error) < 0)
		code = cli_fail(cli, error);
	else
		code = cli_print_links(cli, "attached", instance, before, lade_instance_link_count(instance));
	(void)lade_instance_close(instance);
	return code;
}
