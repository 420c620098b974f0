/* SPDX-License-Identifier: BSD-2-Clause */
/* From text or JSON to bytes, along the fields that the decoder prints. */
#include <errno.h>
#include <string.h>

#include "base/similar.h"
#include "stream/encode_scalar.h"
#include "stream/quote.h"

static int encode_value(struct encoder *encoder, uint32_t index, uint64_t base);

/* ---- findings ---- */

int lade_encode_refuse(struct encoder *encoder, int errnum, const char *code, const char *wanted)
{
	struct strbuf shown = { 0 };
	lade_quote_text(encoder->word.text, encoder->word.length < 64 ? encoder->word.length : 64, &shown);
	lade_strbuf_add(&shown, ""); /* for its NUL */
	bool has_path = encoder->path.length;
	encoder->finding =
		lade_error_add(encoder->error, errnum, code, "%s%s%s: %s cannot be %s", encoder->what,
			       has_path ? " field " : "", has_path ? encoder->path.text : "",
			       shown.text ? shown.text : "it", errnum == ERANGE ? "taken: it does not fit" : "taken");
	finding_fix(encoder->finding, "give %s", wanted);
	lade_strbuf_clear(&shown);
	return -errnum;
}

static int refuse_syntax(struct encoder *encoder, int result)
{
	if (result != -EINVAL)
		return lade_fail_memory(encoder->error);
	bool has_path = encoder->path.length;
	encoder->finding = lade_error_add(encoder->error, EINVAL, "encode.syntax", "%s%s%s: %s, at character %zu",
					  encoder->what, has_path ? " field " : "", has_path ? encoder->path.text : "",
					  encoder->reader.wrong ? encoder->reader.wrong : "this is not a value",
					  (size_t)(encoder->reader.at - encoder->reader.start) + 1);
	return -EINVAL;
}

/* ---- hexadecimal ---- */

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
	return found ? (int)(found - digits) : -1;
}

