/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a register that was used as an address holds none. */
#ifndef LADE_EXPLAIN_VERIFIER_ORIGIN_H
#define LADE_EXPLAIN_VERIFIER_ORIGIN_H

#include "explain/explain.h"
#include "explain/verifier_step.h"

struct verifier_origin {
	const char *log;
	int reg;                           /* that was used */
	const struct verifier_step *steps; /* the way back: the first one wrote the register last */
	size_t count;                      /* 0: the log does not tell */
	bool begins_as_context;            /* the way leads back to R1 at the program's first instruction */
};

/* Words that fit better than those of the message, and surer ones. */
void lade_verifier_origin(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
			  struct lade_finding *finding);

/* The last state above `start` that names the register, or the slot of the stack, as far as the branch reaches: what
 * stands behind "R1=" or "fp-8=", to the end of the line. Length 0: none. */
struct span lade_verifier_register_above(const char *log, const char *start, int reg);
struct span lade_verifier_slot_above(const char *log, const char *start, int offset);
/* "map_value(…", "ctx": does it begin with the name of a type that points somewhere? */
bool lade_verifier_is_pointer(const struct span *value);

#endif
