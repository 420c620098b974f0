/* SPDX-License-Identifier: BSD-2-Clause */
/* What loaders log, as rules: data/explain/ becomes a table at build time. Pure. */
#ifndef LADE_EXPLAIN_TOOLS_RULES_H
#define LADE_EXPLAIN_TOOLS_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "explain/reading/line.h"

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
	CAPTURE_WORD,       /* no blanks in it */
	CAPTURES,
};

static inline bool lade_is_capture(char letter)
{
	return letter > 0 && letter < CAPTURES;
}

/* Bytes up to the next capture. */
static inline size_t lade_literal_length(const char *pattern)
{
	size_t length = 0;

	while (pattern[length] && !lade_is_capture(pattern[length]))
		length++;
	return length;
}

enum explain_role {
	EXPLAIN_ERROR,
	EXPLAIN_NOTE, /* not a failure, but worth saying */
	EXPLAIN_HARMLESS,
	EXPLAIN_PROGRESS, /* harmless, and the object it names is the one that the next lines are about */
	EXPLAIN_BEGIN,    /* a verifier's log follows */
	EXPLAIN_END,
	/* of other tools */
	EXPLAIN_ANALYSIS, /* a verifier's log follows, and nothing says where it ends */
	EXPLAIN_TYPES,    /* the kernel's log about BTF follows, up to EXPLAIN_END */
	EXPLAIN_CALL,     /* a system call, as strace writes it */
	EXPLAIN_JOIN,     /* only an error number, of the error before */
	EXPLAIN_GENERAL,  /* a failure of something: its words may tell of what */
};

/* Texts: offsets into lade_explain_strings, to ""where there is none. */
struct explain_rule {
	uint32_t pattern; /* no blanks */
	int errnum;       /* positive: only with this error; 0: any */
	enum explain_role role;
	uint32_t code;
	uint32_t because;      /* codes, or their beginnings, of which it is a consequence; "*": of any error */
	uint32_t meaning, fix; /* of other tools' rules: {word} stands for what was captured */
	uint32_t operation;    /* of other tools' rules: its causes by error number, and the code where it has none */
	uint8_t confidence;    /* enum lade_confidence */
};
extern const char lade_explain_strings[];
extern const struct explain_rule lade_explain_rules[]; /* the first that matches wins */
extern const size_t lade_explain_rule_count;
extern const uint16_t lade_explain_begins[]; /* by the first byte: the first rule, from 1; 0: none */
extern const uint16_t lade_explain_next[];   /* of each rule: the next that begins with the same byte */
extern const uint8_t lade_explain_shared[];  /* bytes of its first text that the one before begins with, too */

#define TOOL_NO_PLACE 255

/* A rule of another tool: its text may stand anywhere in a line. */
struct tool_rule {
	struct explain_rule rule;
	uint16_t length; /* of its first text */
	uint16_t begin;  /* of the text that has its four bytes, in the pattern */
	uint16_t around; /* bytes of that text */
	uint16_t within; /* where they stand in it */
	uint8_t place;   /* the same of its first text; TOOL_NO_PLACE: behind it */
	bool is_first;   /* only at the beginning of the message */
};

/* What is asked of many rules for each line, side by side: the rules themselves fill no cache. */
struct tool_four {
	uint32_t four; /* bytes that every such line has, the first the lowest */
	uint16_t next; /* rule with the same hash, from 1; 0: none */
};
extern const struct tool_rule lade_tool_rules[];
extern const struct tool_four lade_tool_fours[]; /* of each rule */
extern const size_t lade_tool_rule_count;
extern const uint32_t lade_tool_bits[];  /* by 16 bits of the hash: is there a rule? */
extern const uint16_t lade_tool_heads[]; /* by 12 bits of it: the first rule, from 1 */

/* What an operation's error numbers mean; offsets into lade_explain_strings. */
struct explain_operation {
	uint32_t operation;
	int errnum; /* 0: any other */
	uint32_t code;
	uint32_t table;      /* operation in data/errno_table.csv */
	uint32_t cause, fix; /* "": the table's first */
	uint16_t run;        /* rows from here on that are of the same operation */
};
extern const struct explain_operation lade_explain_operations[];
extern const size_t lade_explain_operation_count;

/* Words without blanks, in small letters, and the operation that they tell of; the first that is there counts. */
struct explain_keyword {
	uint32_t words, operation;
	uint16_t grams[3]; /* of three bytes at its beginning, in the middle and at its end: grams.h */
	uint16_t next;     /* with the same first, from 1; 0: none */
};
extern const struct explain_keyword lade_explain_keywords[];
extern const size_t lade_explain_keyword_count;
extern const uint16_t lade_explain_keyword_heads[]; /* by the rarest: the first keyword, from 1 */
extern const uint64_t lade_explain_keyword_bits[];  /* bit n: there is one whose rarest is n */

/* A message without its blanks, which loggers and people add and drop. */
#define MESSAGE_BYTES 4096 /* more is cut */
#define MESSAGE_SPARE 16   /* both are written eight bytes at a time, and may be read so */
struct message {
	char text[MESSAGE_BYTES + MESSAGE_SPARE];
	uint8_t gap[MESSAGE_BYTES + MESSAGE_SPARE]; /* there was a blank before text[n] */
	size_t length;
	bool is_ascii; /* all of what was added */
};
void lade_message_clear(struct message *message);
void lade_message_copy(struct message *message, const struct message *from);
void lade_message_add(struct message *message, const struct span *span);

struct rule_match {
	const struct explain_rule *rule;
	const struct message *message;  /* of another tool's rule; else NULL */
	size_t number;                  /* of another tool's rule, from 0 */
	size_t end;                     /* where the pattern ended */
	int errnum;                     /* positive; 0: the pattern has none */
	bool may_go_on;                 /* an earlier rule would say more, had the message not ended */
	unsigned taken;                 /* bits of captures, which hold nothing else: a match is begun for most lines */
	struct span captures[CAPTURES]; /* in the message; the first of each kind */
};

static inline void lade_match_begin(struct rule_match *match, const struct explain_rule *rule,
				    const struct message *message)
{
	match->rule = rule;
	match->message = message;
	match->number = match->end = 0;
	match->errnum = 0;
	match->may_go_on = false;
	match->taken = 0;
}

static inline void lade_match_take(struct rule_match *match, enum capture kind, const struct span *span)
{
	if (match->taken >> kind & 1 && match->captures[kind].length)
		return;
	match->taken |= 1U << kind;
	match->captures[kind] = *span;
}

/* Length 0: there is none. */
static inline const struct span *lade_captured(const struct rule_match *match, enum capture kind)
{
	static const struct span none = { "", 0 };

	return match->taken >> kind & 1 ? &match->captures[kind] : &none;
}

enum match_result {
	MATCH_NO,
	MATCH_CUT, /* the message ended before a pattern did: it may go on */
	MATCH_YES,
};
/* The first rule that fits; ret_match holds nothing unless it is MATCH_YES. */
enum match_result lade_rule_find(const struct message *message, struct rule_match *ret_match);
/* The same of a message of which the rule, from 0, is known already. */
bool lade_rule_again(const struct message *message, size_t number, struct rule_match *ret_match);

/* Is it the number of bpf(2) on some processor? */
bool lade_is_bpf_call(const struct span *number);

/* tools.c: the first rule of another tool, from number `first` on, that fits somewhere in the message. */
bool lade_tool_find(const struct message *message, size_t first, struct rule_match *ret_match);
bool lade_tool_again(const struct message *message, size_t number, struct rule_match *ret_match);

#endif
