/* SPDX-License-Identifier: BSD-2-Clause */
/* From a record's bytes and the compiled fields to text or JSON. */
#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "stream/fields.h"
#include "stream/out.h"
#include "stream/quote.h"
#include "stream/value.h"

struct printer {
	const struct lade_decoder *decoder;
	const uint8_t *bytes;
	size_t length;
	bool is_json;
	struct strbuf *into;
	size_t limit; /* length of `into` above which the record is shown as bytes */
};

static void print_fields(struct printer *printer, uint32_t first, uint32_t end, uint64_t base);

static bool is_full(const struct printer *printer)
{
	return printer->into->failed || printer->into->length > printer->limit;
}

/* Bytes of the record from offset on, at most size. */
static uint64_t available(const struct printer *printer, uint64_t offset, uint64_t size)
{
	if (offset >= printer->length)
		return 0;
	uint64_t rest = printer->length - offset;
	return size < rest ? size : rest;
}

/* In JSON what is no number is quoted. */
static void add_word(struct printer *printer, const char *word)
{
	if (printer->is_json)
		lade_quote_json(word, strlen(word), printer->into);
	else
		lade_escape_text(word, strlen(word), printer->into);
}

/* ---- scalars: the bytes are known to lie in the record ---- */

static uint64_t read_raw(const struct field *field, const uint8_t *bytes)
{
	return field->bit_size ? lade_value_bits(bytes, field->bit_offset, field->bit_size)
			       : lade_value_unsigned(bytes, field->size);
}

static unsigned width(const struct field *field)
{
	return field->bit_size ? field->bit_size : (unsigned)field->size * 8;
}

static void print_signed(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	lade_out_signed(printer->into, lade_value_sign_extend(read_raw(field, bytes), width(field)));
}

static void print_unsigned(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	lade_out_unsigned(printer->into, read_raw(field, bytes));
}

static void print_bool(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	lade_strbuf_add(printer->into, read_raw(field, bytes) ? "true" : "false");
}

static void print_character(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	bool is_shown = !printer->is_json && !field->bit_size && *bytes >= 0x20 && *bytes < 0x7f;
	if (is_shown)
		lade_strbuf_addf(printer->into, *bytes == '\'' || *bytes == '\\' ? "'\\%c'" : "'%c'", *bytes);
	else
		print_signed(printer, field, bytes);
}

static void print_float(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	struct strbuf number = { 0 };
	lade_value_float(bytes, field->size, &number);
	bool is_number = number.text && strpbrk(number.text, "0123456789");
	if (!printer->is_json || is_number)
		lade_strbuf_add(printer->into, number.text ? number.text : "0");
	else if (strcmp(number.text ? number.text : "nan", "nan") == 0)
		lade_strbuf_add(printer->into, "null");
	else
		add_word(printer, number.text);
	lade_strbuf_clear(&number);
}

static int compare_value(const void *key, const void *item)
{
	const struct enumerator *enumerator = item;
	uint64_t value = *(const uint64_t *)key;
	return value < enumerator->value ? -1 : value > enumerator->value;
}

static const char *find_name(const struct enumeration *names, uint64_t value)
{
	const struct enumerator *found =
		names->count ? bsearch(&value, names->items, names->count, sizeof *names->items, compare_value) : NULL;
	while (found && found > names->items && found[-1].value == value)
		found--;
	return found ? found->name : NULL;
}

static void print_enum(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	uint64_t value = read_raw(field, bytes);
	if (field->is_signed)
		value = (uint64_t)lade_value_sign_extend(value, width(field));
	uint64_t cut = field->size < 8 ? value & ((1ULL << (field->size * 8)) - 1) : value;
	const char *name = find_name(&printer->decoder->enumerations.items[field->enumeration], cut);
	if (name)
		add_word(printer, name);
	else if (field->is_signed)
		print_signed(printer, field, bytes);
	else
		print_unsigned(printer, field, bytes);
}

/* A number that JSON readers would take apart wrongly, or a word that they do not know. */
static void add_quote(struct printer *printer)
{
	if (printer->is_json)
		out_char(printer->into, '"');
}

