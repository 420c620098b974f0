/* SPDX-License-Identifier: BSD-2-Clause */
/* What the states of a verifier's log say of a register, or of a slot of the stack. Pure. */
#ifndef LADE_EXPLAIN_VERIFIER_VALUES_H
#define LADE_EXPLAIN_VERIFIER_VALUES_H

#include "explain/verifier/line.h"

/* What the line says of it, the last time; length 0: nothing. */
struct span lade_verifier_value_in(const struct span *line, int reg);
/* What the register holds behind the instruction. */
struct span lade_verifier_value_behind(const struct verifier_line *line, int reg, const char *end);
/* The last that is said of it between the instruction and `end`. */
struct span lade_verifier_value_before(const struct verifier_line *line, int reg, const char *end);
/* The last state above `start` that names the register, or the slot of the stack, as far as the branch reaches: what
 * stands behind "R1=" or "fp-8=", to the end of the line. Length 0: none. */
struct span lade_verifier_register_above(const char *log, const char *start, int reg);
struct span lade_verifier_slot_above(const char *log, const char *start, int offset);
/* "map_value(…", "ctx": does it begin with the name of a type that points somewhere? */
bool lade_verifier_is_pointer(const struct span *value);
/* 0, and a number, in the words of any kernel. */
bool lade_verifier_is_null(const struct span *value);
bool lade_verifier_is_number(const struct span *value);

/* The line that ends at `end`. */
struct span lade_verifier_line_before(const char *start, const char *end);

#endif
