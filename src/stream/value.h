/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers out of bytes, in the byte order of this machine: records never come from elsewhere. */
#ifndef LADE_STREAM_VALUE_H
#define LADE_STREAM_VALUE_H

#include "base/strbuf.h"
#include "stream/fields.h"

/* size: 1 to 8 bytes. */
uint64_t lade_value_unsigned(const uint8_t *bytes, uint64_t size);
/* bit_size: 1 to 64; reads the bytes that hold the bits, not more. */
uint64_t lade_value_bits(const uint8_t *bytes, unsigned bit_offset, unsigned bit_size);
/* Sign bit at `bits` - 1. */
int64_t lade_value_sign_extend(uint64_t value, unsigned bits);
/* Shortest decimal form that reads back to the same number, whatever the locale; "nan", "inf", "-inf". */
void lade_value_float(const uint8_t *bytes, uint64_t size, struct strbuf *into);

#endif
