/* SPDX-License-Identifier: BSD-2-Clause */
/* A string builder with a sticky error: callers check once, when they take the string. */
#ifndef LADE_BASE_STRBUF_H
#define LADE_BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *text; /* NUL-terminated once anything was added */
	size_t length, capacity;
	bool failed; /* out of memory at some point */
};

void lade_strbuf_add(struct strbuf *buffer, const char *text);
void lade_strbuf_add_bytes(struct strbuf *buffer, const void *bytes, size_t length);
void lade_strbuf_addf(struct strbuf *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lade_strbuf_addv(struct strbuf *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
/* The string, to be freed by the caller, or NULL if memory ran out. Leaves the buffer empty. */
char *lade_strbuf_take(struct strbuf *buffer);
void lade_strbuf_clear(struct strbuf *buffer);
/* As vasprintf(3), to be freed by the caller. NULL without memory. */
char *lade_vformat(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

#endif
