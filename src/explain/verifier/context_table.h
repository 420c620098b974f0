/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated from data/explain/context_fields.csv. */
#ifndef LADE_EXPLAIN_VERIFIER_CONTEXT_TABLE_H
#define LADE_EXPLAIN_VERIFIER_CONTEXT_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Texts are offsets into lade_context_text. */
struct context_field {
	uint16_t structure, field;
	uint16_t since; /* mainline version that brought it */
	uint16_t who;   /* "tc only"; "": all that have the structure, or it is not told */
	uint16_t offset, size;
};
extern const char lade_context_text[];
extern const struct context_field lade_context_fields[];
extern const size_t lade_context_field_count;

#endif
