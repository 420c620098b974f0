/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two forms of `lade inspect` share. */
#ifndef LADE_CLI_INSPECT_H
#define LADE_CLI_INSPECT_H

#include "cli.h"

/* "27" for a type without a name; buffer is used then. */
const char *cli_type_text(const char *name, uint32_t number, char *buffer, size_t size);
const char *cli_pinning_name(enum lade_pinning pinning);
const char *cli_bind_name(uint8_t bind);
const char *cli_symbol_type_name(uint8_t type);
const char *cli_section_type_name(uint32_t type);
/* The whole object as JSON; NULL without memory. `document` gets the keys. */
void cli_object_json(struct json_object *document, const struct lade_object *object, bool sections);

/* ---- inspect_needs.c ---- */
/* Adds the keys `needs` and `needs_kernel`. */
void cli_needs_json(struct json_object *document, const struct lade_needs *needs);
bool cli_print_needs(const struct lade_needs *needs);

/* ---- inspect_policy.c ---- */
/* Add the key `policy`: an object, or null where the file says nothing. */
void cli_map_policy_json(struct json_object *json, const struct lade_map *map);
void cli_program_policy_json(struct json_object *json, const struct lade_program *program);
void cli_object_policy_json(struct json_object *document, const struct lade_object *object);
bool cli_print_policy(const struct lade_object *object);

#endif
