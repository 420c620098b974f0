/* SPDX-License-Identifier: BSD-2-Clause */
/* What list and show have in common. */
#ifndef LADE_CLI_STATE_H
#define LADE_CLI_STATE_H

#include "cli.h"

/* "loaded", "loading", "unfinished" */
const char *cli_entry_condition(const struct lade_state_entry *entry);
struct json_object *cli_entry_json(const struct lade_state_entry *entry);
/* One pin, or an attachment without one, as show prints it. */
struct json_object *cli_pin_json(const struct lade_pin_info *pin);
/* "gone", "in network namespace 4026532177"; "" for a link that is there. */
const char *cli_link_condition(const struct lade_pin_info *pin, char buffer[64]);

#endif
