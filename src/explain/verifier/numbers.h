/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in a verifier's messages. */
#ifndef LADE_EXPLAIN_VERIFIER_NUMBERS_H
#define LADE_EXPLAIN_VERIFIER_NUMBERS_H

#include "explain/verifier/verdict.h"

/* Takes a number with its sign; false: there is none, or it is too long. */
bool lade_verifier_number(const char **at, const char *end, int64_t *ret_number);

/* "off=12 …": the number behind the first place where the key stands. */
bool lade_verifier_field(const struct span *line, const char *key, int64_t *ret_number);

/* Cause and fix by the numbers of the message, where it has some that tell more than its words. */
void lade_verifier_numbers(const struct verifier_verdict *verdict, struct lade_finding *finding);

/* Is one byte of the packet less proven than is accessed? Some kernels prove one too few. */
bool lade_verifier_lacks_byte(const struct verifier_verdict *verdict);
/* "*(u64 *)(r10 +8) = r1": a plain store above the frame, which no index made. */
void lade_verifier_above_frame(const struct span *refused, const struct verifier_verdict *verdict,
			       struct lade_finding *finding);

#endif
