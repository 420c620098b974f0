/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns of function names: * is any text, ? one character; everything else is itself. */
#ifndef LADE_BASE_GLOB_H
#define LADE_BASE_GLOB_H

#include <stdbool.h>

bool lade_is_glob(const char *text);
bool lade_glob_matches(const char *pattern, const char *text);

#endif
