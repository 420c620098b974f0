/* SPDX-License-Identifier: BSD-2-Clause */
/* The name of the context's field that is refused. */
#ifndef LADE_EXPLAIN_VERIFIER_CONTEXT_FIELD_H
#define LADE_EXPLAIN_VERIFIER_CONTEXT_FIELD_H

#include "explain/kernels/kernels.h"
#include "explain/verifier/named.h"

void lade_verifier_context_field(const struct verifier_way *way, const struct verifier_verdict *verdict,
				 struct lade_finding *finding);

struct context_clues {
	uint32_t which;                    /* structures, by context_which.h */
	const struct kernel_known *kernel; /* that wrote the log */
	bool is_guess;                     /* which of them is only likely */
};
/* The same with what the whole text tells, of a finding with such a message. */
void lade_verifier_context_again(const struct context_clues *clues, struct lade_finding *finding);

#endif
