/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring buffer's record whose address lay on the stack, and is a number since. */
#ifndef LADE_EXPLAIN_VERIFIER_RECORD_H
#define LADE_EXPLAIN_VERIFIER_RECORD_H

#include "explain/verifier/origin.h"

/* false: the log does not show it. */
bool lade_verifier_forgotten_record(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
				    struct lade_finding *finding);

#endif
