/* SPDX-License-Identifier: BSD-2-Clause */
/* One word to one number, enumerator, character or piece of bytes. */
#include "stream/encode_scalar.h"

#include <arpa/inet.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/similar.h"

#define IS_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* The sign apart, so that both ends of 64 bits are exact. */
struct number {
	bool is_negative;
	uint64_t magnitude;
};

static unsigned width(const struct field *field)
{
	return field->bit_size ? field->bit_size : (unsigned)field->size * 8;
}

static void store_bytes(uint8_t *place, uint64_t size, uint64_t value)
{
	for (uint64_t i = 0; i < size; i++)
		place[IS_BIG_ENDIAN ? size - 1 - i : i] = (uint8_t)(i < 8 ? value >> (8 * i) : 0);
}

static void store_bits(uint8_t *place, unsigned bit_offset, unsigned bit_size, uint64_t value)
{
	for (unsigned done = 0; done < bit_size; done++) {
		unsigned at = bit_offset + (IS_BIG_ENDIAN ? bit_size - 1 - done : done);
		uint8_t bit = (uint8_t)(1U << (IS_BIG_ENDIAN ? 7 - at % 8 : at % 8));
		if (value >> done & 1)
			place[at / 8] |= bit;
		else
			place[at / 8] &= (uint8_t)~bit;
	}
}

static void store(const struct field *field, uint8_t *place, uint64_t value)
{
	if (field->bit_size)
		store_bits(place, field->bit_offset, field->bit_size, value);
	else
		store_bytes(place, field->size, value);
}

static bool read_special(const struct encoder *encoder, struct number *ret_number)
{
	const char *text = encoder->word.text;
	bool is_true = strcmp(text, "true") == 0;
	if (is_true || strcmp(text, "false") == 0) {
		*ret_number = (struct number){ .magnitude = is_true };
		return true;
	}
	if (encoder->word.length != 3 || text[0] != '\'' || text[2] != '\'')
		return false;
	*ret_number = (struct number){ .magnitude = (uint8_t)text[1] };
	return true;
}

/* -ERANGE beyond 64 bits. */
static int read_number(const struct encoder *encoder, struct number *ret_number)
{
	const char *text = encoder->word.text;
	if (read_special(encoder, ret_number))
		return 0;
	struct number number = { .is_negative = *text == '-' };
	const char *digits = text + (number.is_negative || *text == '+');
	char *end;
	if (*digits < '0' || *digits > '9')
		return -EINVAL;
	errno = 0;
	number.magnitude = strtoull(digits, &end, digits[0] == '0' && (digits[1] | 0x20) == 'x' ? 16 : 10);
	if (end != text + encoder->word.length)
		return -EINVAL;
	if (errno)
		return -ERANGE;
	number.is_negative = number.is_negative && number.magnitude;
	*ret_number = number;
	return 0;
}

static bool fits(const struct number *number, unsigned bits, bool is_signed, bool is_unsigned)
{
	uint64_t half = 1ULL << (bits - 1);
	if (number->is_negative)
		return is_signed && number->magnitude <= half;
	return number->magnitude < half || (is_unsigned && number->magnitude - half < half);
}

static int encode_number(struct encoder *encoder, const struct field *field, uint8_t *place, bool is_signed,
			 bool is_unsigned)
{
	struct number number;
	int result = read_number(encoder, &number);
	if (result == -EINVAL)
		return lade_encode_refuse(encoder, EINVAL, "encode.form",
					  "an integer: 12, -3, 0x1f, 'c', true or false");
	if (result < 0 || !fits(&number, width(field), is_signed, is_unsigned))
		return lade_encode_refuse(encoder, ERANGE, "encode.range", "an integer within the range of the field");
	store(field, place, number.is_negative ? 0 - number.magnitude : number.magnitude);
	return 0;
}

static int encode_signed(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	return encode_number(encoder, field, place, true, false);
}

