/* SPDX-License-Identifier: BSD-2-Clause */
/* A loop that the compiler made, and not the source. */
#ifndef LADE_EXPLAIN_VERIFIER_JOINED_JUMP_H
#define LADE_EXPLAIN_VERIFIER_JOINED_JUMP_H

#include "explain/verifier/verdict.h"

void lade_verifier_joined_jump(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding);

#endif
