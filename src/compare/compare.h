/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of differences, and what fills it: one file a theme. Pure. */
#ifndef LADE_COMPARE_COMPARE_H
#define LADE_COMPARE_COMPARE_H

#include <lade/compare.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "object/model.h"

struct difference {
	enum lade_difference_kind change;
	const char *section, *what; /* static */
	char *name, *before, *after, *detail;
	size_t removed, added;
};

struct lade_compare {
	ARRAY_OF(struct difference) items;
	size_t cells; /* what instructions have cost so far: hostile objects must not cost more */
	bool failed;  /* out of memory at some point */
};

/* Texts are copied. Sticky failure; NULL then. */
struct difference *lade_compare_add(struct lade_compare *compare, const char *section, const char *name,
				    const char *what, const char *before, const char *after);
/* Adds only what is not the same text. */
void lade_compare_text(struct lade_compare *compare, const char *section, const char *name, const char *what,
		       const char *before, const char *after);
void lade_compare_number(struct lade_compare *compare, const char *section, const char *name, const char *what,
			 uint64_t before, uint64_t after);

/* ---- code.c ---- */

/* Adds what differs in the instructions of a function, relocations by the names of what they refer to. */
void lade_compare_code(struct lade_compare *compare, const char *section, const char *name,
		       const struct lade_object *object_before, const struct lade_function *before,
		       const struct lade_object *object_after, const struct lade_function *after);

/* ---- instruction.c ---- */

/* One instruction as the verifier would print it, what it refers to by its name. */
void lade_instruction_text(const struct lade_object *object, const struct lade_function *function, uint32_t index,
			   struct strbuf *into);
/* What the instruction refers to; NULL: nothing. */
const struct function_relocation *lade_instruction_relocation(const struct lade_function *function, uint32_t index);
const char *lade_instruction_target(const struct lade_object *object, const struct function_relocation *relocation);

/* ---- needs.c ---- */
void lade_compare_needs(struct lade_compare *compare, const struct lade_object *before,
			const struct lade_object *after);

DEFINE_CLEANUP(struct lade_compare, lade_compare, lade_compare_free)

#endif
