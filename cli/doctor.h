/* SPDX-License-Identifier: BSD-2-Clause */
/* How lade doctor shows what it found. */
#ifndef LADE_CLI_DOCTOR_H
#define LADE_CLI_DOCTOR_H

#include "cli.h"

bool cli_doctor_fact(const struct lade_doctor *doctor, size_t index, struct lade_fact_info *info);
void cli_show_doctor(const struct cli *cli, const struct lade_doctor *doctor);
int cli_doctor_json(const struct cli *cli, const struct lade_doctor *doctor, int code);
/* Facts that differ from those of a file that --json wrote. */
int cli_doctor_compare(const struct cli *cli, const struct lade_doctor *doctor, const char *path);

/* ---- doctor_diff.c, also for lade diff ---- */

/* {"section/name": value} of a report that --json wrote; NULL: it is none. To be put. */
struct json_object *cli_doctor_read(const char *path);
/* Does the report say what the kernel answered when it was asked (--probe)? */
bool cli_doctor_is_probed(struct json_object *report);
/* Of one fact; NULL: it has no value there. What only one of the reports asked about is left out. */
typedef void cli_doctor_change_fn(void *userdata, const char *key, const char *before, const char *after);
void cli_doctor_changes(struct json_object *old, struct json_object *now, cli_doctor_change_fn *change, void *userdata);

#endif
