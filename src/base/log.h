/* SPDX-License-Identifier: BSD-2-Clause */
/* The context: log sink, limits, what is known of the running kernel. */
#ifndef LADE_BASE_LOG_H
#define LADE_BASE_LOG_H

#include <lade/context.h>

struct log_sink {
	lade_log_fn *fn;
	void *userdata;
};

/* One formatted line to the sink; nothing when there is none. Not to be called from helper threads. */
void lade_log(const struct log_sink *sink, enum lade_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
