/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of C in compilers' and linkers' messages, in whichever quotation marks. */
#ifndef LADE_EXPLAIN_SETTLE_QUOTED_NAME_H
#define LADE_EXPLAIN_SETTLE_QUOTED_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "explain/reading/line.h"

/* The name that begins at `at`; length 0: none does. */
struct span lade_name_at(const char *at);
/* The name behind the first of the marks that the line has, or before the mark; length 0: there is none. */
struct span lade_name_behind(const char *line, const char *const *marks, size_t count);
struct span lade_name_before(const char *line, const char *mark);
/* False: there is none, or it has no room. */
bool lade_name_copy(const struct span *from, char *name, size_t bytes);

#endif
