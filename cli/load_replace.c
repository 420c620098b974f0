/* SPDX-License-Identifier: BSD-2-Clause */
/* lade load --replace: what becomes of maps that differ. */
#include <stdlib.h>

#include "load_options.h"

static const struct {
	const char *option;
	enum lade_map_change change;
} changes[] = {
	{ "adopt", LADE_MAP_ADOPT },
	{ "migrate", LADE_MAP_MIGRATE },
	{ "recreate", LADE_MAP_RECREATE },
};
#define CHANGES (sizeof changes / sizeof *changes)

/* The map is behind an equals sign: the next word is an object. */
bool cli_takes_nothing(const char *word)
{
	(void)word;
	return false;
}

int load_replace_read(struct cli *cli, struct lade_load_opts *opts, struct lade_map_choice **ret_choices)
{
	size_t count = 0;

	for (size_t i = 0; i < CHANGES; i++)
		count += cli_count(cli, changes[i].option);
	opts->replace = cli_flag(cli, "replace");
	if (count && !opts->replace)
		return cli_usage(cli, "--adopt, --migrate and --recreate say how --replace treats maps");
	*ret_choices = calloc(count + 1, sizeof **ret_choices);
	if (!*ret_choices)
		return cli_fail_memory(cli);
	for (size_t i = 0; i < CHANGES; i++) {
		size_t position = 0;
		for (const char *map; (map = cli_next_value(cli, changes[i].option, &position));)
			(*ret_choices)[opts->map_choice_count++] =
				(struct lade_map_choice){ *map ? map : NULL, changes[i].change };
	}
	opts->map_choices = *ret_choices;
	return -1;
}
