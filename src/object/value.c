/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIMENSIONS 16

/* A number as it was written: sign apart, so that both ends of 64 bits are exact. */
struct number {
	bool negative;
	uint64_t magnitude;
};

static int fail(struct value *value, int result, const char *wanted)
{
	value->wanted = wanted;
	return result;
}

static void store(const struct value *value, uint8_t *place, size_t length, const struct number *number)
{
	uint64_t bits = number->negative ? 0 - number->magnitude : number->magnitude;
	for (size_t i = 0; i < length; i++) {
		uint64_t shifted = i < sizeof bits ? bits >> (8 * i) : (number->negative ? UINT64_MAX : 0);
		place[value->big_endian ? length - 1 - i : i] = (uint8_t)shifted;
	}
}

static bool read_character(const char *text, struct number *ret_number)
{
	if (text[0] != '\'' || !text[1] || text[2] != '\'' || text[3])
		return false;
	*ret_number = (struct number){ .magnitude = (uint8_t)text[1] };
	return true;
}

static bool read_word(const char *text, struct number *ret_number)
{
	bool is_true = strcmp(text, "true") == 0;
	if (!is_true && strcmp(text, "false") != 0)
		return false;
	*ret_number = (struct number){ .magnitude = is_true };
	return true;
}

static int read_number(const char *text, struct number *ret_number)
{
	if (read_character(text, ret_number) || read_word(text, ret_number))
		return 0;
	struct number number = { .negative = *text == '-' };
	const char *digits = number.negative || *text == '+' ? text + 1 : text;
	char *end;
	if (*digits < '0' || *digits > '9')
		return -EINVAL;
	errno = 0;
	number.magnitude = strtoull(digits, &end, 0);
	if (*end)
		return -EINVAL;
	if (errno == ERANGE)
		return -ERANGE;
	number.negative = number.negative && number.magnitude;
	*ret_number = number;
	return 0;
}

static bool fits(const struct number *number, size_t length, bool is_signed, bool is_unsigned)
{
	if (length > sizeof number->magnitude)
		return is_signed || !number->negative;
	uint64_t half = (uint64_t)1 << (8 * length - 1);
	if (number->negative)
		return is_signed && number->magnitude <= half;
	return number->magnitude < half || (is_unsigned && number->magnitude - half < half);
}

static int parse_integer(struct value *value, uint8_t *place, size_t length, bool is_signed, bool is_unsigned,
			 const char *text)
{
	struct number number;
	int result = read_number(text, &number);
	if (result < 0)
		return fail(value, result, "an integer: 12, -3, 0x1f, 017, 'c', true or false");
	if (!fits(&number, length, is_signed, is_unsigned))
		return fail(value, -ERANGE, "an integer within the range of the type");
	store(value, place, length, &number);
	return 0;
}

static int parse_int(struct value *value, const struct btf_type *type, uint8_t *place, size_t length, const char *text)
{
	uint32_t encoding = lade_btf_int_encoding(type);
	struct number number;
	if (!(encoding & BTF_INT_BOOL))
		return parse_integer(value, place, length, encoding & BTF_INT_SIGNED, !(encoding & BTF_INT_SIGNED),
				     text);
	if (read_number(text, &number) < 0)
		return fail(value, -EINVAL, "true, false, 1 or 0");
	if (number.negative || number.magnitude > 1)
		return fail(value, -ERANGE, "true, false, 1 or 0");
	store(value, place, length, &number);
	return 0;
}

static bool find_enumerator(const struct value *value, const struct btf_type *type, const char *text,
			    int64_t *ret_value)
{
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		bool wide = lade_btf_kind(type) == BTF_KIND_ENUM64;
		const struct btf_enum *narrow_item = wide ? NULL : &lade_btf_enums(type)[i];
		const struct btf_enum64 *wide_item = wide ? &lade_btf_enums64(type)[i] : NULL;
		uint32_t name = wide ? wide_item->name_off : narrow_item->name_off;
		if (strcmp(lade_btf_string(value->btf, name), text) != 0)
			continue;
		*ret_value =
			wide ? (int64_t)((uint64_t)wide_item->val_hi32 << 32 | wide_item->val_lo32) : narrow_item->val;
		return true;
	}
	return false;
}

static int parse_enum(struct value *value, const struct btf_type *type, uint8_t *place, size_t length, const char *text)
{
	int64_t found;
	if (find_enumerator(value, type, text, &found)) {
		store(value, place, length, &(struct number){ .magnitude = (uint64_t)found });
		return 0;
	}
	bool is_signed = lade_btf_kind_flag(type);
	int result = parse_integer(value, place, length, is_signed, !is_signed, text);
	return result == -EINVAL ? fail(value, result, "the name of one of the type's enumerators, or an integer")
				 : result;
}

static int parse_float(struct value *value, uint8_t *place, size_t length, const char *text)
{
	char *end;
	errno = 0;
	double number = strtod(text, &end);
	if (end == text || *end)
		return fail(value, -EINVAL, "a floating point number: 1.5, -2e10");
	float narrow = (float)number;
	if ((errno == ERANGE && isinf(number)) || (length == sizeof narrow && isinf(narrow) && !isinf(number)))
		return fail(value, -ERANGE, "a floating point number within the range of the type");
	uint64_t bits = 0;
	uint32_t narrow_bits = 0;
	memcpy(&bits, &number, sizeof bits);
	memcpy(&narrow_bits, &narrow, sizeof narrow_bits);
	if (length != sizeof bits && length != sizeof narrow_bits)
		return fail(value, -EINVAL, "hex: and the bytes, two digits each");
	store(value, place, length, &(struct number){ .magnitude = length == sizeof bits ? bits : narrow_bits });
	return 0;
}

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = digit ? strchr(digits, digit >= 'A' && digit <= 'F' ? digit + 32 : digit) : NULL;
	return found ? (int)(found - digits) : -EINVAL;
}

