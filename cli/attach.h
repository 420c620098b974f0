/* SPDX-License-Identifier: BSD-2-Clause */
/* What attach and detach have in common. */
#ifndef LADE_CLI_ATTACH_H
#define LADE_CLI_ATTACH_H

#include "cli.h"

/* Links of the instance from first to before end, one line each; key: first column, and name of the JSON list. */
int cli_print_links(const struct cli *cli, const char *key, const struct lade_instance *instance, size_t first,
		    size_t end);
/* Is the word a pin, not the name or directory of something loaded? */
bool cli_is_pin(const char *word);

#endif
