/* SPDX-License-Identifier: BSD-2-Clause */
/* The name of a function that must not be called where it is. */
#ifndef LADE_EXPLAIN_VERIFIER_CALLEE_H
#define LADE_EXPLAIN_VERIFIER_CALLEE_H

#include "explain/verifier/named.h"

void lade_verifier_callee(const struct verifier_way *way, const struct verifier_verdict *verdict,
			  struct lade_finding *finding);

#endif
