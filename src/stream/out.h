/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast way into a string builder: a million records a second leave no time for calls and formats.
 */
#ifndef LADE_STREAM_OUT_H
#define LADE_STREAM_OUT_H

#include <stdint.h>
#include <string.h>

#include "base/strbuf.h"

static inline void out_bytes(struct strbuf *into, const void *bytes, size_t length)
{
	/* length < capacity as soon as there is any: room for a NUL is kept. */
	if (__builtin_expect(length < into->capacity - into->length, 1)) {
		memcpy(into->text + into->length, bytes, length);
		into->length += length;
		into->text[into->length] = '\0';
	} else {
		lade_strbuf_add_bytes(into, bytes, length);
	}
}

static inline void out_char(struct strbuf *into, char byte)
{
	out_bytes(into, &byte, 1);
}

#define out_text(into, literal) out_bytes((into), ("" literal), sizeof(literal) - 1)

/* number.c */
void lade_out_unsigned(struct strbuf *into, uint64_t value);
void lade_out_signed(struct strbuf *into, int64_t value);
/* Without "0x" and leading zeros, but at least `digits` of them. */
void lade_out_hex(struct strbuf *into, uint64_t value, unsigned digits);
/* Exactly `digits` digits, at most 20: what lies behind a decimal point. */
void lade_out_padded(struct strbuf *into, uint64_t value, unsigned digits);
void lade_out_hex_bytes(struct strbuf *into, const uint8_t *bytes, size_t length);

#endif