static int encode_unsigned(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	return encode_number(encoder, field, place, false, true);
}

static int encode_bool(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	struct number number;
	if (read_number(encoder, &number) < 0 || number.is_negative || number.magnitude > 1)
		return lade_encode_refuse(encoder, EINVAL, "encode.form", "true, false, 1 or 0");
	store(field, place, number.magnitude);
	return 0;
}

/* As text, 'c' or c; a digit alone is a number, unless it is quoted. */
static int encode_character(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	const char *text = encoder->word.text;
	bool is_digit = text[0] >= '0' && text[0] <= '9';
	if (encoder->word.length != 1 || (is_digit && !encoder->is_quoted))
		return encode_number(encoder, field, place, true, true);
	store(field, place, (uint8_t)text[0]);
	return 0;
}

static int encode_enum(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	const struct enumeration *names = &encoder->decoder->enumerations.items[field->enumeration];
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i].name, encoder->word.text) == 0) {
			store(field, place, names->items[i].value);
			return 0;
		}
	struct number number;
	if (read_number(encoder, &number) != -EINVAL)
		return encode_number(encoder, field, place, field->is_signed, !field->is_signed);
	int result = lade_encode_refuse(encoder, EINVAL, "encode.form",
					"the name of one of the type's enumerators, or an integer");
	struct similar_names similar = { .wanted = encoder->word.text };
	for (size_t i = 0; i < names->count; i++)
		lade_similar_consider(&similar, names->items[i].name);
	lade_similar_evidence(&similar, encoder->finding, "enumerator");
	lade_similar_clear(&similar);
	return result;
}

/* The decimal point is a dot, whatever the locale of the program. */
static bool read_float(const struct encoder *encoder, double *ret_value)
{
	locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	char *end = NULL;
	const char *text = encoder->word.text;
	double value = plain ? strtod_l(text, &end, plain) : 0;
	if (plain)
		freelocale(plain);
	if (!end || end == text || end != text + encoder->word.length)
		return false;
	*ret_value = value;
	return true;
}

static int encode_float(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	static const char wanted[] = "a floating point number: 1.5, -2e10, inf, nan";
	double value;
	if (!read_float(encoder, &value))
		return lade_encode_refuse(encoder, EINVAL, "encode.form", wanted);
	float narrow = (float)value;
	if (field->size == sizeof narrow && isinf(narrow) && !isinf(value))
		return lade_encode_refuse(encoder, ERANGE, "encode.range", wanted);
	if (field->size == sizeof narrow)
		memcpy(place, &narrow, sizeof narrow);
	else
		memcpy(place, &value, sizeof value);
	return 0;
}

/* 16 bytes: up to 32 hexadecimal digits, or an integer of 64 bits. */
static int encode_wide(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	static const char wanted[] = "an integer of 64 bits, or 0x and at most 32 digits";
	const char *text = encoder->word.text;
	uint64_t halves[2] = { 0 }; /* low, high */
	struct number number;
	size_t digits = encoder->word.length > 2 ? encoder->word.length - 2 : 0;
	if (digits > 16 && digits <= 32 && text[0] == '0' && text[1] == 'x' &&
	    strspn(text + 2, "0123456789abcdefABCDEF") == digits) {
		char high[17] = "";
		memcpy(high, text + 2, digits - 16);
		halves[1] = strtoull(high, NULL, 16);
		halves[0] = strtoull(text + encoder->word.length - 16, NULL, 16);
	} else if (read_number(encoder, &number) == 0) {
		halves[0] = number.is_negative ? 0 - number.magnitude : number.magnitude;
		halves[1] = number.is_negative ? UINT64_MAX : 0;
	} else {
		return lade_encode_refuse(encoder, EINVAL, "encode.form", wanted);
	}
	store_bytes(place + (IS_BIG_ENDIAN ? 8 : 0), 8, halves[0]);
	store_bytes(place + (IS_BIG_ENDIAN ? 0 : 8), 8, halves[1]);
	(void)field;
	return 0;
}

