/* SPDX-License-Identifier: BSD-2-Clause */
/* One record, as the callback sees it. */
#include <errno.h>

#include "base/info.h"
#include "stream/buffer.h"

/* Records of one buffer mostly have one size: the last choice is kept. */
static int choose(const struct lade_record *record)
{
	struct buffer *buffer = record->buffer;
	if (buffer->has_choice && buffer->choice_length == record->length)
		return 0;
	struct record_choice choice;
	int result = lade_record_types_choose(&buffer->stream->types, &buffer->hints, record->length, &choice);
	if (result < 0)
		return result;
	free(buffer->choice.why);
	buffer->choice = choice;
	buffer->choice_length = record->length;
	buffer->has_choice = true;
	return 0;
}

int lade_record_describe(const struct lade_record *record, struct lade_record_info *info)
{
	struct lade_record_info full = { .map = record->buffer->map,
					 .cpu = record->cpu,
					 .bytes = record->bytes,
					 .length = record->length,
					 .lost = record->lost };
	if (!record->lost) {
		int result = choose(record);
		if (result < 0)
			return result;
		const struct record_choice *choice = &record->buffer->choice;
		full.type_name = choice->decoder ? lade_decoder_name(choice->decoder) : NULL;
		full.why = choice->why;
	}
	return info_fill(info, &full, sizeof full);
}

static void print_lost(const struct lade_record *record, bool is_json, struct strbuf *into)
{
	lade_strbuf_addf(into, is_json ? "{\"lost\":%llu}" : "lost=%llu", (unsigned long long)record->lost);
}

static void print_bytes(const struct lade_record *record, bool is_json, struct strbuf *into)
{
	const struct lade_decoder *decoder = record->buffer->choice.decoder;
	if (decoder)
		(is_json ? lade_decoder_json : lade_decoder_text)(decoder, record->bytes, record->length, into);
	else
		(is_json ? lade_hex_json : lade_hex_text)(record->bytes, record->length, into);
}

static int print(const struct lade_record *record, bool is_json, char **ret_string)
{
	struct strbuf buffer = { 0 };
	int result = record->lost ? 0 : choose(record);
	if (result < 0)
		return result;
	if (record->lost)
		print_lost(record, is_json, &buffer);
	else
		print_bytes(record, is_json, &buffer);
	char *text = lade_strbuf_take(&buffer);
	if (!text)
		return -ENOMEM;
	*ret_string = text;
	return 0;
}

int lade_record_text(const struct lade_record *record, char **ret_text)
{
	return print(record, false, ret_text);
}

int lade_record_json(const struct lade_record *record, char **ret_json)
{
	return print(record, true, ret_json);
}
