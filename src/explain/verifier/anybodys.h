/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of the verifier that others write, too. */
#ifndef LADE_EXPLAIN_VERIFIER_ANYBODYS_H
#define LADE_EXPLAIN_VERIFIER_ANYBODYS_H

#include <stdbool.h>
#include <stddef.h>

struct span;

/* The message at `text`, in a line that stands alone, is as likely a compiler's or a service's: nothing in the line
 * says that a program was loaded. `is_question`: the line is all of the text, and somebody asks what it means. */
bool lade_verifier_is_anybodys(const struct span *line, bool is_question, const char *text, size_t length);

#endif