/* Numbers of the network: __be16 and the like. */
static int encode_big(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	int result = encode_number(encoder, field, place, false, true);
	for (uint64_t i = 0; !IS_BIG_ENDIAN && result == 0 && i < field->size / 2; i++) {
		uint8_t byte = place[i];
		place[i] = place[field->size - 1 - i];
		place[field->size - 1 - i] = byte;
	}
	return result;
}

static int encode_ipv4(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	struct number number;
	if (inet_pton(AF_INET, encoder->word.text, place) == 1)
		return 0;
	if (read_number(encoder, &number) == 0) /* as C holds it */
		return encode_number(encoder, field, place, false, true);
	return lade_encode_refuse(encoder, EINVAL, "encode.form", "an address: 192.0.2.1");
}

static int encode_ipv6(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	(void)field;
	if (inet_pton(AF_INET6, encoder->word.text, place) == 1)
		return 0;
	return lade_encode_refuse(encoder, EINVAL, "encode.form", "an address: 2001:db8::1");
}

/* "1.500000000s", as people are shown it; a number alone is nanoseconds. */
static bool read_seconds(const struct encoder *encoder, struct number *ret_number)
{
	const char *text = encoder->word.text, *digits = text + (*text == '-');
	uint64_t whole = 0, fraction = 0, scale = 1000000000U;
	for (; *digits >= '0' && *digits <= '9'; digits++)
		if (__builtin_mul_overflow(whole, 10U, &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(*digits - '0'), &whole))
			return false;
	if (*digits == '.')
		for (digits++; *digits >= '0' && *digits <= '9' && scale > 1; digits++) {
			scale /= 10;
			fraction += (uint64_t)(*digits - '0') * scale;
		}
	if (strcmp(digits, "s") != 0 || __builtin_mul_overflow(whole, 1000000000U, &whole) ||
	    __builtin_add_overflow(whole, fraction, &whole))
		return false;
	*ret_number = (struct number){ .is_negative = *text == '-' && whole, .magnitude = whole };
	return true;
}

static int encode_time(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	struct number number;
	if (!read_seconds(encoder, &number))
		return encode_number(encoder, field, place, field->is_signed, !field->is_signed);
	if (!fits(&number, width(field), field->is_signed, !field->is_signed))
		return lade_encode_refuse(encoder, ERANGE, "encode.range", "a time within the range of the field");
	store(field, place, number.is_negative ? 0 - number.magnitude : number.magnitude);
	return 0;
}

typedef int encode_fn(struct encoder *encoder, const struct field *field, uint8_t *place);

static encode_fn *const scalars[] = {
	[FIELD_SIGNED] = encode_signed,    [FIELD_UNSIGNED] = encode_unsigned,
	[FIELD_BOOL] = encode_bool,        [FIELD_CHARACTER] = encode_character,
	[FIELD_FLOAT] = encode_float,      [FIELD_ENUM] = encode_enum,
	[FIELD_BIG] = encode_big,          [FIELD_IPV4] = encode_ipv4,
	[FIELD_IPV6] = encode_ipv6,        [FIELD_TIME] = encode_time,
	[FIELD_POINTER] = encode_unsigned, [FIELD_WIDE] = encode_wide,
};

int lade_encode_scalar(struct encoder *encoder, const struct field *field, uint8_t *place)
{
	encode_fn *encode = (size_t)field->kind < ELEMENTS(scalars) ? scalars[field->kind] : NULL;
	if (!encode)
		return lade_encode_refuse(encoder, EINVAL, "encode.form", "hex: and the bytes, two digits each");
	if (strlen(encoder->word.text) != encoder->word.length)
		return lade_encode_refuse(encoder, EINVAL, "encode.form", "a word without a NUL");
	return encode(encoder, field, place);
}
