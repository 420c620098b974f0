/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/quote.h"

#include <stdint.h>
#include <string.h>

#include "stream/out.h"

static bool is_continuation(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Length of the well-formed UTF-8 sequence that starts here; 0: none does. */
static size_t sequence_length(const uint8_t *bytes, size_t length)
{
	uint8_t lead = bytes[0];
	size_t wanted = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
	if (wanted == 0 || wanted > length)
		return 0;
	for (size_t i = 1; i < wanted; i++)
		if (!is_continuation(bytes[i]))
			return 0;
	bool is_overlong = (lead == 0xe0 && bytes[1] < 0xa0) || (lead == 0xf0 && bytes[1] < 0x90);
	bool is_outside = (lead == 0xed && bytes[1] >= 0xa0) || (lead == 0xf4 && bytes[1] >= 0x90);
	return is_overlong || is_outside ? 0 : wanted;
}

static bool is_control(const uint8_t *bytes, size_t sequence)
{
	if (sequence == 1)
		return bytes[0] < 0x20 || bytes[0] == 0x7f;
	return sequence == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0;
}

/* Letter after the backslash for what has a short form in C and in JSON; 0: none. */
static char short_escape(uint8_t byte)
{
	static const char pairs[] = "\"\"\\\\\nn\tt\rr";
	for (size_t i = 0; i + 1 < sizeof pairs; i += 2)
		if ((uint8_t)pairs[i] == byte)
			return pairs[i + 1];
	return 0;
}

/* Most of what is printed: no byte that needs a second look. */
static size_t plain_length(const uint8_t *bytes, size_t length)
{
	size_t i = 0;
	while (i < length && bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '"' && bytes[i] != '\\')
		i++;
	return i;
}

typedef void hex_fn(uint8_t byte, struct strbuf *into);

static void hex_text(uint8_t byte, struct strbuf *into)
{
	lade_strbuf_addf(into, "\\x%02x", byte);
}

static void hex_json(uint8_t byte, struct strbuf *into)
{
	lade_strbuf_addf(into, "\\u%04x", byte);
}

static void escape(const uint8_t *bytes, size_t length, hex_fn *hex, struct strbuf *into)
{
	size_t plain = 0; /* start of what can be copied as it is */
	for (size_t i = 0; i < length;) {
		i += plain_length(bytes + i, length - i);
		if (i == length)
			break;
		size_t sequence = sequence_length(bytes + i, length - i);
		char letter = short_escape(bytes[i]);
		if (sequence && !letter && !is_control(bytes + i, sequence)) {
			i += sequence;
			continue;
		}
		out_bytes(into, bytes + plain, i - plain);
		if (letter)
			lade_strbuf_addf(into, "\\%c", letter);
		else
			hex(sequence == 2 ? bytes[i + 1] : bytes[i], into);
		i += sequence ? sequence : 1;
		plain = i;
	}
	out_bytes(into, bytes + plain, length - plain);
}

void lade_escape_text(const void *bytes, size_t length, struct strbuf *into)
{
	escape(bytes, length, hex_text, into);
}

void lade_quote_text(const void *bytes, size_t length, struct strbuf *into)
{
	out_char(into, '"');
	escape(bytes, length, hex_text, into);
	out_char(into, '"');
}

void lade_quote_json(const void *bytes, size_t length, struct strbuf *into)
{
	out_char(into, '"');
	escape(bytes, length, hex_json, into);
	out_char(into, '"');
}
