/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a verifier's log. Pure: text in, verdict out. */
#ifndef LADE_EXPLAIN_EXPLAIN_H
#define LADE_EXPLAIN_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lade_finding;

/* One format of the kernel, from data/verifier_messages.csv: offsets into lade_verifier_text. */
struct verifier_message {
	uint32_t pattern; /* printf format: %… matches anything */
	uint32_t family;
	uint32_t code;       /* of the finding; "": only verifier.rejected */
	uint32_t cause, fix; /* may be "" */
	uint16_t next;       /* the next one with the same anchor, counted from 1; 0: none */
	uint16_t literal;    /* bytes of fixed text */
	uint8_t confidence;  /* enum lade_confidence */
};
extern const char lade_verifier_text[];
extern const struct verifier_message lade_verifier_messages[]; /* longest literal text first */
extern const size_t lade_verifier_message_count;
/* By lade_anchor() of four bytes that every such line has (0: those without): the first message, from 1; 0: none. */
extern const uint16_t lade_verifier_heads[];
extern const uint16_t lade_verifier_starts[]; /* lade_anchor() of how messages begin, ascending */
extern const size_t lade_verifier_start_count;

struct verifier_verdict {
	const char *line; /* the decisive line, in the log; not NUL-terminated */
	size_t length;
	const char *after; /* a line behind it that says which register it is about; NULL: none */
	size_t after_length;
	int64_t instruction;                    /* the last one the log was at; -1: unknown */
	const struct verifier_message *message; /* NULL: not in the table */
	bool is_last;                           /* nothing unknown stands behind it */
};

/* false: the log holds no verdict (empty, or statistics only). */
int lade_verifier_verdict(const char *log, struct verifier_verdict *ret_verdict);

/* The code of the verdict's finding: "verifier.…". */
const char *lade_verifier_code(const struct verifier_verdict *verdict);
/* Cause, fix and confidence, unless the kernel itself is at fault or the message is unknown. */
void lade_verifier_words(const struct verifier_verdict *verdict, struct lade_finding *finding);
/* The instructions that made the register what it is, as evidence; log is that of the verdict. */
void lade_verifier_trace(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding);
/* What the newest kernels say themselves about what to do. */
void lade_verifier_suggestion(const char *log, struct lade_finding *finding);
/* The source line of the verdict, where the log has it. */
void lade_verifier_source(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding);

/* Does text of `length` match a printf format of the kernel? */
int lade_format_matches(const char *pattern, const char *text, size_t length);
/* The message that a line is or begins with; NULL: none. */
const struct verifier_message *lade_verifier_message(const char *line, size_t length);
/* May a message begin here? Fast, and wrong only in saying yes. */
bool lade_verifier_may_begin(const char *text, size_t length);
/* 1 to 4095, of four bytes. tools/csv2c.py computes the same. */
uint16_t lade_anchor(const char *text);

#endif
