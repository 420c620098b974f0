/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/kconfig.h"

#include <errno.h>
#include <string.h>

enum { TRISTATE_NO, TRISTATE_YES, TRISTATE_MODULE }; /* enum libbpf_tristate of bpf_helpers.h */

/* ---- types ---- */

static enum kconfig_type integer_type(const struct btf_type *type, bool *ret_signed)
{
	uint32_t encoding = lade_btf_int_encoding(type);

	if (encoding & BTF_INT_BOOL)
		return type->size == 1 ? KCONFIG_BOOL : KCONFIG_NONE;
	*ret_signed = encoding & BTF_INT_SIGNED;
	if (type->size == 1)
		return KCONFIG_CHAR;
	return type->size == 2 || type->size == 4 || type->size == 8 ? KCONFIG_INTEGER : KCONFIG_NONE;
}

static enum kconfig_type enum_type(const struct lade_btf *btf, const struct btf_type *type)
{
	bool fits = type->size == 4 || (lade_btf_kind(type) == BTF_KIND_ENUM64 && type->size == 8);

	return fits && strcmp(lade_btf_string(btf, type->name_off), "libbpf_tristate") == 0 ? KCONFIG_TRISTATE
											    : KCONFIG_NONE;
}

static enum kconfig_type array_type(const struct lade_btf *btf, const struct btf_type *type)
{
	const struct btf_array *array = lade_btf_array(type);
	const struct btf_type *item = lade_btf_type(btf, lade_btf_skip_modifiers(btf, array->type));
	bool is_signed;

	return array->nelems && lade_btf_kind(item) == BTF_KIND_INT && integer_type(item, &is_signed) == KCONFIG_CHAR
		       ? KCONFIG_TEXT
		       : KCONFIG_NONE;
}

enum kconfig_type lade_kconfig_type(const struct lade_btf *btf, uint32_t id, bool *ret_signed)
{
	const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));

	*ret_signed = false;
	switch (lade_btf_kind(type)) {
	case BTF_KIND_INT:
		return integer_type(type, ret_signed);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return enum_type(btf, type);
	case BTF_KIND_ARRAY:
		return array_type(btf, type);
	default:
		return KCONFIG_NONE;
	}
}

const char *lade_kconfig_type_text(enum kconfig_type type)
{
	static const char *const texts[] = {
		[KCONFIG_NONE] = "nothing an option can be",
		[KCONFIG_BOOL] = "y or n",
		[KCONFIG_TRISTATE] = "y, m or n",
		[KCONFIG_CHAR] = "y, m, n or a number of one byte",
		[KCONFIG_INTEGER] = "a number",
		[KCONFIG_TEXT] = "a \"text\" in quotes",
	};

	return (size_t)type < ELEMENTS(texts) ? texts[type] : texts[KCONFIG_NONE];
}

/* ---- values ---- */

static void store(const struct object_extern *outside, uint64_t number, uint8_t *bytes)
{
	const uint8_t *source = (const uint8_t *)&number;

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		source += sizeof number - outside->length;
	memcpy(bytes, source, outside->length);
}

static int store_letter(const struct object_extern *outside, char letter, uint8_t *bytes)
{
	static const struct {
		char letter;
		uint8_t boolean, tristate;
	} letters[] = { { 'n', 0, TRISTATE_NO }, { 'y', 1, TRISTATE_YES }, { 'm', UINT8_MAX, TRISTATE_MODULE } };
	size_t i = 0;

	while (letters[i].letter != letter)
		i++;
	switch (outside->value) {
	case KCONFIG_BOOL:
		if (letters[i].boolean == UINT8_MAX)
			return -EINVAL;
		store(outside, letters[i].boolean, bytes);
		return 0;
	case KCONFIG_TRISTATE:
		store(outside, letters[i].tristate, bytes);
		return 0;
	case KCONFIG_CHAR:
		*bytes = (uint8_t)letter;
		return 0;
	default:
		return -EINVAL;
	}
}

static int store_text(const struct object_extern *outside, const char *text, uint8_t *bytes, bool *ret_cut)
{
	size_t length = strlen(text);

	if (outside->value != KCONFIG_TEXT || length < 2 || text[length - 1] != '"')
		return -EINVAL;
	length -= 2;
	*ret_cut = length >= outside->length;
	if (*ret_cut)
		length = outside->length - 1;
	memset(bytes, 0, outside->length);
	memcpy(bytes, text + 1, length); /* NOLINT(bugprone-not-null-terminated-result): the zeros above end it */
	return 0;
}

/* -2^(bits-1) to 2^(bits-1)-1, or to 2^bits-1 without a sign. */
static bool fits(const struct object_extern *outside, uint64_t number)
{
	unsigned bits = outside->length * 8;

	if (bits >= 64)
		return true;
	if (outside->is_signed)
		number += UINT64_C(1) << (bits - 1);
	return number >> bits == 0;
}

static int store_number(const struct object_extern *outside, const char *text, uint8_t *bytes)
{
	char *end;

	errno = 0;
	uint64_t number = strtoull(text, &end, 0); /* "-1" becomes the two's complement */
	if (end == text || *end)
		return -EINVAL;
	if (errno)
		return -ERANGE;
	if (outside->value == KCONFIG_BOOL && number > 1)
		return -ERANGE;
	if (outside->value != KCONFIG_INTEGER && outside->value != KCONFIG_CHAR && outside->value != KCONFIG_BOOL)
		return -EINVAL;
	if (!fits(outside, number))
		return -ERANGE;
	store(outside, number, bytes);
	return 0;
}

int lade_kconfig_value(const struct object_extern *outside, const char *text, uint8_t *bytes, bool *ret_cut)
{
	*ret_cut = false;
	if (*text && strchr("ymn", *text))
		return text[1] ? -EINVAL : store_letter(outside, *text, bytes);
	if (*text == '"')
		return store_text(outside, text, bytes, ret_cut);
	return store_number(outside, text, bytes);
}
