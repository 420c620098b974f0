/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of verbs, in the order of help. */
#include <string.h>

#include "cli.h"

const struct cli_option verb_no_options[] = { { 0 } };

const struct cli_verb cli_verbs[] = {
	{ "inspect", "OBJ…", "say what an object holds; needs no kernel", verb_inspect_options, verb_inspect, 1, -1 },
	{ "load", "OBJ…", "load objects and pin them", verb_load_options, verb_load, 1, -1 },
	{ "run", "OBJ", "load, attach, print records until Ctrl-C; leave nothing behind", verb_run_options, verb_run, 1,
	  1 },
	{ "list", "", "list what is loaded", verb_list_options, verb_list, 0, 0 },
	{ "show", "NAME|DIR…", "show the maps, programs and links of something loaded", verb_show_options, verb_show, 1,
	  -1 },
	{ "unload", "NAME|DIR…", "detach and remove something loaded", verb_unload_options, verb_unload, 1, -1 },
	{ "help", "[VERB]", "say how a verb is used", verb_no_options, verb_help, 0, 1, true },
	{ "version", "", "print the version", verb_no_options, verb_version, 0, 0, true },
	{ "completion", "bash|zsh|fish|man", "print the completion for a shell, or the option lists of lade(1)",
	  verb_no_options, verb_completion, 1, 1, true },
};

const size_t cli_verb_count = sizeof cli_verbs / sizeof *cli_verbs;

const struct cli_verb *cli_find_verb(const char *name)
{
	for (size_t i = 0; i < cli_verb_count; i++)
		if (strcmp(cli_verbs[i].name, name) == 0)
			return &cli_verbs[i];
	return NULL;
}
