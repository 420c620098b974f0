/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/value.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IS_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

#define READ(type)                                                                                                     \
	__extension__({                                                                                                \
		type read_;                                                                                            \
		memcpy(&read_, bytes, sizeof read_);                                                                   \
		read_;                                                                                                 \
	})

uint64_t lade_value_unsigned(const uint8_t *bytes, uint64_t size)
{
	switch (size) {
	case 1:
		return *bytes;
	case 2:
		return READ(uint16_t);
	case 4:
		return READ(uint32_t);
	case 8:
		return READ(uint64_t);
	default:
		break;
	}
	uint64_t value = 0;
	for (uint64_t i = 0; i < size && i < sizeof value; i++)
		value = value << 8 | bytes[IS_BIG_ENDIAN ? i : size - 1 - i];
	return value;
}

/* Up to 71 bits of span: nine bytes, so the number is collected bit group by bit group. */
uint64_t lade_value_bits(const uint8_t *bytes, unsigned bit_offset, unsigned bit_size)
{
	uint64_t value = 0;
	for (unsigned done = 0; done < bit_size; done++) {
		unsigned place = bit_offset + (IS_BIG_ENDIAN ? done : bit_size - 1 - done);
		unsigned shift = IS_BIG_ENDIAN ? 7 - place % 8 : place % 8;
		value = value << 1 | ((unsigned)bytes[place / 8] >> shift & 1U);
	}
	return value;
}

int64_t lade_value_sign_extend(uint64_t value, unsigned bits)
{
	unsigned unused = bits > 0 && bits < 64 ? 64 - bits : 0;
	return (int64_t)(value << unused) >> unused;
}

/* The locale's decimal point may be several bytes: whatever is no part of a number becomes one dot. */
static void add_plain_number(const char *text, struct strbuf *into)
{
	while (*text) {
		size_t plain = strspn(text, "0123456789+-eE");
		lade_strbuf_add_bytes(into, text, plain);
		text += plain;
		size_t point = strcspn(text, "0123456789+-eE");
		if (point)
			lade_strbuf_add(into, ".");
		text += point;
	}
}

static void add_double(double value, int least_digits, int most_digits, bool is_float, struct strbuf *into)
{
	char text[64] = "";
	for (int digits = least_digits; digits <= most_digits; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
		double again = is_float ? (double)strtof(text, NULL) : strtod(text, NULL);
		if (again == value)
			break;
	}
	add_plain_number(text, into);
}

void lade_value_float(const uint8_t *bytes, uint64_t size, struct strbuf *into)
{
	double value;
	float small;
	bool is_float = size == sizeof small;
	memcpy(is_float ? (void *)&small : (void *)&value, bytes, is_float ? sizeof small : sizeof value);
	if (is_float)
		value = (double)small;
	if (isnan(value))
		lade_strbuf_add(into, "nan");
	else if (isinf(value))
		lade_strbuf_add(into, value < 0 ? "-inf" : "inf");
	else
		add_double(value, is_float ? FLT_DIG : DBL_DIG, is_float ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG, is_float,
			   into);
}
