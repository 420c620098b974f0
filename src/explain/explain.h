/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a verifier's log. Pure: text in, verdict out. */
#ifndef LADE_EXPLAIN_EXPLAIN_H
#define LADE_EXPLAIN_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

/* One format of the kernel, from data/verifier_messages.csv: offsets into lade_verifier_text. */
struct verifier_message {
	uint32_t pattern; /* printf format: %… matches anything */
	uint32_t family;
	uint32_t cause, fix; /* may be "" */
};
extern const char lade_verifier_text[];
extern const struct verifier_message lade_verifier_messages[]; /* longest literal text first */
extern const size_t lade_verifier_message_count;

struct verifier_verdict {
	const char *line; /* the decisive line, in the log; not NUL-terminated */
	size_t length;
	int64_t instruction;                    /* the last one the log was at; -1: unknown */
	const struct verifier_message *message; /* NULL: not in the table */
};

/* false: the log holds no verdict (empty, or statistics only). */
int lade_verifier_verdict(const char *log, struct verifier_verdict *ret_verdict);

/* Does text of `length` match a printf format of the kernel? */
int lade_format_matches(const char *pattern, const char *text, size_t length);

#endif
