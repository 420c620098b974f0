/* SPDX-License-Identifier: BSD-2-Clause */
/* Could a text have come of bpf_trace_printk() with this format? */
#include <string.h>

#include "trace/trace.h"

/* Behind the '%': how long the conversion is; 0: it is none. */
static size_t conversion_length(const char *text)
{
	size_t length = strspn(text, "-+ #0123456789.*");
	length += strspn(text + length, "hlLzjt");
	if (!text[length] || !strchr("diuoxXcspeEfgGB", text[length]))
		return 0;
	bool is_pointer = text[length++] == 'p';
	/* %pI4, %pks, %pS */
	if (is_pointer && text[length] && strchr("IiBSsFfkuMm", text[length])) {
		length++;
		length += strspn(text + length, "46s");
	}
	return length;
}

/* One byte of the format that is meant as it is; *ret_step: how many bytes of the format that took. */
static bool literal_at(const char *format, char *ret_byte, size_t *ret_step)
{
	if (!*format)
		return false;
	if (format[0] == '%' && format[1] != '%' && conversion_length(format + 1))
		return false;
	*ret_byte = *format;
	*ret_step = format[0] == '%' && format[1] == '%' ? 2 : 1;
	return true;
}

size_t lade_trace_format_weight(const char *format)
{
	size_t weight = 0, step;
	char byte;
	while (*format) {
		if (literal_at(format, &byte, &step))
			weight += byte != ' ';
		else
			step = 1 + conversion_length(format + 1);
		format += step;
	}
	return weight;
}

/*
 * Text against a pattern in which every conversion is a star: on a mismatch the last star takes one byte more, and what
 * stands before it need not be looked at again.
 */
bool lade_trace_format_matches(const char *format, const char *text)
{
	const char *star = NULL, *resume = NULL;
	for (;;) {
		char byte;
		size_t step;
		bool is_end = !*format;
		if (is_end && !*text)
			return true;
		if (!is_end && !literal_at(format, &byte, &step)) {
			format += 1 + conversion_length(format + 1);
			star = format;
			resume = text;
			continue;
		}
		if (!is_end && *text == byte) {
			format += step;
			text++;
			continue;
		}
		if (!star || !*resume)
			return false;
		format = star;
		text = ++resume;
	}
}
