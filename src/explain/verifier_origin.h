/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a register that was used as an address holds none. */
#ifndef LADE_EXPLAIN_VERIFIER_ORIGIN_H
#define LADE_EXPLAIN_VERIFIER_ORIGIN_H

#include "explain/explain.h"
#include "explain/verifier_line.h"

struct verifier_origin {
	int reg;                    /* that was used */
	struct verifier_line last;  /* instruction that wrote it last */
	struct verifier_line first; /* instruction from which its value came */
	bool is_memory;             /* `first` read it from memory */
};

/* Words that fit better than those of the message, and surer ones. origin: NULL: the log does not tell. */
void lade_verifier_origin(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
			  struct lade_finding *finding);

#endif
