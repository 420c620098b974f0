/* SPDX-License-Identifier: BSD-2-Clause */
/* Where in a line the verifier's message stands. */
#ifndef LADE_EXPLAIN_VERIFIER_PLACE_H
#define LADE_EXPLAIN_VERIFIER_PLACE_H

#include "explain/text.h"

#define LITERAL_MIN 12 /* bytes of fixed text: a shorter message may be anything, unless it begins as "R1 …" */

/* A message that is too peculiar to stand anywhere else. One that begins with anything would begin anywhere. */
bool lade_verifier_is_peculiar(const char *text, size_t length);
/* Is it an error's words, and nothing else? */
bool lade_verifier_is_error_text(const struct span *part);
/* Anywhere in the line, with the instruction before it, if one is there. `is_question`: of explanation. */
bool lade_verifier_find_anywhere(const struct span *line, bool is_question, struct span *ret_message,
				 struct span *ret_instruction);
/* The same, where it was looked for in the same words before. */
bool lade_verifier_find(const struct lade_explanation *explanation, const struct span *text, struct span *ret_message,
			struct span *ret_instruction);
/* In a line of JSON every word is quoted, and what is behind a colon was looked at. In a verifier's log, what somebody
 * says between its lines is none of them. */
bool lade_verifier_find_in_sentence(const struct span *line, bool has_prose, struct span *ret_message);
/* "load program: invalid argument: MESSAGE (3 line(s) omitted)": the verifier's, even if it begins with any name. */
bool lade_verifier_find_omitted(const struct span *line, struct span *ret_message);

#endif
