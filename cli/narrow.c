/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-16 to UTF-8. */
#include "narrow.h"

#include <stdint.h>
#include <stdlib.h>

#define LOOKED_AT    64 /* bytes: without a mark, so many must look like it */
#define UNITS_LEAST  8
#define REPLACEMENT  0xFFFDU
#define MARK         0xFEFFU
#define BYTES_A_UNIT 3 /* of UTF-8, at most */

struct wide {
	const unsigned char *bytes;
	size_t units;
	bool is_big; /* the high byte is first */
};

static uint32_t unit_at(const struct wide *wide, size_t index)
{
	const unsigned char *at = wide->bytes + 2 * index;

	return wide->is_big ? (uint32_t)(at[0] << 8 | at[1]) : (uint32_t)(at[1] << 8 | at[0]);
}

static bool is_plain(uint32_t unit)
{
	return (unit >= ' ' && unit < 0x7F) || unit == '\n' || unit == '\r' || unit == '\t';
}

static bool looks_wide(const struct wide *wide)
{
	size_t looked = wide->units < LOOKED_AT / 2 ? wide->units : LOOKED_AT / 2;

	for (size_t i = 0; i < looked; i++)
		if (!is_plain(unit_at(wide, i)))
			return false;
	return looked >= UNITS_LEAST;
}

static bool find_order(const char *bytes, size_t length, struct wide *ret_wide)
{
	struct wide wide = { .bytes = (const unsigned char *)bytes, .units = length / 2 };

	for (unsigned is_big = 0; is_big < 2; is_big++) {
		wide.is_big = is_big;
		if (!wide.units || (unit_at(&wide, 0) != MARK && !looks_wide(&wide)))
			continue;
		*ret_wide = wide;
		return true;
	}
	return false;
}

bool cli_is_wide(const char *bytes, size_t length)
{
	struct wide wide;

	return find_order(bytes, length, &wide);
}

/* The letter at *index, which moves behind it. */
static uint32_t next_letter(const struct wide *wide, size_t *index)
{
	uint32_t unit = unit_at(wide, (*index)++), low;

	if (unit < 0xD800 || unit > 0xDFFF)
		return unit;
	low = *index < wide->units && unit < 0xDC00 ? unit_at(wide, *index) : 0;
	if (low < 0xDC00 || low > 0xDFFF)
		return REPLACEMENT;
	(*index)++;
	return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

static char *put_letter(char *at, uint32_t letter)
{
	if (letter < 0x80) {
		*at++ = (char)letter;
	} else if (letter < 0x800) {
		*at++ = (char)(0xC0 | letter >> 6);
		*at++ = (char)(0x80 | (letter & 0x3F));
	} else if (letter < 0x10000) {
		*at++ = (char)(0xE0 | letter >> 12);
		*at++ = (char)(0x80 | (letter >> 6 & 0x3F));
		*at++ = (char)(0x80 | (letter & 0x3F));
	} else { /* two units: four bytes are fewer than theirs */
		*at++ = (char)(0xF0 | letter >> 18);
		*at++ = (char)(0x80 | (letter >> 12 & 0x3F));
		*at++ = (char)(0x80 | (letter >> 6 & 0x3F));
		*at++ = (char)(0x80 | (letter & 0x3F));
	}
	return at;
}

char *cli_narrow(const char *bytes, size_t length, size_t *ret_length)
{
	struct wide wide;
	char *text, *end;

	if (!find_order(bytes, length, &wide))
		return NULL;
	text = malloc(BYTES_A_UNIT * wide.units + 1);
	end = text;
	for (size_t i = unit_at(&wide, 0) == MARK; text && i < wide.units;)
		end = put_letter(end, next_letter(&wide, &i));
	if (text)
		*ret_length = (size_t)(end - text);
	return text;
}
