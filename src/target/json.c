/* SPDX-License-Identifier: BSD-2-Clause */
#include "target/json.h"

#include <stdint.h>
#include <string.h>

#define DEPTH_MOST 64u

int lade_json_peek(struct json *json)
{
	while (json->at < json->end && strchr(" \t\r\n", *json->at) && *json->at)
		json->at++;
	return json->failed || json->at >= json->end ? 0 : (unsigned char)*json->at;
}

bool lade_json_take(struct json *json, char character)
{
	if (lade_json_peek(json) != (unsigned char)character || !character)
		return false;
	json->at++;
	return true;
}

static int hex(const struct json *json, uint32_t *ret_code)
{
	uint32_t code = 0;
	if (json->end - json->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		int character = json->at[i] >= 'A' && json->at[i] <= 'F' ? json->at[i] | 0x20 : json->at[i];
		const char *digit = character ? strchr(digits, character) : NULL;
		if (!digit)
			return -1;
		code = code << 4 | (uint32_t)(digit - digits);
	}
	*ret_code = code;
	return 0;
}

/* Beyond ASCII nothing is looked for: it becomes '?'. */
static void escape(struct json *json, struct strbuf *text)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char character = '\0';
	if (json->at < json->end)
		character = *json->at++;
	const char *known = character ? strchr(from, character) : NULL;
	uint32_t code = 0;
	if (known) {
		lade_strbuf_add_bytes(text, &to[known - from], 1);
		return;
	}
	if (character != 'u' || hex(json, &code) < 0) {
		json->failed = true;
		return;
	}
	json->at += 4;
	unsigned char plain = code && code < 0x80 ? (unsigned char)code : '?';
	lade_strbuf_add_bytes(text, &plain, 1);
}

bool lade_json_string(struct json *json, struct strbuf *text)
{
	if (!lade_json_take(json, '"'))
		return false;
	while (json->at < json->end && !json->failed) {
		const char *start = json->at;
		while (json->at < json->end && *json->at != '"' && *json->at != '\\' && *json->at)
			json->at++;
		lade_strbuf_add_bytes(text, start, (size_t)(json->at - start));
		if (json->at >= json->end || !*json->at)
			break;
		if (*json->at++ == '"')
			return true;
		escape(json, text);
	}
	json->failed = true;
	return false;
}

bool lade_json_more(struct json *json, char close, bool *first)
{
	bool was_first = *first;
	*first = false;
	if (lade_json_take(json, close))
		return false;
	json->failed |= !lade_json_peek(json) || (!was_first && !lade_json_take(json, ','));
	return !json->failed;
}

/* true, null, numbers */
static void word(struct json *json, struct strbuf *text)
{
	const char *start = json->at;
	while (json->at < json->end && *json->at && !strchr(",]} \t\r\n", *json->at))
		json->at++;
	json->failed |= json->at == start;
	lade_strbuf_add_bytes(text, start, (size_t)(json->at - start));
}

static void skip_members(struct json *json, char close)
{
	struct strbuf ignored = { 0 };
	bool first = true;
	json->failed |= json->depth++ >= DEPTH_MOST;
	while (lade_json_more(json, close, &first)) {
		if (close == '}' && (!lade_json_string(json, &ignored) || !lade_json_take(json, ':')))
			json->failed = true;
		lade_json_skip(json);
		lade_strbuf_clear(&ignored);
	}
	lade_strbuf_clear(&ignored);
	json->depth--;
}

void lade_json_value(struct json *json, struct strbuf *text)
{
	switch (lade_json_peek(json)) {
	case '"':
		(void)lade_json_string(json, text);
		return;
	case '{':
	case '[':
		skip_members(json, *json->at++ == '{' ? '}' : ']');
		return;
	case 0:
		json->failed = true;
		return;
	default:
		word(json, text);
	}
}

void lade_json_skip(struct json *json)
{
	struct strbuf ignored = { 0 };
	lade_json_value(json, &ignored);
	lade_strbuf_clear(&ignored);
}
