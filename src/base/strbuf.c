/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool strbuf_reserve(struct strbuf *buffer, size_t more)
{
	size_t wanted;
	if (buffer->failed || __builtin_add_overflow(buffer->length, more, &wanted) ||
	    __builtin_add_overflow(wanted, 1, &wanted)) {
		buffer->failed = true;
		return false;
	}
	if (wanted <= buffer->capacity)
		return true;
	size_t capacity = wanted < 64 ? 64 : wanted + wanted / 2;
	char *grown = realloc(buffer->text, capacity);
	if (!grown) {
		buffer->failed = true;
		return false;
	}
	buffer->text = grown;
	buffer->capacity = capacity;
	return true;
}

void lade_strbuf_add_bytes(struct strbuf *buffer, const void *bytes, size_t length)
{
	if (!strbuf_reserve(buffer, length))
		return;
	if (length)
		memcpy(buffer->text + buffer->length, bytes, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void lade_strbuf_add(struct strbuf *buffer, const char *text)
{
	lade_strbuf_add_bytes(buffer, text, strlen(text));
}

void lade_strbuf_addv(struct strbuf *buffer, const char *format, va_list arguments)
{
	va_list again;
	if (!strchr(format, '%')) {
		lade_strbuf_add(buffer, format);
		return;
	}
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0) {
		buffer->failed = true;
		return;
	}
	if (!strbuf_reserve(buffer, (size_t)length))
		return;
	(void)vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, arguments);
	buffer->length += (size_t)length;
}

void lade_strbuf_addf(struct strbuf *buffer, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	lade_strbuf_addv(buffer, format, arguments);
	va_end(arguments);
}

char *lade_strbuf_take(struct strbuf *buffer)
{
	if (!buffer->failed && !buffer->text)
		lade_strbuf_add(buffer, "");
	char *text = buffer->failed ? NULL : buffer->text;
	if (buffer->failed)
		free(buffer->text);
	*buffer = (struct strbuf){ 0 };
	return text;
}

void lade_strbuf_clear(struct strbuf *buffer)
{
	free(buffer->text);
	*buffer = (struct strbuf){ 0 };
}

char *lade_vformat(const char *format, va_list arguments)
{
	char *text = NULL;
	return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}
