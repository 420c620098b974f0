/* SPDX-License-Identifier: BSD-2-Clause */
/* What loaders log, as rules: data/explain/ becomes a table at build time. Pure. */
#ifndef LADE_EXPLAIN_RULES_H
#define LADE_EXPLAIN_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "explain/line.h"

/* Captures of a pattern: single bytes in it. */
enum capture {
	CAPTURE_TEXT = 1, /* anything */
	CAPTURE_OBJECT,   /* path or name of an object; a word, where the pattern ends */
	CAPTURE_PATH,
	CAPTURE_MAP,
	CAPTURE_PROGRAM,
	CAPTURE_NUMBER,     /* decimal or 0x, perhaps negative */
	CAPTURE_ERRNO,      /* the same, an error number: 22 or -22 */
	CAPTURE_ERROR,      /* its words: "No such file or directory" */
	CAPTURE_FAILED,     /* a negative number */
	CAPTURE_DESCRIPTOR, /* a number that is not negative */
	CAPTURE_BPF_CALL,   /* number of the system call bpf on some processor */
	CAPTURES,
};

enum explain_role {
	EXPLAIN_ERROR,
	EXPLAIN_NOTE, /* not a failure, but worth saying */
	EXPLAIN_HARMLESS,
	EXPLAIN_PROGRESS, /* harmless, and the object it names is the one that the next lines are about */
	EXPLAIN_BEGIN,    /* a verifier's log follows */
	EXPLAIN_END,
};

/* Texts but the pattern: offsets into lade_explain_strings, to ""where there is none. */
struct explain_rule {
	const char *pattern; /* no blanks */
	int errnum;          /* positive: only with this error; 0: any */
	enum explain_role role;
	uint32_t code;
	uint32_t because; /* codes, or their beginnings, of which it is a consequence; "*": of any error */
	uint32_t meaning, fix;
};
extern const char lade_explain_strings[];
extern const struct explain_rule lade_explain_rules[]; /* the first that matches wins */
extern const size_t lade_explain_rule_count;

/* A message without its blanks, which loggers and people add and drop. */
#define MESSAGE_BYTES 4096 /* more is cut */
struct message {
	char text[MESSAGE_BYTES];
	uint8_t gap[MESSAGE_BYTES / 8]; /* bit n: there was a blank before text[n] */
	size_t length;
};
void lade_message_clear(struct message *message);
void lade_message_add(struct message *message, const struct span *span);

struct rule_match {
	const struct explain_rule *rule;
	struct span captures[CAPTURES]; /* in the message; the first of each kind; length 0: none */
	int errnum;                     /* positive; 0: the pattern has none */
	size_t end;                     /* where the pattern ended */
	bool may_go_on;                 /* an earlier rule would say more, had the message not ended */
};

enum match_result {
	MATCH_NO,
	MATCH_CUT, /* the message ended before a pattern did: it may go on */
	MATCH_YES,
};
/* The first rule that fits. */
enum match_result lade_rule_find(const struct message *message, struct rule_match *ret_match);

#endif
