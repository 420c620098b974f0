/* SPDX-License-Identifier: BSD-2-Clause */
/* A pointer whose own bytes are looked at. */
#ifndef LADE_EXPLAIN_VERIFIER_OWN_BYTES_H
#define LADE_EXPLAIN_VERIFIER_OWN_BYTES_H

#include "explain/verifier/named.h"

void lade_verifier_own_bytes(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     struct lade_finding *finding);

#endif