static void print_pointer(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	add_quote(printer);
	out_text(printer->into, "0x");
	lade_out_hex(printer->into, read_raw(field, bytes), 1);
	add_quote(printer);
}

static void print_wide(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	(void)field;
	uint64_t one = lade_value_unsigned(bytes, 8), other = lade_value_unsigned(bytes + 8, 8);
	bool is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	uint64_t high = is_big_endian ? one : other, low = is_big_endian ? other : one;
	add_quote(printer);
	out_text(printer->into, "0x");
	if (high)
		lade_out_hex(printer->into, high, 1);
	lade_out_hex(printer->into, low, high ? 16 : 1);
	add_quote(printer);
}

static void print_big(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	uint64_t value = lade_value_unsigned(bytes, field->size);
	lade_out_unsigned(printer->into, be64toh(value << (8 - field->size) * 8 * (htobe64(1) != 1)));
}

static void print_address(struct printer *printer, int family, const uint8_t *bytes)
{
	char text[INET6_ADDRSTRLEN] = "";
	(void)inet_ntop(family, bytes, text, sizeof text);
	add_quote(printer);
	out_bytes(printer->into, text, strlen(text));
	add_quote(printer);
}

static void print_ipv4(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	(void)field;
	print_address(printer, AF_INET, bytes);
}

static void print_ipv6(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	(void)field;
	print_address(printer, AF_INET6, bytes);
}

/* People read seconds; programs read the nanoseconds that the type holds. */
static void print_time(struct printer *printer, const struct field *field, const uint8_t *bytes)
{
	if (printer->is_json) {
		(field->is_signed ? print_signed : print_unsigned)(printer, field, bytes);
		return;
	}
	uint64_t value = read_raw(field, bytes);
	bool is_negative = field->is_signed && (int64_t)value < 0;
	if (is_negative)
		out_char(printer->into, '-');
	value = is_negative ? 0 - value : value;
	lade_out_unsigned(printer->into, value / 1000000000U);
	out_char(printer->into, '.');
	lade_out_padded(printer->into, value % 1000000000U, 9);
	out_char(printer->into, 's');
}

typedef void scalar_fn(struct printer *printer, const struct field *field, const uint8_t *bytes);

static scalar_fn *const scalars[] = {
	[FIELD_SIGNED] = print_signed,       [FIELD_UNSIGNED] = print_unsigned, [FIELD_BOOL] = print_bool,
	[FIELD_CHARACTER] = print_character, [FIELD_FLOAT] = print_float,       [FIELD_ENUM] = print_enum,
	[FIELD_POINTER] = print_pointer,     [FIELD_WIDE] = print_wide,         [FIELD_BIG] = print_big,
	[FIELD_IPV4] = print_ipv4,           [FIELD_IPV6] = print_ipv6,         [FIELD_TIME] = print_time,
};

static void print_scalar(struct printer *printer, const struct field *field, uint64_t at)
{
	uint64_t needed = field->bit_size ? ((uint64_t)field->bit_offset + field->bit_size + 7) / 8 : field->size;
	if (field->kind == FIELD_NONE || available(printer, at, needed) < needed)
		lade_strbuf_add(printer->into, printer->is_json ? "null" : "?");
	else
		scalars[field->kind](printer, field, printer->bytes + at);
}

/* ---- what is longer ---- */

static uint64_t all_that_is_left(const struct printer *printer, uint64_t at)
{
	return available(printer, at, UINT64_MAX);
}

static void print_string(struct printer *printer, const struct field *field, uint64_t at)
{
	uint64_t length = field->takes_rest ? all_that_is_left(printer, at) : available(printer, at, field->size);
	const uint8_t *start = length ? printer->bytes + at : (const uint8_t *)"";
	size_t shown = strnlen((const char *)start, (size_t)length);
	if (printer->is_json)
		lade_quote_json(start, shown, printer->into);
	else
		lade_quote_text(start, shown, printer->into);
}

static void print_bytes(struct printer *printer, const struct field *field, uint64_t at)
{
	uint64_t length = available(printer, at, field->size);
	lade_strbuf_add(printer->into, printer->is_json ? "\"hex:" : "hex:");
	lade_out_hex_bytes(printer->into, printer->bytes + (length ? at : 0), length);
	lade_strbuf_add(printer->into, printer->is_json ? "\"" : "");
}

