/* SPDX-License-Identifier: BSD-2-Clause */
/* A system call as strace wrote it, in the lines into which a mail was wrapped. */
#include <string.h>

#include "base/strbuf.h"
#include "explain/reader.h"
#include "explain/reading/search.h"
#include "explain/strace/strace.h"

#define LINES_MAX 24 /* of one call: a program's load with all members has twelve */

/* ") = -1", ") = 5": what stands behind a call. */
static bool has_result(const struct strbuf *call)
{
	static const char mark[] = ") = ";

	return call->text && lade_search(call->text, call->length, mark, strlen(mark));
}

/* "bpf(BPF_PROG_LOAD) failed" speaks of a call, and is none. */
static bool is_unclosed(const struct span *line)
{
	size_t opened = 0, closed = 0;

	for (size_t i = 0; i < line->length; i++) {
		opened += line->text[i] == '(';
		closed += line->text[i] == ')';
	}
	return opened > closed;
}

/* The next line, without what stands before the message; false: another call begins, or the text ends. */
static bool add_line(struct reader *reader, const char *at, struct strbuf *call, const char **ret_next)
{
	struct raw_line raw;
	struct span message;

	if (!lade_peek_line(reader, at, &raw) || call->length > LINE_BYTES)
		return false;
	lade_look_at(reader, &raw);
	message = lade_parse_line(reader, &raw, reader->peeked).message;
	if (lade_is_blank_span(&message) || lade_search(message.text, message.length, "bpf(", 4))
		return false;
	while (message.length && lade_is_blank(message.text[message.length - 1]))
		message.length--;
	lade_strbuf_add_bytes(call, " ", 1);
	lade_strbuf_add_bytes(call, message.text, message.length);
	*ret_next = raw.next;
	return true;
}

bool lade_take_wrapped_call(struct reader *reader, const struct span *line)
{
	struct lade_explanation *explanation = reader->explanation;
	struct strbuf call = { 0 };
	const char *at = reader->at;
	size_t more = 0;
	bool is_known = false;

	if (!is_unclosed(line))
		return false;
	lade_strbuf_add_bytes(&call, line->text, line->length);
	while (more < LINES_MAX && !has_result(&call) && add_line(reader, at, &call, &at))
		more++;
	if (has_result(&call))
		is_known = lade_explanation_call(explanation, &(struct span){ call.text, call.length }, reader->number);
	if (is_known) {
		reader->at = at;
		reader->number += more;
		explanation->known += more + 1;
	}
	lade_strbuf_clear(&call);
	return is_known;
}
