/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments that have types, and one that is no pointer. */
#ifndef LADE_EXPLAIN_VERIFIER_TYPED_H
#define LADE_EXPLAIN_VERIFIER_TYPED_H

#include "explain/verifier/origin.h"

/* false: the log does not say that arguments have types there. */
bool lade_verifier_typed(const struct verifier_origin *origin, const struct verifier_step *step,
			 struct lade_finding *finding);

#endif
