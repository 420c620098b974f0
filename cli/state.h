/* SPDX-License-Identifier: BSD-2-Clause */
/* What list and show have in common. */
#ifndef LADE_CLI_STATE_H
#define LADE_CLI_STATE_H

#include "cli.h"

/* "loaded", "loading", "unfinished" */
const char *cli_entry_condition(const struct lade_state_entry *entry);
struct json_object *cli_entry_json(const struct lade_state_entry *entry);

#endif
