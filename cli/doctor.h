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

#endif
