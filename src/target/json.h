/* SPDX-License-Identifier: BSD-2-Clause */
/* As much of JSON as reading a report takes: one walk from the front, nothing is kept. */
#ifndef LADE_TARGET_JSON_H
#define LADE_TARGET_JSON_H

#include "base/strbuf.h"

struct json {
	const char *at, *end;
	unsigned depth;
	bool failed; /* it is none, or goes too deep: everything fails from then on */
};

/* The next character that counts; 0: the end. */
int lade_json_peek(struct json *json);
/* Takes it if it is that one. */
bool lade_json_take(struct json *json, char character);
/* A string, after what is in text; false: it is none. */
bool lade_json_string(struct json *json, struct strbuf *text);
/* Whatever stands there; also what is no string, as text. */
void lade_json_value(struct json *json, struct strbuf *text);
void lade_json_skip(struct json *json);
/* In an object or array, behind its bracket or a member: is there another one? Takes the comma or the end. */
bool lade_json_more(struct json *json, char close, bool *first);

#endif
