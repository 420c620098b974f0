/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in the slot of the stack that a message calls unwritten. */
#ifndef LADE_EXPLAIN_VERIFIER_SLOT_H
#define LADE_EXPLAIN_VERIFIER_SLOT_H

#include "explain/verifier/named.h"

/* Of a finding "verifier.stack.uninitialised": a pointer that lies there is no data, and what the log does not show
 * is not certain. */
void lade_verifier_slot(const struct verifier_way *way, const struct verifier_verdict *verdict,
			struct lade_finding *finding);

#endif
