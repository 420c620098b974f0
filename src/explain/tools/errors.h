/* SPDX-License-Identifier: BSD-2-Clause */
/* Error numbers as programs print them: "Permission denied (os error 13)", "-22", "ENOENT", "errno 524". Pure. */
#ifndef LADE_EXPLAIN_TOOLS_ERRORS_H
#define LADE_EXPLAIN_TOOLS_ERRORS_H

#include <stdbool.h>
#include <stddef.h>

#include "explain/reading/grams.h"

/* Text without blanks. The number, positive, that begins at `text`, and how many bytes it takes; 0: none. */
int lade_error_begins(const char *text, size_t length, size_t *ret_bytes);
/* Only words ("Permission denied", "EPERM"), anywhere; and numbers behind "errno", "error", "err" or in "(-22)".
 * grams: of the text. */
int lade_error_within(const char *text, size_t length, const struct grams *grams);
/* Of the number that was found so: does the text name the error? "not supported" may be a tool's own words. */
bool lade_error_is_told(const char *text, size_t length, int errnum);

#endif
