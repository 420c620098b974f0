/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last boot, kept for who asks later: the document of `lade boot --json` with `boot_id` and `time_s`, as boot.json
 * below LADE_RUN (until the machine boots again) and LADE_VAR (beyond that).
 *
 * Of it, this is read again (all of it may be missing): loaded, unchanged, skipped, failed, critical, elapsed_ns,
 * objects[{file, name, location, critical, outcome, findings[], notes[], parts[{name, held}]}], notes[], findings[].
 */
#ifndef LADE_CLI_BOOT_STATUS_H
#define LADE_CLI_BOOT_STATUS_H

#include "cli.h"

/* Adds boot_id and time_s to the document and keeps it; what cannot be kept is a note on standard error, never more. */
void boot_status_save(const struct cli *cli, struct json_object *document);
/* lade boot --status: the exit code is 0 when it could be told, also where nothing has been booted. */
int boot_status_print(const struct cli *cli);

/* The report that is kept: that of this boot of the machine, else the last one. NULL: there is none. */
struct json_object *boot_status_read(const struct cli *cli, const char **ret_directory, struct lade_error **error);
/* Is it of this boot of the machine? */
bool boot_status_is_current(struct json_object *report);

#endif
