/* SPDX-License-Identifier: BSD-2-Clause */
/* Where an index lost its bound, and how it keeps it. */
#ifndef LADE_EXPLAIN_VERIFIER_LOST_H
#define LADE_EXPLAIN_VERIFIER_LOST_H

#include "explain/verifier/named.h"

/* An index that is too large: what is known of it, and what helps where the source tests it already. */
void lade_verifier_lost_bound(const struct verifier_way *way, const struct verifier_verdict *verdict,
			      struct lade_finding *finding);
/* "r9 %= 26" on the way: of a remainder or a quotient these kernels know nothing. */
void lade_verifier_lost_range(const struct verifier_way *way, const struct verifier_verdict *verdict,
			      struct lade_finding *finding);

#endif
