/* SPDX-License-Identifier: BSD-2-Clause */
/* Digits, two at a time. */
#include "stream/out.h"

#define MOST_DIGITS 20 /* of 2^64 */

static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

static const char hex_digits[] = "0123456789abcdef";

/* Writes backwards from `end`; where it begins. */
static char *write_digits(char *end, uint64_t value)
{
	while (value >= 100) {
		end -= 2;
		memcpy(end, pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10) {
		end -= 2;
		memcpy(end, pairs + value * 2, 2);
	} else {
		*--end = (char)('0' + value);
	}
	return end;
}

void lade_out_unsigned(struct strbuf *into, uint64_t value)
{
	char digits[MOST_DIGITS], *end = digits + sizeof digits, *start = write_digits(end, value);
	out_bytes(into, start, (size_t)(end - start));
}

void lade_out_signed(struct strbuf *into, int64_t value)
{
	char digits[MOST_DIGITS + 1], *end = digits + sizeof digits;
	char *start = write_digits(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
	if (value < 0)
		*--start = '-';
	out_bytes(into, start, (size_t)(end - start));
}

void lade_out_padded(struct strbuf *into, uint64_t value, unsigned count)
{
	char digits[MOST_DIGITS], *end = digits + sizeof digits, *start = write_digits(end, value);
	while (start > digits && end - start < (ptrdiff_t)count)
		*--start = '0';
	out_bytes(into, start, (size_t)(end - start));
}

void lade_out_hex(struct strbuf *into, uint64_t value, unsigned count)
{
	char digits[16], *end = digits + sizeof digits, *start = end;
	do {
		*--start = hex_digits[value & 15];
		value >>= 4;
	} while (start > digits && (value || end - start < (ptrdiff_t)count));
	out_bytes(into, start, (size_t)(end - start));
}

void lade_out_hex_bytes(struct strbuf *into, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const char pair[2] = { hex_digits[bytes[i] >> 4], hex_digits[bytes[i] & 15] };
		out_bytes(into, pair, sizeof pair);
	}
}
