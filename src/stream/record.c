/* SPDX-License-Identifier: BSD-2-Clause */
/* One record, as the callback sees it. */
#include <errno.h>

#include <string.h>
#include <time.h>

#include "base/info.h"
#include "stream/buffer.h"
#include "stream/out.h"
#include "stream/quote.h"

/* Records of one buffer mostly have one size: the last choice is kept. */
static int choose(const struct lade_record *record)
{
	struct buffer *buffer = record->buffer;
	if (buffer->has_choice && buffer->choice_length == record->length)
		return 0;
	struct record_types none = { 0 };
	struct record_choice choice;
	int result = lade_record_types_choose(buffer->types ? buffer->types : &none, &buffer->hints, record->length,
					      &choice);
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
					 .lost = record->lost,
					 .time_ns = record->time_ns };
	if (!record->lost) {
		int result = choose(record);
		if (result < 0)
			return result;
		const struct record_choice *choice = &record->buffer->choice;
		full.type_name = choice->decoder ? lade_decoder_name(choice->decoder) : NULL;
		full.why = choice->why;
		full.source = choice->source;
	}
	return info_fill(info, &full, sizeof full);
}

static void print_lost(const struct lade_record *record, bool is_json, struct strbuf *into)
{
	lade_strbuf_add(into, is_json ? "\"lost\":" : "lost=");
	lade_out_unsigned(into, record->lost);
}

static void print_bytes(const struct lade_record *record, bool is_json, struct strbuf *into)
{
	const struct buffer *buffer = record->buffer;
	const struct lade_decoder *decoder = buffer->stream->is_hex ? NULL : buffer->choice.decoder;
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
	if (!record->lost)
		print_bytes(record, is_json, &buffer);
	else if (is_json)
		lade_strbuf_addf(&buffer, "{\"lost\":%llu}", (unsigned long long)record->lost);
	else
		print_lost(record, false, &buffer);
	lade_strbuf_add(&buffer, "");
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

/* ---- whole lines ---- */

static void print_clock_json(const struct lade_record *record, int64_t second, int64_t micros)
{
	struct strbuf *line = &record->buffer->stream->line;
	out_text(line, "{\"time\":");
	lade_out_signed(line, second);
	out_char(line, '.');
	lade_out_padded(line, (uint64_t)micros, 6);
}

/* Taking a second apart costs as much as the rest of the line: once for all its records. */
static void print_clock_text(const struct lade_record *record, int64_t second, int64_t micros)
{
	struct lade_stream *stream = record->buffer->stream;
	if (second != stream->line_second || !*stream->line_time) {
		struct tm broken_down = { 0 };
		const time_t seconds = (time_t)second;
		(void)localtime_r(&seconds, &broken_down);
		(void)strftime(stream->line_time, sizeof stream->line_time, "%H:%M:%S", &broken_down);
		stream->line_second = second;
	}
	lade_strbuf_add(&stream->line, stream->line_time);
	out_char(&stream->line, '.');
	lade_out_padded(&stream->line, (uint64_t)micros, 6);
	out_char(&stream->line, ' ');
}

static void print_json_word(struct strbuf *line, const char *key, const char *word)
{
	lade_strbuf_add(line, key);
	if (word)
		lade_quote_json(word, strlen(word), line);
	else
		out_text(line, "null");
}

static void line_json(const struct lade_record *record)
{
	const struct buffer *buffer = record->buffer;
	struct strbuf *line = &buffer->stream->line;
	lade_strbuf_add(line, buffer->lead_json);
	if (record->cpu >= 0)
		lade_out_unsigned(line, (unsigned)record->cpu);
	else
		out_text(line, "null");
	if (record->lost) {
		out_char(line, ',');
		print_lost(record, true, line);
	} else {
		const struct lade_decoder *decoder = buffer->choice.decoder;
		print_json_word(line, ",\"type\":", decoder ? lade_decoder_name(decoder) : NULL);
		if (buffer->choice.why)
			print_json_word(line, ",\"why\":", buffer->choice.why);
		out_text(line, ",\"record\":");
		print_bytes(record, true, line);
	}
	out_text(line, "}\n");
}

static void line_text(const struct lade_record *record)
{
	struct strbuf *line = &record->buffer->stream->line;
	lade_escape_text(record->buffer->map, strlen(record->buffer->map), line);
	if (record->cpu >= 0) {
		out_text(line, " cpu");
		lade_out_unsigned(line, (unsigned)record->cpu);
	}
	out_char(line, ' ');
	if (record->lost)
		print_lost(record, false, line);
	else
		print_bytes(record, false, line);
	out_char(line, '\n');
}

int lade_record_line(const struct lade_record *record, enum lade_line form, const char **ret_line, size_t *ret_length)
{
	struct lade_stream *stream = record->buffer->stream;
	int64_t now_ns = (int64_t)record->time_ns + stream->clock_offset_ns;
	int64_t second = now_ns / 1000000000, micros = now_ns % 1000000000 / 1000;
	int result = record->lost ? 0 : choose(record);
	if (result < 0)
		return result;
	stream->line.length = 0;
	(form == LADE_LINE_JSON ? print_clock_json : print_clock_text)(record, second, micros);
	(form == LADE_LINE_JSON ? line_json : line_text)(record);
	if (stream->line.failed) {
		lade_strbuf_clear(&stream->line);
		return -ENOMEM;
	}
	*ret_line = stream->line.text;
	*ret_length = stream->line.length;
	return 0;
}
