/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated from data/explain/kernels.csv and data/explain/wording.csv. */
#ifndef LADE_EXPLAIN_KERNELS_KERNEL_TABLE_H
#define LADE_EXPLAIN_KERNELS_KERNEL_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Versions are major << 8 | minor; 0: no bound. Texts are offsets into lade_kernel_text. */
struct kernel_fact {
	uint32_t code;
	uint32_t pattern; /* of the message, a printf format; "": any */
	uint16_t since, until;
	uint32_t cause, fix; /* on these kernels; "": what the finding says already */
	uint32_t note;       /* what these kernels do, or when that changed */
};
/* Wording of a verifier's log that only some kernels use. */
struct kernel_mark {
	uint32_t mark;
	uint16_t since, until;
	uint32_t why;
};
extern const char lade_kernel_text[];
extern const struct kernel_fact lade_kernel_facts[]; /* by code */
extern const size_t lade_kernel_fact_count;
extern const struct kernel_mark lade_kernel_marks[];
extern const size_t lade_kernel_mark_count;
/* Messages of the verifier that not every kernel prints: mark is the format; sorted by it. */
extern const struct kernel_mark lade_kernel_messages[];
extern const size_t lade_kernel_message_count;

#endif
