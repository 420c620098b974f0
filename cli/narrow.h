/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of other machines: what PowerShell and editors of Windows save has two bytes for each letter. */
#ifndef LADE_CLI_NARROW_H
#define LADE_CLI_NARROW_H

#include <stdbool.h>
#include <stddef.h>

/* By its byte order mark, or because every second one of its first bytes is 0. Looks at a few bytes only. */
bool cli_is_wide(const char *bytes, size_t length);
/* The same as UTF-8, to be freed; halves of pairs that stand alone become U+FFFD. NULL: no memory. */
char *cli_narrow(const char *bytes, size_t length, size_t *ret_length);

#endif
