/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found in a text, while it is read and after. */
#ifndef LADE_EXPLAIN_TEXT_H
#define LADE_EXPLAIN_TEXT_H

#include <lade/explain.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "explain/repeats/effects.h"
#include "explain/verifier/report.h"
#include "explain/kernels/kernels.h"
#include "explain/tools/rules.h"

#define UNKNOWN_BYTES 256  /* of a line that is remembered */
#define PREFIX_BYTES  200  /* before a library's name, that are compared */
#define EXPLAINED_MAX 1000 /* different things; a text has no end */
#define KNOWN_SLOTS   8192 /* more than five for each: its names, twice those that come later, its line, its hash */
#define PROMPTS_MAX   64   /* commands of a text that are looked at */
#define JOIN_LINES    8    /* behind an error, at most, its error number may stand */

/* What a system call asks for that came last. */
struct traced_newest {
	uint16_t since; /* kernel, major << 8 | minor; 0: nothing is known */
	char name[40];
};

struct explained {
	enum lade_explained_role role;
	struct lade_finding *finding;    /* NULL: harmless */
	const struct explain_rule *rule; /* NULL: the verdict of a verifier's log */
	char *line;
	int errnum;
	size_t times, first_line, last_line;
	size_t cause;       /* index, or SIZE_MAX */
	const char *traced; /* operation of a system call; NULL: none */
	uint64_t
		asked; /* what the call was about, whatever its name: the same is tried again with less; 0: not known */
	struct traced_newest newest;
	bool is_try;          /* a call by which loaders find out what a kernel knows */
	bool is_settled;      /* the text says elsewhere what it means: the finding's cause, not the rule's words */
	size_t accepted_line; /* where a log of it ends that has no objection; 0: nowhere */
	char *word;           /* that its line names: a path, a function; NULL: nothing */
	char *others;         /* further ones of which the same is true; NULL: none */
	size_t other_count;   /* the same that were named later count again */
	uint64_t hash;        /* of its rule, line and object, where another tool's rule found it; 0: none */
};

/* What a line says in which something failed that no rule knows better. */
struct general {
	const char *code; /* NULL: it is none */
	const struct explain_rule *rule;
	int errnum;
};

/* What somebody writes of a failure is short; in longer texts, which tools wrote, no sentence is looked through. */
#define PROSE_BYTES (1U << 20)

/* Where in a text the verifier's message stands, and the instruction before it, for when the same text comes again. */
#define PLACED_BITS 13
struct placed {
	struct span text; /* nothing: there is none */
	struct span message, instruction;
	bool is_found;
};

/* A line that looks like a failure. */
#define SUSPECTS_MAX 3
struct suspect {
	char *line;
	size_t number;
};

struct lade_explanation {
	char *file;
	size_t lines, known;
	bool overflow; /* more than EXPLAINED_MAX */
	bool failed;   /* out of memory at some point */
	ARRAY_OF(struct explained) items;
	uint16_t slots[KNOWN_SLOTS];       /* items by digest and by hash, from 1; 0: none */
	uint32_t slot_hashes[KNOWN_SLOTS]; /* by which: others stand in between */
	bool has_prose;                    /* is it short enough for one that somebody wrote? PROSE_BYTES at most */
	bool is_question;                  /* it is one line: somebody asks what the message means */
	bool understands_all; /* nothing is taken for what was there before: slow, and what tests compare with */
	/* when it was read */
	struct kernel_known kernel; /* that wrote it */
	char kernel_words[48];
	/* while reading */
	char *names[NAMED_COUNT]; /* that the lines are about; NULL: not known */
	uint64_t name_hashes[NAMED_COUNT];
	struct effects effects;
	struct strbuf log; /* a verifier's, between its marks */
	size_t log_line;
	char prefix[PREFIX_BYTES]; /* of the log's lines, by a logger that is not known */
	size_t prefix_length;
	bool in_log;
	bool is_over;                /* the text ended within it */
	bool is_foreign;             /* the line has not what stands before those of the log */
	bool is_bare;                /* no mark says where the log ends */
	bool has_instruction;        /* a bare one: one was there */
	bool has_ended;              /* a bare one: its statistics were there */
	unsigned others;             /* lines of a bare one, one after the other, that may be none of it */
	size_t omitted;              /* lines that a library left out */
	struct report_state report;  /* of the newest kernels, within the log */
	char unknown[UNKNOWN_BYTES]; /* the last line that nothing knew: statistics make it a verdict */
	size_t unknown_length, unknown_line;
	size_t told;            /* how often something was kept or counted */
	size_t told_item;       /* the last that was */
	bool is_verdict_told;   /* that of the log that ended last */
	struct placed *placed;  /* by the hash of the text; NULL: the line that is read will not stay where it is */
	bool depends;           /* what the line that is read means depends on lines before or behind */
	struct general general; /* what it said */
	bool is_types;          /* the log is about BTF */
	bool types_follow;      /* the next log will be */
	size_t types_line;
	size_t open, open_line;   /* item that has no error number yet; SIZE_MAX: none */
	struct call *calls;       /* strace: system calls that have not returned */
	bool is_call_open;        /* the line began one, and has no result: it may be wrapped */
	uint64_t traced_failed;   /* what those were about that failed, and may be forgiven, as bits */
	size_t accepted_line;     /* where statistics stand alone: the verifier had no objection; 0: nowhere */
	struct known_logs *logs;  /* that were there */
	struct cuts *cuts;        /* bare logs without a verdict */
	struct traced_maps *maps; /* the same: by descriptor */
	struct suspect suspects[SUSPECTS_MAX];
	size_t suspect_count;
	const struct explain_rule *call_rule; /* of all system calls; NULL: there was none */
	size_t prompts[PROMPTS_MAX];          /* lines with a command */
	size_t prompt_count;
};

