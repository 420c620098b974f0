/* SPDX-License-Identifier: BSD-2-Clause */
/* The last failure, kept for lade explain --last. */
#ifndef LADE_CLI_LAST_H
#define LADE_CLI_LAST_H

#include "cli.h"

/* Keeps findings (an array of JSON, taken) of the verb that failed. What goes wrong with that does not matter. */
void cli_last_keep(const struct cli *cli, struct json_object *findings, int exit_code);
/* The verifier's logs of what was kept, as libbpf writes them, each with its program; to be freed. NULL: none. */
char *cli_last_logs(void);
/* lade explain --last */
int cli_last_show(const struct cli *cli);

#endif
