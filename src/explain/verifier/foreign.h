/* SPDX-License-Identifier: BSD-2-Clause */
/* What was compiled with the types of another kernel. */
#ifndef LADE_EXPLAIN_VERIFIER_FOREIGN_H
#define LADE_EXPLAIN_VERIFIER_FOREIGN_H

#include "explain/verifier/named.h"

void lade_verifier_foreign(const struct verifier_way *way, const struct verifier_verdict *verdict,
			   struct lade_finding *finding);

#endif