int lade_hex_read(const char *text, size_t text_length, uint8_t *bytes, size_t length)
{
	size_t done = 0;
	for (size_t i = 0; i < text_length;) {
		if (strchr(" \t\r\n", text[i]) && text[i]) {
			i++;
			continue;
		}
		int high = digit_of(text[i]), low = i + 1 < text_length ? digit_of(text[i + 1]) : -1;
		if (high < 0 || low < 0)
			return -EINVAL;
		if (done == length)
			return -EMSGSIZE;
		bytes[done++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	return done == length ? 0 : -EMSGSIZE;
}

static bool is_hex(const char *text, size_t length)
{
	return length >= 4 && memcmp(text, "hex:", 4) == 0;
}

static int encode_hex(struct encoder *encoder, uint8_t *place, uint64_t size)
{
	const char *digits = encoder->word.text;
	size_t length = encoder->word.length;
	bool has_word = is_hex(digits, length);
	int result = lade_hex_read(digits + (has_word ? 4 : 0), length - (has_word ? 4 : 0), place, (size_t)size);
	if (result == 0)
		return 0;
	(void)lade_encode_refuse(encoder, result == -EMSGSIZE ? ERANGE : EINVAL,
				 result == -EMSGSIZE ? "encode.range" : "encode.form",
				 "hex: and the bytes, two digits each");
	finding_evidence(encoder->finding, "%llu bytes are wanted", (unsigned long long)size);
	return result;
}

/* ---- fields ---- */

static void path_cut(struct encoder *encoder, size_t length)
{
	encoder->path.length = length;
	if (encoder->path.text)
		encoder->path.text[length] = '\0';
}

/* Does the field end inside the bytes? Flexible arrays and lies do not. */
static bool lies_inside(const struct encoder *encoder, uint64_t at, uint64_t size)
{
	return at <= encoder->length && size <= encoder->length - at;
}

static int refuse_outside(struct encoder *encoder)
{
	return lade_encode_refuse(encoder, ERANGE, "encode.range", "a field that lies within the type's size");
}

static int read_word(struct encoder *encoder)
{
	int result = lade_notation_word(&encoder->reader, &encoder->word, &encoder->is_quoted);
	return result < 0 ? refuse_syntax(encoder, result) : 0;
}

static bool is_null(const struct encoder *encoder)
{
	return !encoder->is_quoted && strcmp(encoder->word.text, "null") == 0;
}

/* A row of characters: the text, and zeros behind it. */
static int encode_text(struct encoder *encoder, const struct field *field, uint64_t at)
{
	uint64_t size = field->takes_rest && at <= encoder->length ? encoder->length - at : field->size;
	int result = read_word(encoder);
	if (result < 0 || is_null(encoder))
		return result;
	if (!lies_inside(encoder, at, size))
		return refuse_outside(encoder);
	if (!encoder->is_quoted && is_hex(encoder->word.text, encoder->word.length))
		return encode_hex(encoder, encoder->bytes + at, size);
	if (encoder->word.length > size) {
		result = lade_encode_refuse(encoder, ERANGE, "encode.range", "text that is not longer than the array");
		finding_evidence(encoder->finding, "the text has %zu bytes, the array %llu", encoder->word.length,
				 (unsigned long long)size);
		return result;
	}
	memset(encoder->bytes + at, 0, (size_t)size);
	memcpy(encoder->bytes + at, encoder->word.text, encoder->word.length);
	return 0;
}

static int encode_word(struct encoder *encoder, const struct field *field, uint64_t at)
{
	int result = read_word(encoder);
	if (result < 0 || is_null(encoder))
		return result;
	uint64_t needed = field->bit_size ? ((uint64_t)field->bit_offset + field->bit_size + 7) / 8 : field->size;
	if (!lies_inside(encoder, at, needed))
		return refuse_outside(encoder);
	if (field->kind == FIELD_BYTES)
		return encode_hex(encoder, encoder->bytes + at, field->size);
	return lade_encode_scalar(encoder, field, encoder->bytes + at);
}

/* A group or an array that is given as bytes: hex:…, or null. */
static int encode_whole(struct encoder *encoder, uint64_t at, uint64_t size, const char *wanted)
{
	int result = read_word(encoder);
	if (result < 0 || is_null(encoder))
		return result;
	if (!is_hex(encoder->word.text, encoder->word.length))
		return lade_encode_refuse(encoder, EINVAL, "encode.form", wanted);
	return lies_inside(encoder, at, size) ? encode_hex(encoder, encoder->bytes + at, size)
					      : refuse_outside(encoder);
}

/* ---- arrays ---- */

static uint64_t element_count(const struct encoder *encoder, const struct field *field, uint64_t at)
{
	if (!field->takes_rest || !field->size || at > encoder->length)
		return field->count;
	return (encoder->length - at) / field->size;
}

static int encode_elements(struct encoder *encoder, uint32_t index, uint64_t at)
{
	const struct field *field = &encoder->decoder->fields.items[index];
	uint64_t count = element_count(encoder, field, at);
	size_t length = encoder->path.length;
	int more;
	for (uint64_t i = 0; (more = lade_notation_more(&encoder->reader, ']')) > 0; i++) {
		lade_strbuf_addf(&encoder->path, "[%llu]", (unsigned long long)i);
		if (i >= count) {
			path_cut(encoder, length);
			return lade_fail(encoder->error, ERANGE, "encode.range", "%s field %s: it has %llu items only",
					 encoder->what, encoder->path.text ? encoder->path.text : "",
					 (unsigned long long)count);
		}
		int result = encode_value(encoder, index + 1, at + i * field->size);
		if (result < 0)
			return result;
		path_cut(encoder, length);
	}
	return more < 0 ? refuse_syntax(encoder, more) : 0;
}

static int encode_array(struct encoder *encoder, uint32_t index, uint64_t at)
{
	const struct field *field = &encoder->decoder->fields.items[index];
	uint64_t size;
	if (lade_notation_peek(&encoder->reader) != NOTATION_LIST) {
		if (__builtin_mul_overflow(field->size, field->count, &size))
			return refuse_outside(encoder);
		return encode_whole(encoder, at, size, "a list: [1, 2]");
	}
	int result = lade_notation_open(&encoder->reader, '[');
	return result < 0 ? refuse_syntax(encoder, result) : encode_elements(encoder, index, at);
}

/* ---- groups ---- */

static bool has_name(const struct field *field, const char *name, size_t length)
{
	return field->name && strncmp(field->name, name, length) == 0 && !field->name[length];
}

/* Text shows names made safe, JSON quotes them; a name of C is the same in both. UINT32_MAX: there is none. */
static uint32_t find_field(const struct encoder *encoder, uint32_t first, uint32_t end, const char *name, size_t length)
{
	struct strbuf quoted = { 0 };
	uint32_t found = UINT32_MAX;
	for (uint32_t i = first; i < end && found == UINT32_MAX; i = encoder->decoder->fields.items[i].next)
		if (has_name(&encoder->decoder->fields.items[i], name, length))
			found = i;
	if (found == UINT32_MAX)
		lade_quote_json(name, length, &quoted);
	lade_strbuf_add(&quoted, "");
	for (uint32_t i = first; i < end && quoted.text && found == UINT32_MAX;
	     i = encoder->decoder->fields.items[i].next) {
		const struct field *field = &encoder->decoder->fields.items[i];
		if (field->json_name && strcmp(field->json_name, quoted.text) == 0)
			found = i;
	}
	lade_strbuf_clear(&quoted);
	return found;
}

static int refuse_field(struct encoder *encoder, uint32_t first, uint32_t end, const char *name)
{
	struct similar_names similar = { .wanted = name };
	encoder->finding = lade_error_add(encoder->error, EINVAL, "encode.field", "%s%s%s: there is no field %s",
					  encoder->what, encoder->path.length ? " field " : "",
					  encoder->path.length ? encoder->path.text : "", name);
	uint32_t shown = 0;
	for (uint32_t i = first; i < end; i = encoder->decoder->fields.items[i].next) {
		const struct field *field = &encoder->decoder->fields.items[i];
		lade_similar_consider(&similar, field->name ? field->name : "");
		if (shown++ < 16)
			finding_evidence(encoder->finding, "there is %s", field->name ? field->name : "");
	}
	if (similar.count)
		finding_fix(encoder->finding, "did you mean %s?", similar.names[0]);
	lade_similar_clear(&similar);
	return -EINVAL;
}

static int encode_members(struct encoder *encoder, uint32_t first, uint32_t end, uint64_t base, char bracket);

/* The rest of "a.b.c=1": a group again, of one member. */
static int encode_named(struct encoder *encoder, uint32_t first, uint32_t end, uint64_t base, const char *name)
{
	size_t length = encoder->path.length;
	uint32_t index = find_field(encoder, first, end, name, strlen(name));
	const char *dot = index == UINT32_MAX ? strchr(name, '.') : NULL;
	if (dot)
		index = find_field(encoder, first, end, name, (size_t)(dot - name));
	if (index == UINT32_MAX)
		return refuse_field(encoder, first, end, name);
	const struct field *field = &encoder->decoder->fields.items[index];
	lade_strbuf_addf(&encoder->path, "%s%s", length ? "." : "", field->name);
	int result;
	if (!dot)
		result = encode_value(encoder, index, base);
	else if (field->kind != FIELD_GROUP)
		return refuse_field(encoder, index + 1, index + 1, dot + 1);
	else
		result = encode_named(encoder, index + 1, field->next, base + field->offset, dot + 1);
	if (result == 0)
		path_cut(encoder, length);
	return result;
}

static int encode_members(struct encoder *encoder, uint32_t first, uint32_t end, uint64_t base, char bracket)
{
	int more;
	while ((more = lade_notation_more(&encoder->reader, bracket)) > 0) {
		struct strbuf name = { 0 };
		int result = lade_notation_name(&encoder->reader, &name);
		if (result < 0)
			result = refuse_syntax(encoder, result);
		else if (strlen(name.text) != name.length)
			result = refuse_field(encoder, first, end, name.text);
		else
			result = encode_named(encoder, first, end, base, name.text);
		lade_strbuf_clear(&name);
		if (result < 0)
			return result;
	}
	return more < 0 ? refuse_syntax(encoder, more) : 0;
}

static int encode_group(struct encoder *encoder, uint32_t index, uint64_t at)
{
	const struct field *field = &encoder->decoder->fields.items[index];
	if (lade_notation_peek(&encoder->reader) != NOTATION_GROUP)
		return encode_whole(encoder, at, field->size, "a group: {a=1 b=2}");
	int result = lade_notation_open(&encoder->reader, '{');
	return result < 0 ? refuse_syntax(encoder, result) : encode_members(encoder, index + 1, field->next, at, '}');
}

static int encode_value(struct encoder *encoder, uint32_t index, uint64_t base)
{
	const struct field *field = &encoder->decoder->fields.items[index];
	uint64_t at = base + field->offset;
	switch (field->kind) {
	case FIELD_GROUP:
		return encode_group(encoder, index, at);
	case FIELD_ARRAY:
		return encode_array(encoder, index, at);
	case FIELD_TEXT:
		return encode_text(encoder, field, at);
	default:
		return encode_word(encoder, field, at);
	}
}

/* ---- the whole ---- */

/* What Lade prints where it knows no type: {"hex":"00ff"}. */
static bool is_hex_object(const struct notation *reader)
{
	static const char start[] = "{\"hex\":\"";
	return (size_t)(reader->end - reader->at) >= sizeof start && memcmp(reader->at, start, sizeof start - 1) == 0;
}

static int encode_hex_object(struct encoder *encoder)
{
	struct strbuf name = { 0 };
	int result = lade_notation_open(&encoder->reader, '{');
	if (result == 0)
		result = lade_notation_name(&encoder->reader, &name);
	lade_strbuf_clear(&name);
	if (result == 0)
		result = lade_notation_word(&encoder->reader, &encoder->word, &encoder->is_quoted);
	if (result == 0 && lade_notation_more(&encoder->reader, '}') != 0)
		result = -EINVAL;
	return result < 0 ? refuse_syntax(encoder, result) : encode_hex(encoder, encoder->bytes, encoder->length);
}

static int encode_untyped(struct encoder *encoder)
{
	size_t length = encoder->length;
	const struct field whole = { .kind = FIELD_UNSIGNED, .size = length };
	int result = read_word(encoder);
	if (result < 0)
		return result;
	bool is_number = length == 1 || length == 2 || length == 4 || length == 8;
	if (!is_number || is_hex(encoder->word.text, encoder->word.length))
		return encode_hex(encoder, encoder->bytes, length);
	return lade_encode_scalar(encoder, &whole, encoder->bytes);
}

/* Where the whole is text nothing else can follow: white space belongs to it. */
static int encode_bare_text(struct encoder *encoder)
{
	const struct notation *reader = &encoder->reader;
	struct strbuf quoted = { 0 };
	lade_quote_text(reader->at, (size_t)(reader->end - reader->at), &quoted);
	if (quoted.failed || !quoted.text) {
		lade_strbuf_clear(&quoted);
		return lade_fail_memory(encoder->error);
	}
	encoder->reader = lade_notation(quoted.text, quoted.length);
	int result = encode_value(encoder, 0, 0);
	encoder->reader = lade_notation("", 0);
	lade_strbuf_clear(&quoted);
	return result;
}

static int encode_all(struct encoder *encoder)
{
	const struct lade_decoder *decoder = encoder->decoder;
	enum notation_kind kind = lade_notation_peek(&encoder->reader);
	if (is_hex_object(&encoder->reader))
		return encode_hex_object(encoder);
	if (!decoder)
		return encode_untyped(encoder);
	if (decoder->is_plain && decoder->fields.items[0].kind == FIELD_TEXT && kind == NOTATION_BARE)
		return encode_bare_text(encoder);
	if (decoder->is_plain)
		return encode_value(encoder, 0, 0);
	uint32_t count = (uint32_t)decoder->fields.count;
	if (kind != NOTATION_GROUP)
		return encode_members(encoder, 0, count, 0, '\0');
	int result = lade_notation_open(&encoder->reader, '{');
	return result < 0 ? refuse_syntax(encoder, result) : encode_members(encoder, 0, count, 0, '}');
}

/* hex:00 01: the only form in which a bare word has spaces. */
static int encode_all_hex(struct encoder *encoder, const char *text, size_t text_length)
{
	lade_strbuf_add_bytes(&encoder->word, text, text_length);
	return encoder->word.failed ? lade_fail_memory(encoder->error)
				    : encode_hex(encoder, encoder->bytes, encoder->length);
}

int lade_encode(const struct lade_decoder *decoder, const char *text, size_t text_length, void *bytes, size_t length,
		const char *what, struct lade_error **error)
{
	struct encoder encoder = { .decoder = decoder,
				   .reader = lade_notation(text, text_length),
				   .bytes = bytes,
				   .length = length,
				   .what = what,
				   .error = error };
	memset(bytes, 0, length);
	lade_strbuf_add(&encoder.word, "");
	int result = encoder.word.failed         ? lade_fail_memory(error)
		     : is_hex(text, text_length) ? encode_all_hex(&encoder, text, text_length)
						 : encode_all(&encoder);
	if (result == 0 && !is_hex(text, text_length) && lade_notation_peek(&encoder.reader) != NOTATION_END) {
		encoder.reader.wrong = "something follows the value";
		result = refuse_syntax(&encoder, -EINVAL);
	}
	lade_strbuf_clear(&encoder.word);
	lade_strbuf_clear(&encoder.path);
	return result;
}
