/* SPDX-License-Identifier: BSD-2-Clause */
/* A returned number that is refused only for its upper half. */
#ifndef LADE_EXPLAIN_VERIFIER_RETURNED_H
#define LADE_EXPLAIN_VERIFIER_RETURNED_H

#include "explain/verifier/verdict.h"

void lade_verifier_returned(const struct verifier_verdict *verdict, struct lade_finding *finding);

#endif
