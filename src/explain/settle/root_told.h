/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether root ran it, by other signs than sudo. */
#ifndef LADE_EXPLAIN_SETTLE_ROOT_TOLD_H
#define LADE_EXPLAIN_SETTLE_ROOT_TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "explain/reading/line.h"

/* "despite running as root" */
bool lade_tells_of_root(const char *text, size_t length);
/* "# perf trace -e FILE": a line of a shell whose prompt is '#'. */
bool lade_has_bare_root_prompt(const struct span *line, const struct span *command);

#endif
