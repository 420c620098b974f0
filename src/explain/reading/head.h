/* SPDX-License-Identifier: BSD-2-Clause */
/* What loggers of which no form is known put before each line of a verifier's log. Pure. */
#ifndef LADE_EXPLAIN_READING_HEAD_H
#define LADE_EXPLAIN_READING_HEAD_H

#include "explain/reading/line.h"

/* "agent-7d9f › 12: (bf) r6 = r1": bytes before the instruction; 0: it has none, or nothing stands before it. */
size_t lade_head_length(const struct span *line);
/* Bytes of the line that are the same head, where numbers may be others (a time, a line of a source); 0: they are not.
 */
size_t lade_head_again(const struct span *head, const struct span *line);

#endif
