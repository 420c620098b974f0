/* SPDX-License-Identifier: BSD-2-Clause */
/* Cause and fix with the names that the log has. */
#ifndef LADE_EXPLAIN_VERIFIER_NAMED_H
#define LADE_EXPLAIN_VERIFIER_NAMED_H

#include "explain/verifier/verdict.h"
#include "explain/verifier/step.h"

struct verifier_way {
	const char *log;
	int reg;                           /* that the message is about; -1: none */
	const struct verifier_step *steps; /* back: the first one wrote the register last */
	size_t count;
	struct span refused; /* the instruction; length 0: not in the log */
	bool has_gap;        /* the log lacks instructions of the way, which ends there */
};

/* Of the register that the message is about, before the instruction that is refused: that one may write it, too. */
struct span lade_verifier_way_value(const struct verifier_way *way, const struct verifier_verdict *verdict);
void lade_verifier_named(const struct verifier_way *way, const struct verifier_verdict *verdict,
			 struct lade_finding *finding);

#endif
