/* SPDX-License-Identifier: BSD-2-Clause */
/* An instruction of the way by which a register got what it holds. */
#ifndef LADE_EXPLAIN_VERIFIER_STEP_H
#define LADE_EXPLAIN_VERIFIER_STEP_H

#include <stdbool.h>
#include <string.h>

#include "explain/verifier/line.h"

struct lade_finding;

struct verifier_step {
	struct verifier_line line;
	struct span source; /* line of it; empty: none */
	struct span map;    /* that a call used */
	char why[64];
};

/* Is this how it got it? "copied", "returned r0", "read from memory" … */
static inline bool lade_verifier_is_way(const struct verifier_step *step, const char *why)
{
	return strcmp(step->why, why) == 0;
}

/* The C variable that the instruction sets, as far as its source line tells; length 0: it does not. */
struct span lade_verifier_step_variable(const struct verifier_step *step);
/* As evidence: "6: call bpf_map_lookup_elem#1 (returned r0, map counts)  ; v = … @ foo.c:12; variable v" */
void lade_verifier_step_tell(const struct verifier_step *step, struct lade_finding *finding);

#endif
