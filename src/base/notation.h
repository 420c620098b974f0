/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values as people and JSON write them, read without building a tree:
 *
 *     {"pid": 1, "comm": "sh", "list": [1, 2]}
 *     pid=1 comm=sh list=[1 2] inner={a=1} inner.b=2
 *
 * ':' and '=' are the same, so are ',' and white space; names and values may be quoted or bare. What is JSON is read as
 * JSON. One escape means more than there: \u0080 to \u00ff is that single byte, which is how Lade's own JSON writes
 * bytes that are no UTF-8 (and, where one cannot tell, control characters that are).
 *
 *     struct notation reader = lade_notation(text, length);
 *     lade_notation_open(&reader, '{');
 *     while (lade_notation_more(&reader, '}') > 0) {
 *             lade_notation_name(&reader, &name);
 *             lade_notation_word(&reader, &word, &is_quoted);
 *     }
 *
 * Functions return 0 or more, -EINVAL for what cannot be read (then `wrong` says what is, `at` where), or -ENOMEM.
 */
#ifndef LADE_BASE_NOTATION_H
#define LADE_BASE_NOTATION_H

#include "base/strbuf.h"

struct notation {
	const char *start, *at, *end;
	unsigned depth;
	const char *wrong; /* static */
};

enum notation_kind { NOTATION_END, NOTATION_GROUP, NOTATION_LIST, NOTATION_QUOTED, NOTATION_BARE };

struct notation lade_notation(const char *text, size_t length);
/* What comes next, behind white space. */
enum notation_kind lade_notation_peek(struct notation *reader);
int lade_notation_open(struct notation *reader, char bracket);
/* 1: another item comes; 0: it was the last one, and `bracket` was read. '\0': up to the end of the text. */
int lade_notation_more(struct notation *reader, char bracket);
/* A name and the ':' or '=' behind it. Replaces what `into` holds. */
int lade_notation_name(struct notation *reader, struct strbuf *into);
/* A word, quoted or bare: of the latter up to white space, ',', ']' or '}'. Replaces what `into` holds. */
int lade_notation_word(struct notation *reader, struct strbuf *into, bool *ret_quoted);
/* Passes over a value; the text it had. */
int lade_notation_skip(struct notation *reader, const char **ret_text, size_t *ret_length);

#endif
