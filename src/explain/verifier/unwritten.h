/* SPDX-License-Identifier: BSD-2-Clause */
/* What an instruction wants of a register that holds nothing. */
#ifndef LADE_EXPLAIN_VERIFIER_UNWRITTEN_H
#define LADE_EXPLAIN_VERIFIER_UNWRITTEN_H

#include "explain/verifier/named.h"

/* Of a finding "verifier.uninitialised": what is to be done depends on what reads the register. */
void lade_verifier_unwritten(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     struct lade_finding *finding);

#endif