/* suspects.c: where nothing says what went wrong, which lines look as if. */
void lade_explanation_suspects(struct lade_explanation *explanation, const char *text, size_t length);
void lade_suspects_free(struct lade_explanation *explanation);
/* whole.c: reads a text. -ENOMEM. */
int lade_explanation_read(struct lade_explanation *explanation, const char *text, size_t length);
/* verifier/text.c: is the line one of a verifier's log, or a message of one? Then it was taken. */
bool lade_explanation_verifier(struct lade_explanation *explanation, const struct span *line, size_t number);
/* The same for a line that no rule knows. */
bool lade_explanation_verdict(struct lade_explanation *explanation, const struct span *line, size_t number);
/* Outside of a log: is it none, and nothing of one? `is_behind_types`: behind a line that lade_is_type_line(). */
bool lade_is_no_verdict(const struct span *line, bool is_behind_types, bool has_prose);
/* "[12] DATASEC …" or the BTF's header. */
bool lade_is_type_line(const struct span *line);
/* May the line be one of the kernel's about BTF, because the one before it is? */
bool lade_is_of_types(struct lade_explanation *explanation, const struct span *line, size_t number);
/* A line that says nothing: statistics may come behind it. */
void lade_explanation_unknown(struct lade_explanation *explanation, const struct span *line, size_t number);
/* tool_lines.c: the same of a line of another tool, by its rule: *known, from 1, or TOOL_NONE, if it is known already;
 * else it is set, if that is so wherever the line stands. */
#define TOOL_NONE UINT16_MAX
bool lade_explanation_tool(struct lade_explanation *explanation, const struct message *message, const struct span *line,
			   size_t number, uint16_t *known);
/* Outside of a log: is it of no rule, or only of one that says that something failed, and not of BPF? */
bool lade_is_no_tool(const struct message *message);
/* The same again; false: it was none, and is to be read. */
bool lade_explanation_general(struct lade_explanation *explanation, const struct general *general, size_t number);
/* May the next line be the number of an error before it? */
bool lade_explanation_is_open(const struct lade_explanation *explanation, size_t number);
/* What was begun and never told. */
void lade_explanation_tools_end(struct lade_explanation *explanation);
/* quoted.c: what a logger wrapped into quotation marks, if it is a line of a verifier's log or stands within one. */
struct span lade_quoted_message(const struct span *line, bool in_log);
/* printing_line.c: is it source that makes or prints a message? */
bool lade_is_printing_line(const struct span *line);
/* known.c: into the list; the same again is counted. Takes what item holds. */
void lade_explanation_put(struct lade_explanation *explanation, struct explained *item);
/* Its two halves: with code, rule and names it is counted, if it is the same again, or dropped, if there is no room;
 * false: it is new, and to be kept. */
bool lade_explanation_known(struct lade_explanation *explanation, struct explained *item);
/* The one that it would be counted as; NULL: none. */
struct explained *lade_explanation_same(struct lade_explanation *explanation, const struct explained *item);
void lade_explanation_keep(struct lade_explanation *explanation, struct explained *item);

/* What makes an item the same as another: asked before there is a finding, because most lines of most texts are. */
struct explained_key {
	const char *code;                /* NULL: harmless, and none of what is below but the rule */
	const struct explain_rule *rule; /* NULL: a verdict, and its line and instruction count */
	int errnum;
	const char *object, *map, *program; /* NULL: not known */
	const char *line;
	int64_t instruction;
	bool is_try; /* of a system call; what is meant is another thing */
};
/* What a call is called that only was a try. */
#define LADE_TRIED                                                                                                     \
	"a loader's try, with which it finds out what this kernel knows: no fault, it goes on without. What failed "   \
	"is in another line"
