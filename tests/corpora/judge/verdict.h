/* SPDX-License-Identifier: BSD-2-Clause */
/* What was loaded, as JSON members. */
#ifndef JUDGE_VERDICT_H
#define JUDGE_VERDICT_H

#include <stdbool.h>
#include <stdio.h>

#include "loader.h"

void print_json_string(FILE *out, const char *text);

/* "programs": […], "maps": […], "types": …; with `full`, the captured texts beside their digests. */
void print_loaded(FILE *out, const struct loaded *loaded, bool full);

#endif
