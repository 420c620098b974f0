/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a log that a terminal or a mail program broke. */
#ifndef LADE_EXPLAIN_VERIFIER_WRAPPED_H
#define LADE_EXPLAIN_VERIFIER_WRAPPED_H

/* Joins them again, in place. */
void lade_verifier_unwrap(char *log);

#endif
