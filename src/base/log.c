/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/log.h"

#include <stdarg.h>

#include "base/strbuf.h"

void lade_log(const struct log_sink *sink, enum lade_log_level level, const char *format, ...)
{
	if (!sink || !sink->fn)
		return;
	struct strbuf line = { 0 };
	va_list arguments;
	va_start(arguments, format);
	lade_strbuf_addv(&line, format, arguments);
	va_end(arguments);
	if (!line.failed)
		sink->fn(sink->userdata, level, line.text);
	lade_strbuf_clear(&line);
}
