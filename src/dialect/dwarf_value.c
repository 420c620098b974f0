/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, texts and the values of attributes by their forms; see dwarf.c. */
#include <string.h>

#include "dialect/dwarf.h"

#define MAX_NAME 256

/* ---- numbers ---- */

static bool take(struct cursor *cursor, uint64_t count)
{
	if (cursor->failed || count > cursor->size - cursor->at)
		cursor->failed = true;
	return !cursor->failed;
}

uint64_t lade_dwarf_number(struct cursor *cursor, unsigned bytes)
{
	uint64_t number = 0;
	if (!take(cursor, bytes))
		return 0;
	for (unsigned i = 0; i < bytes; i++) {
		uint64_t byte = cursor->bytes[cursor->at + i];
		number |= byte << (8 * (cursor->big_endian ? bytes - 1 - i : i));
	}
	cursor->at += bytes;
	return number;
}

uint64_t lade_dwarf_uleb(struct cursor *cursor)
{
	uint64_t number = 0;
	for (unsigned shift = 0;; shift += 7) {
		uint64_t byte = lade_dwarf_number(cursor, 1);
		if (shift < 64)
			number |= (byte & 0x7f) << shift;
		if (!(byte & 0x80) || cursor->failed)
			return number;
	}
}

void lade_dwarf_skip(struct cursor *cursor, uint64_t count)
{
	if (take(cursor, count))
		cursor->at += count;
}

static const char *text_at(const uint8_t *bytes, uint64_t size, uint64_t offset)
{
	if (!bytes || offset >= size)
		return "";
	if (!memchr(bytes + offset, 0, size - offset < MAX_NAME ? size - offset : MAX_NAME))
		return "";
	return (const char *)bytes + offset;
}

static const char *read_text(struct cursor *cursor)
{
	const uint8_t *end = cursor->failed ? NULL : memchr(cursor->bytes + cursor->at, 0, cursor->size - cursor->at);
	const char *text = (const char *)cursor->bytes + cursor->at;
	if (!end) {
		cursor->failed = true;
		return "";
	}
	cursor->at = (uint64_t)(end - cursor->bytes) + 1;
	return text;
}

struct cursor lade_dwarf_cursor(const struct dwarf *dwarf, const uint8_t *bytes, uint64_t size, uint64_t at)
{
	return (struct cursor){ bytes, size, at, dwarf->elf->big_endian, at > size };
}

/* ---- values by form ---- */

enum form_shape {
	SHAPE_NONE,
	SHAPE_FIXED,
	SHAPE_ULEB,
	SHAPE_BLOCK,
	SHAPE_BLOCK_ULEB,
	SHAPE_TEXT,
	SHAPE_ADDRESS,
	SHAPE_OFFSET
};

static const struct {
	enum form_shape shape;
	uint8_t bytes;
} forms[] = {
	[0x01] = { SHAPE_ADDRESS, 0 },    [0x03] = { SHAPE_BLOCK, 2 },      [0x04] = { SHAPE_BLOCK, 4 },
	[0x05] = { SHAPE_FIXED, 2 },      [0x06] = { SHAPE_FIXED, 4 },      [0x07] = { SHAPE_FIXED, 8 },
	[0x08] = { SHAPE_TEXT, 0 },       [0x09] = { SHAPE_BLOCK_ULEB, 0 }, [0x0a] = { SHAPE_BLOCK, 1 },
	[0x0b] = { SHAPE_FIXED, 1 },      [0x0c] = { SHAPE_FIXED, 1 },      [0x0d] = { SHAPE_ULEB, 0 },
	[0x0e] = { SHAPE_OFFSET, 0 },     [0x0f] = { SHAPE_ULEB, 0 },       [0x10] = { SHAPE_OFFSET, 0 },
	[0x11] = { SHAPE_FIXED, 1 },      [0x12] = { SHAPE_FIXED, 2 },      [0x13] = { SHAPE_FIXED, 4 },
	[0x14] = { SHAPE_FIXED, 8 },      [0x15] = { SHAPE_ULEB, 0 },       [0x17] = { SHAPE_OFFSET, 0 },
	[0x18] = { SHAPE_BLOCK_ULEB, 0 }, [0x19] = { SHAPE_FIXED, 0 },      [0x1a] = { SHAPE_ULEB, 0 },
	[0x1b] = { SHAPE_ULEB, 0 },       [0x1c] = { SHAPE_FIXED, 4 },      [0x1d] = { SHAPE_OFFSET, 0 },
	[0x1e] = { SHAPE_FIXED, 16 },     [0x1f] = { SHAPE_OFFSET, 0 },     [0x20] = { SHAPE_FIXED, 8 },
	[0x21] = { SHAPE_FIXED, 0 },      [0x22] = { SHAPE_ULEB, 0 },       [0x23] = { SHAPE_ULEB, 0 },
	[0x24] = { SHAPE_FIXED, 8 },      [0x25] = { SHAPE_FIXED, 1 },      [0x26] = { SHAPE_FIXED, 2 },
	[0x27] = { SHAPE_FIXED, 3 },      [0x28] = { SHAPE_FIXED, 4 },      [0x29] = { SHAPE_FIXED, 1 },
	[0x2a] = { SHAPE_FIXED, 2 },      [0x2b] = { SHAPE_FIXED, 3 },      [0x2c] = { SHAPE_FIXED, 4 },
};