static int parse_hex(struct value *value, uint8_t *place, size_t length, const char *text)
{
	static const char wanted[] = "hex: and the bytes, two digits each, exactly as many as the type has";
	if (strncmp(text, "hex:", 4) != 0)
		return fail(value, -EINVAL, wanted);
	text += 4;
	if (strlen(text) != 2 * length)
		return fail(value, strlen(text) % 2 ? -EINVAL : -ERANGE, wanted);
	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return fail(value, -EINVAL, wanted);
		place[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* clang gives `char` no CHAR encoding, so its name decides. */
static bool is_char(const struct lade_btf *btf, const struct btf_type *type)
{
	return type && lade_btf_kind(type) == BTF_KIND_INT && type->size == 1 &&
	       (lade_btf_int_encoding(type) & BTF_INT_CHAR ||
		strcmp(lade_btf_string(btf, type->name_off), "char") == 0);
}

static int parse_text(struct value *value, uint8_t *place, size_t length, const char *text)
{
	size_t given = strlen(text);
	if (given > length)
		return fail(value, -ERANGE, "text that is not longer than the array");
	memcpy(place, text, given); /* NOLINT: an array that is exactly full has no NUL */
	memset(place + given, 0, length - given);
	return 0;
}

static int parse_type(struct value *value, uint32_t id, uint8_t *place, size_t length, const char *text);

/* a,b,c: what is not given stays zero, as in a C initialiser. */
static int parse_list(struct value *value, uint32_t element, size_t size, uint8_t *place, size_t length,
		      const char *text)
{
	char *copy CLEANUP(cleanup_free) = strdup(text);
	char *rest = copy;
	size_t offset = 0;
	if (!copy)
		return -ENOMEM;
	memset(place, 0, length);
	for (char *item; (item = strsep(&rest, ",")); offset += size) {
		if (!size || length - offset < size)
			return fail(value, -ERANGE, "a,b,c with no more items than the array has");
		int result = parse_type(value, element, place + offset, size, item);
		if (result < 0)
			return result;
	}
	return 0;
}

/* Arrays of arrays are one list of the innermost type; only a row of characters is one text. */
static uint32_t list_element(const struct lade_btf *btf, const struct btf_type *array)
{
	uint32_t element = lade_btf_skip_modifiers(btf, lade_btf_array(array)->type);
	for (unsigned depth = 0; depth < MAX_DIMENSIONS; depth++) {
		const struct btf_type *inner = lade_btf_type(btf, element);
		if (!inner || lade_btf_kind(inner) != BTF_KIND_ARRAY)
			break;
		uint32_t next = lade_btf_skip_modifiers(btf, lade_btf_array(inner)->type);
		if (is_char(btf, lade_btf_type(btf, next)))
			break;
		element = next;
	}
	return element;
}

static int parse_array(struct value *value, const struct btf_type *type, uint8_t *place, size_t length,
		       const char *text)
{
	uint32_t element = list_element(value->btf, type);
	const struct btf_type *inner = lade_btf_type(value->btf, element);
	if (is_char(value->btf, inner))
		return parse_text(value, place, length, text);
	if (strncmp(text, "hex:", 4) == 0)
		return parse_hex(value, place, length, text);
	int64_t size = lade_btf_size(value->btf, element);
	if (size <= 0 || (uint64_t)size > length)
		return fail(value, -EINVAL, "hex: and the bytes, two digits each");
	return parse_list(value, element, (size_t)size, place, length, text);
}

static int parse_type(struct value *value, uint32_t id, uint8_t *place, size_t length, const char *text)
{
	const struct btf_type *type = lade_btf_type(value->btf, lade_btf_skip_modifiers(value->btf, id));
	switch (type ? lade_btf_kind(type) : BTF_KIND_UNKN) {
	case BTF_KIND_INT:
		return parse_int(value, type, place, length, text);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return parse_enum(value, type, place, length, text);
	case BTF_KIND_FLOAT:
		return parse_float(value, place, length, text);
	case BTF_KIND_PTR:
		return parse_integer(value, place, length, false, true, text);
	case BTF_KIND_ARRAY:
		return parse_array(value, type, place, length, text);
	default:
		return parse_hex(value, place, length, text);
	}
}

static int parse_untyped(struct value *value, const char *text)
{
	size_t length = value->length;
	bool whole = length == 1 || length == 2 || length == 4 || length == 8;
	if (!whole || strncmp(text, "hex:", 4) == 0)
		return parse_hex(value, value->bytes, length, text);
	return parse_integer(value, value->bytes, length, true, true, text);
}

int lade_value_parse(struct value *value, const char *text)
{
	if (!value->btf || !value->type)
		return parse_untyped(value, text);
	int64_t size = lade_btf_size(value->btf, value->type);
	/* A flexible array at the end makes the variable longer than its type: bytes are all that is sure. */
	if (size < 0 || (uint64_t)size != value->length)
		return parse_hex(value, value->bytes, value->length, text);
	return parse_type(value, value->type, value->bytes, value->length, text);
}
