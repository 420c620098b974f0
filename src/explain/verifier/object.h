/* SPDX-License-Identifier: BSD-2-Clause */
/* Accesses outside of a map's value or key, or of other memory whose size is known. */
#ifndef LADE_EXPLAIN_VERIFIER_OBJECT_H
#define LADE_EXPLAIN_VERIFIER_OBJECT_H

#include "explain/verifier/named.h"
#include "explain/verifier/verdict.h"

/* Kernels that let a length of 0 pass up to here learn nothing from "!= 0". */
#define TEST_LENGTH                                                                                                    \
	"make it unsigned, and right before the call length = ((length - 1) & (SIZE - 1)) + 1, with SIZE a power of "  \
	"two that is not above the buffer's: kernels before 6.8 learn nothing from a comparison with 0, which clang "  \
	"also makes of > 0 and < 1, and a test of a copy (of 32 bits, signed) does not count either"

/* Which of its offsets the message names. */
enum object_offset {
	OFFSET_UNKNOWN,  /* it has but one, or this is the least or the largest: the message alone does not tell */
	OFFSET_CONSTANT, /* it has but one */
	OFFSET_LEAST,
	OFFSET_LARGEST,
};

/* Cause and fix by the numbers of the message, where it is such a one. */
void lade_verifier_object(const struct verifier_verdict *verdict, enum object_offset known,
			  struct lade_finding *finding);
/* The same again, where the log tells what the register's offset may be. */
void lade_verifier_object_state(const struct verifier_way *way, const struct verifier_verdict *verdict,
				struct lade_finding *finding);

#endif