/* DW_OP_plus_uconst: how DWARF 2 and 3 wrote the place of a member. */
static uint64_t block_number(const struct cursor *cursor, uint64_t length)
{
	struct cursor block = *cursor;
	block.size = cursor->at + length;
	return length > 1 && lade_dwarf_number(&block, 1) == 0x23 ? lade_dwarf_uleb(&block) : 0;
}

static void read_block(struct cursor *cursor, uint64_t length, struct value *value)
{
	if (!take(cursor, length))
		return;
	value->number = block_number(cursor, length);
	lade_dwarf_skip(cursor, length);
}

static const char *numbered_text(const struct dwarf *dwarf, const struct unit *unit, uint64_t index)
{
	uint64_t offset;
	if (__builtin_mul_overflow(index, (uint64_t)unit->offset_bytes, &offset) ||
	    __builtin_add_overflow(offset, unit->strings, &offset))
		return "";
	struct cursor cursor = lade_dwarf_cursor(dwarf, dwarf->offsets.bytes, dwarf->offsets.size, offset);
	uint64_t at = lade_dwarf_number(&cursor, unit->offset_bytes);
	return cursor.failed || !dwarf->strings ? "" : text_at(dwarf->strings->bytes, dwarf->strings->size, at);
}

static void resolve(const struct dwarf *dwarf, const struct unit *unit, uint32_t form, struct value *value)
{
	if (form == 0x0e && dwarf->strings)
		value->text = text_at(dwarf->strings->bytes, dwarf->strings->size, value->number);
	else if (form == 0x1a || (form >= 0x25 && form <= 0x28))
		value->text = numbered_text(dwarf, unit, value->number);
	else if (form >= 0x11 && form <= 0x15) /* references count from the unit */
		value->number += unit->start;
}

void lade_dwarf_value(const struct dwarf *dwarf, const struct unit *unit, uint32_t form, struct cursor *cursor,
		      struct value *value)
{
	*value = (struct value){ 0, "" };
	if (form >= ELEMENTS(forms) || forms[form].shape == SHAPE_NONE) {
		cursor->failed = true;
		return;
	}
	unsigned bytes = forms[form].bytes;
	switch (forms[form].shape) {
	case SHAPE_FIXED:
		if (bytes > 8)
			lade_dwarf_skip(cursor, bytes);
		else
			value->number = lade_dwarf_number(cursor, bytes);
		break;
	case SHAPE_ADDRESS:
		value->number = lade_dwarf_number(cursor, unit->address_bytes);
		break;
	case SHAPE_OFFSET:
		/* DW_FORM_ref_addr of DWARF 2 had the size of an address */
		value->number = lade_dwarf_number(cursor, form == 0x10 && unit->version < 3 ? unit->address_bytes
											    : unit->offset_bytes);
		break;
	case SHAPE_ULEB:
		value->number = lade_dwarf_uleb(cursor);
		break;
	case SHAPE_BLOCK:
		read_block(cursor, lade_dwarf_number(cursor, bytes), value);
		break;
	case SHAPE_BLOCK_ULEB:
		read_block(cursor, lade_dwarf_uleb(cursor), value);
		break;
	default:
		value->text = read_text(cursor);
		break;
	}
	resolve(dwarf, unit, form, value);
}
