/* SPDX-License-Identifier: BSD-2-Clause */
/* Letters of kernel and pin names. Not ctype.h: what a name may hold does not depend on the user's locale. */
#ifndef LADE_BASE_ASCII_H
#define LADE_BASE_ASCII_H

#include <stdbool.h>

static inline bool is_ascii_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
