/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a register that was used as an address holds none. */
#ifndef LADE_EXPLAIN_VERIFIER_ORIGIN_H
#define LADE_EXPLAIN_VERIFIER_ORIGIN_H

#include "explain/verifier/verdict.h"
#include "explain/verifier/step.h"

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
/* Where the line begins in the log. */
const char *lade_verifier_start_of(const char *log, const struct verifier_line *line);
/* "r1 = *(u64 *)(r6 +0)": 6 and 0. */
bool lade_verifier_take_base(const struct verifier_line *line, int *ret_reg, int *ret_offset);

#endif
