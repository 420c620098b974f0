/* SPDX-License-Identifier: BSD-2-Clause */
/* Which variable may be NULL, which call returned it, and when it does. */
#ifndef LADE_EXPLAIN_VERIFIER_MAYBE_NULL_H
#define LADE_EXPLAIN_VERIFIER_MAYBE_NULL_H

#include "explain/verifier/named.h"

void lade_verifier_maybe_null(const struct verifier_way *way, const struct verifier_verdict *verdict,
			      struct lade_finding *finding);

#endif