static void print_value(struct printer *printer, uint32_t index, uint64_t base);

/* Only elements that begin inside the record: a broken length must not print for ever. */
static uint64_t count_elements(const struct printer *printer, const struct field *field, uint64_t at)
{
	if (field->size == 0)
		return 0;
	uint64_t left = all_that_is_left(printer, at);
	if (field->takes_rest)
		return left / field->size;
	uint64_t begun = left / field->size + (left % field->size != 0);
	return field->count < begun ? field->count : begun;
}

static void print_array(struct printer *printer, uint32_t index, uint64_t at)
{
	const struct field *field = &printer->decoder->fields.items[index];
	uint64_t count = count_elements(printer, field, at);
	out_char(printer->into, '[');
	for (uint64_t i = 0; i < count && !is_full(printer); i++) {
		if (i)
			out_char(printer->into, ',');
		print_value(printer, index + 1, at + i * field->size);
	}
	out_char(printer->into, ']');
}

static void print_value(struct printer *printer, uint32_t index, uint64_t base)
{
	const struct field *field = &printer->decoder->fields.items[index];
	uint64_t at = base + field->offset;
	switch (field->kind) {
	case FIELD_GROUP:
		out_char(printer->into, '{');
		print_fields(printer, index + 1, field->next, at);
		out_char(printer->into, '}');
		return;
	case FIELD_ARRAY:
		print_array(printer, index, at);
		return;
	case FIELD_TEXT:
		print_string(printer, field, at);
		return;
	case FIELD_BYTES:
		print_bytes(printer, field, at);
		return;
	default:
		print_scalar(printer, field, at);
	}
}

static void print_fields(struct printer *printer, uint32_t first, uint32_t end, uint64_t base)
{
	for (uint32_t i = first; i < end && !is_full(printer); i = printer->decoder->fields.items[i].next) {
		const struct field *field = &printer->decoder->fields.items[i];
		if (i != first)
			out_char(printer->into, printer->is_json ? ',' : ' ');
		if (printer->is_json)
			out_bytes(printer->into, field->json_lead, field->json_lead_length);
		else
			out_bytes(printer->into, field->lead, field->lead_length);
		print_value(printer, i, base);
	}
}

/* Unions in arrays of unions can say one byte many times over: such a record is shown as bytes. */
static bool print_record(struct printer *printer)
{
	size_t start = printer->into->length;
	printer->limit = start + (1U << 20) + printer->length * 64;
	bool has_braces = printer->is_json && !printer->decoder->is_plain;
	lade_strbuf_add(printer->into, has_braces ? "{" : "");
	if (printer->decoder->is_plain)
		print_value(printer, 0, 0);
	else
		print_fields(printer, 0, (uint32_t)printer->decoder->fields.count, 0);
	lade_strbuf_add(printer->into, has_braces ? "}" : ""); /* and a NUL */
	if (!is_full(printer))
		return true;
	if (printer->into->text)
		printer->into->text[start] = '\0';
	printer->into->length = start;
	return false;
}

void lade_decoder_text(const struct lade_decoder *decoder, const void *bytes, size_t length, struct strbuf *into)
{
	struct printer printer = { .decoder = decoder, .bytes = bytes, .length = length, .into = into };
	if (!print_record(&printer))
		lade_hex_text(bytes, length, into);
}

void lade_decoder_json(const struct lade_decoder *decoder, const void *bytes, size_t length, struct strbuf *into)
{
	struct printer printer = {
		.decoder = decoder, .bytes = bytes, .length = length, .is_json = true, .into = into
	};
	if (!print_record(&printer))
		lade_hex_json(bytes, length, into);
}

void lade_hex_text(const void *bytes, size_t length, struct strbuf *into)
{
	lade_strbuf_add(into, "hex:");
	lade_out_hex_bytes(into, bytes, length);
}

void lade_hex_json(const void *bytes, size_t length, struct strbuf *into)
{
	lade_strbuf_add(into, "{\"hex\":\"");
	lade_out_hex_bytes(into, bytes, length);
	lade_strbuf_add(into, "\"}");
}
