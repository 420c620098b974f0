/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CO-RE relocation that found nothing may have looked for. */
#ifndef LADE_EXPLAIN_VERIFIER_POISONED_H
#define LADE_EXPLAIN_VERIFIER_POISONED_H

#include "explain/verifier/named.h"

/* Of a finding "verifier.core.poisoned". */
void lade_verifier_poisoned(const struct verifier_way *way, const struct verifier_verdict *verdict,
			    struct lade_finding *finding);

#endif
