/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a verifier's log. Pure: text in, verdict out. */
#ifndef LADE_EXPLAIN_VERIFIER_VERDICT_H
#define LADE_EXPLAIN_VERIFIER_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explain/verifier/report.h"

struct lade_finding;

/* One format of the kernel, from data/verifier_messages.csv: offsets into lade_verifier_text. */
struct verifier_message {
	uint32_t pattern; /* printf format: %… matches anything */
	uint32_t family;
	uint32_t code;               /* of the finding; "": only verifier.rejected */
	uint32_t cause, fix;         /* may be "" */
	uint16_t next;               /* the next one with the same anchor, counted from 1; 0: none */
	uint16_t literal;            /* bytes of fixed text */
	uint16_t weight;             /* of all its words */
	uint8_t piece, piece_length; /* fixed text in the pattern that holds the anchor, and … */
	uint8_t anchor_at;           /* … where in it; without an anchor: 0 */
	uint8_t confidence;          /* enum lade_confidence */
};
extern const char lade_verifier_text[];
extern const struct verifier_message lade_verifier_messages[]; /* longest literal text first */
extern const size_t lade_verifier_message_count;
/* By hash of the bytes with which it begins, or lade_anchor() of four that it has somewhere (0: it has none, either):
 * the first message, from 1; 0: none. */
extern const uint16_t lade_verifier_begins[];
extern const uint16_t lade_verifier_heads[];
extern const uint8_t lade_verifier_starts[]; /* bit lade_anchor(): a message begins so */

#define VERIFIER_MESSAGES_MAX 4096

/* A word of messages, by the hash of its small letters, ascending; the messages that have it, from 0. */
struct verifier_word {
	uint32_t hash;
	uint32_t first; /* in lade_verifier_postings */
	uint16_t count;
	uint16_t weight; /* the rarer, the more */
};
extern const struct verifier_word lade_verifier_word_list[];
extern const size_t lade_verifier_word_count;
extern const uint16_t lade_verifier_postings[];

struct verifier_verdict {
	const char *line; /* the decisive line, in the log; not NUL-terminated */
	size_t length;
	const char *after; /* a line behind it that says which register it is about; NULL: none */
	size_t after_length;
	int64_t instruction;                    /* the last one the log was at; -1: unknown */
	const struct verifier_message *message; /* NULL: not in the table */
	bool is_last;                           /* nothing unknown stands behind it */
	bool is_like;         /* the words are only like those of the message: another kernel's, or a part of it */
	struct report report; /* that the newest kernels put behind it; without sections: none */
};

/* false: the log holds no verdict (empty, or statistics only). */
int lade_verifier_verdict(const char *log, struct verifier_verdict *ret_verdict);

/* Some messages lack their newline: "expected prog array map for tail callprocessed 14 insns (limit …". */
struct span lade_verifier_without_statistic(struct span line);
/* Does the line only say more of the one before it? */
bool lade_verifier_is_follow_up(const struct span *line);
/* The same, or what every access to a context that is refused says at its end. */
bool lade_verifier_adds(const struct span *line);

/* The code of the verdict's finding: "verifier.…". */
const char *lade_verifier_code(const struct verifier_verdict *verdict);
/* Cause, fix and confidence, unless the kernel itself is at fault or the message is unknown. */
void lade_verifier_words(const struct verifier_verdict *verdict, struct lade_finding *finding);
/* The instructions that made the register what it is, as evidence; log is that of the verdict. */
void lade_verifier_trace(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding);
/* What the newest kernels say themselves: why, where and what to do. After the words. */
void lade_verifier_report(const struct verifier_verdict *verdict, struct lade_finding *finding);
/* The source line of the verdict, where the log has it. */
void lade_verifier_source(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding);

/* Does text of `length` match a printf format of the kernel? */
int lade_format_matches(const char *pattern, const char *text, size_t length);
/* The message that a line is or begins with; NULL: none. */
const struct verifier_message *lade_verifier_message(const char *line, size_t length);
/* The same, but of those only whose first words are fixed. Fast. */
const struct verifier_message *lade_verifier_message_begun(const char *line, size_t length);
struct verifier_likeness {
	unsigned percent; /* how much of the line the message explains */
	size_t words;     /* different ones of the line that messages have */
};
/* The message whose words are most like those of the line. NULL: none is. */
const struct verifier_message *lade_verifier_like(const char *line, size_t length,
						  struct verifier_likeness *ret_likeness);
/* May a message begin here? Fast, and wrong only in saying yes. */
bool lade_verifier_may_begin(const char *text, size_t length);
/* 1 to 4095, of four bytes. tools/csv2c.py computes the same. */
uint16_t lade_anchor(const char *text);

#endif
