/* SPDX-License-Identifier: BSD-2-Clause */
/* A verifier's message within a sentence, without marks around it. */
#ifndef LADE_EXPLAIN_VERIFIER_SENTENCE_H
#define LADE_EXPLAIN_VERIFIER_SENTENCE_H

#include "explain/verifier/verdict.h"

/* "I get the error R1 invalid mem access 'scalar' when loading": the message alone. */
bool lade_verifier_in_sentence(const struct span *line, struct span *ret_message);

#endif