struct explained *lade_explanation_find(struct lade_explanation *explanation, const struct explained_key *key);
bool lade_explanation_counted(struct lade_explanation *explanation, const struct explained_key *key, size_t number);
/* Is there no room for a verdict, of whichever program? */
bool lade_explanation_is_full(struct lade_explanation *explanation, const char *code, const char *line);
/* The same again by the hash of its line; false: there is none. */
bool lade_explanation_again(struct lade_explanation *explanation, uint64_t hash, size_t number);
/* After an item became another. */
void lade_explanation_index(struct lade_explanation *explanation, size_t index);
/* 0 begins. */
uint64_t lade_hash_add(uint64_t hash, const void *bytes, size_t length);
/* Of names: what is not known, NULL, may be the same. */
bool lade_may_be_same(const char *one, const char *other);
/* The code of a machine whose kernel has no bpf(2). */
bool lade_is_bpf_absent(const char *code);
/* strace.c: a system call that failed; false: it is none, or none that matters. */
bool lade_explanation_call(struct lade_explanation *explanation, const struct span *line, size_t number);
/* A line that is nothing but a call of bpf(2) and its result; false: it is none, or its call means nothing here. */
bool lade_explanation_whole_call(struct lade_explanation *explanation, const struct span *line, size_t number);
void lade_calls_free(struct lade_explanation *explanation);
struct lade_finding *lade_explanation_finding(struct lade_explanation *explanation, const char *code, const char *line);

/* Of a log, to be freed: any bytes become readable, at most a thousand. NULL: empty, or without memory. */
char *lade_text_of(const struct span *span);

/* Begins the item of a line that a rule knows, with a finding that has its names and no more: it is to be described and
 * kept. false: it was there already, and was counted. `otherwise`: path of the object, if the line names none. */
bool lade_explanation_begin(struct lade_explanation *explanation, const struct rule_match *match, const char *code,
			    const char *otherwise, const struct span *line, size_t number, struct explained *ret_item);
/* A line that a rule knows. `line` is its message. */
void lade_explanation_add(struct lade_explanation *explanation, const struct rule_match *match, const struct span *line,
			  size_t number);
/* A line of a verifier's log. */
void lade_explanation_log(struct lade_explanation *explanation, const struct span *line);
/* The log has ended: its verdict is a finding. */
void lade_explanation_log_end(struct lade_explanation *explanation, size_t number);
/* A line that a library made of a log, of which it cut away the error. */
void lade_explanation_cut(struct lade_explanation *explanation, const struct span *line, size_t number);
struct verifier_verdict;
/* logs.c: false: it has no verdict. *ret_log: the same with lines that were wrapped put together again, which holds the
 * verdict, until the next one. */
bool lade_log_verdict(struct lade_explanation *explanation, char *log, size_t length, const char **ret_log,
		      struct verifier_verdict *ret_verdict);
void lade_logs_free(struct lade_explanation *explanation);
/* verifier/without_verdict.c: a log without a verdict. */
void lade_explanation_log_rest(struct lade_explanation *explanation, const char *log, size_t number);
/* Is there only the beginning of what would be one? Then the log was cut. */
bool lade_explanation_is_cut(const struct lade_explanation *explanation, const struct verifier_verdict *verdict,
			     const char *log);
void lade_explanation_log_cut(struct lade_explanation *explanation, const struct verifier_verdict *verdict,
			      const char *log, size_t number);
/* When all is read: logs that an error beside them tells were cut. */
void lade_explanation_cuts_end(struct lade_explanation *explanation);
/* hinted.c: then, where no verdict is there, what bcc's advice tells of it. */
void lade_explanation_hinted(struct lade_explanation *explanation);
void lade_cuts_free(struct lade_explanation *explanation);
/* Logs of which no verdict is known, one after the other; NULL: there are no more. */
const char *lade_cut_log(const struct lade_explanation *explanation, size_t index);
/* prompts.c: finds the text's commands. */
void lade_explanation_prompts(struct lade_explanation *explanation, const char *text, size_t length);
/* Is there one between these lines? */
bool lade_explanation_is_prompted(const struct lade_explanation *explanation, size_t after, size_t before);
/* relate.c: when all is read: what follows from what; sorts. */
void lade_explanation_relate(struct lade_explanation *explanation);
/* Errors, what follows from them, notes, what is harmless. */
void lade_explanation_sort(struct lade_explanation *explanation);

/* join_calls.c: a call that strace shows and the program's own words of it. */
void lade_explanation_join_calls(struct lade_explanation *explanation);
/* gather.c: errors of one reason that differ in what they name become one. */
void lade_explanation_gather(struct lade_explanation *explanation);
/* The same is true of another one, that is no finding of its own. True: it was named before, or is only counted. */
bool lade_explanation_other(struct explained *item, const char *kind, const char *name, size_t number);

/* after.c: what the kernel and the object add. -EINVAL: opts->kernel is no version. */
int lade_explanation_after(struct lade_explanation *explanation, const struct lade_explain_opts *opts, const char *text,
			   size_t length);

DEFINE_CLEANUP(struct lade_explanation, lade_explanation, lade_explanation_free)

#endif
