/* SPDX-License-Identifier: BSD-2-Clause */
/* lade boot: what its files share. */
#ifndef LADE_CLI_BOOT_H
#define LADE_CLI_BOOT_H

#include "cli.h"

/* boot_text.c: one line an object; everything of each where nothing was loaded (a dry run) or with -v. */
void boot_print_text(const struct cli *cli, const struct lade_boot *boot, bool dry_run);
/* Findings of what failed, on standard error. */
void boot_print_failures(const struct cli *cli, const struct lade_boot *boot);

/* boot_json.c: the document; error: what a boot failed for as a whole, NULL: nothing. NULL without memory. */
struct json_object *boot_json(const struct lade_boot *boot, const struct lade_error *error, bool dry_run);

#endif
