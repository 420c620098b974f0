/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a logger put before each line of a text, taken off all of them at once: what stands behind changing times is the
 * same again then, and whole parts are known by it (repeats.h). Pure.
 */
#ifndef LADE_EXPLAIN_READING_HEADS_H
#define LADE_EXPLAIN_READING_HEADS_H

#include <stddef.h>

#include "explain/reader.h"

/* Stands where a head stood. A text in which a line begins so is left as it is. */
#define HEAD_MARK '\002'

static inline bool lade_is_marked(const struct raw_line *raw)
{
	return raw->length && *raw->text == HEAD_MARK;
}

/*
 * A copy of reader's text, to be freed, in which HEAD_MARK stands for every head that lade_parse_line() finds; as many
 * lines, and each of them says the same. NULL: few lines have one, the text is too large, or there is no memory.
 */
char *lade_without_heads(const struct reader *text, size_t *ret_length);

#endif
