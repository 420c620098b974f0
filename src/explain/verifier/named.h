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

/* The variable that holds it; an empty span: no source line tells. */
struct span lade_verifier_way_variable(const struct verifier_way *way);
/* "call bpf_map_lookup_elem#1": the helper's name; false: it is none that has a name. */
bool lade_verifier_helper_of(const struct span *call, char *name, size_t size);
/* Of the register that the message is about, before the instruction that is refused: that one may write it, too. */
struct span lade_verifier_way_value(const struct verifier_way *way, const struct verifier_verdict *verdict);
void lade_verifier_named(const struct verifier_way *way, const struct verifier_verdict *verdict,
			 struct lade_finding *finding);

#endif
