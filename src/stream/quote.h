/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings out of records, which anybody may have written. Text goes to terminals: control characters, the
 * C1 ones in UTF-8 too, are escaped. JSON stays JSON whatever the bytes are.
 */
#ifndef LADE_STREAM_QUOTE_H
#define LADE_STREAM_QUOTE_H

#include "base/strbuf.h"

/* "a\"b\n\xff" */
void lade_quote_text(const void *bytes, size_t length, struct strbuf *into);
/* The same without the quotes. */
void lade_escape_text(const void *bytes, size_t length, struct strbuf *into);
/* "a\"b\n\u00ff": a byte that is not UTF-8 becomes the code point of the same number. */
void lade_quote_json(const void *bytes, size_t length, struct strbuf *into);

#endif
