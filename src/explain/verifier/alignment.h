/* SPDX-License-Identifier: BSD-2-Clause */
/* A crooked access to the stack, of which it is known where the structure begins. */
#ifndef LADE_EXPLAIN_VERIFIER_ALIGNMENT_H
#define LADE_EXPLAIN_VERIFIER_ALIGNMENT_H

#include "explain/verifier/named.h"

void lade_verifier_alignment(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     struct lade_finding *finding);

#endif
