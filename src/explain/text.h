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
/* verifier_text.c: is the line one of a verifier's log, or a message of one? Then it was taken. */
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
/* log_rest.c: a log without a verdict. */
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

/* gather.c: errors of one reason that differ in what they name become one. */
void lade_explanation_gather(struct lade_explanation *explanation);
/* The same is true of another one, that is no finding of its own. True: it was named before, or is only counted. */
bool lade_explanation_other(struct explained *item, const char *kind, const char *name, size_t number);

/* memlock.c: what the text says of RLIMIT_MEMLOCK; when the kernel is known, as all that follow. */
void lade_explanation_memlock(struct lade_explanation *explanation, const char *text, size_t length);
/* kern_version.c: the kernel that a program says it is for. */
void lade_explanation_kern_version(struct lade_explanation *explanation, const char *text, size_t length);
/* call_age.c: what a system call asks for that the kernel may not know. */
void lade_explanation_call_age(struct lade_explanation *explanation, const char *text, size_t length);
/* program_size.c: a program that is said to be too large, and is small. */
void lade_explanation_program_size(struct lade_explanation *explanation, const char *text, size_t length);
/* module_types.c: whose types did the kernel refuse? */
void lade_explanation_module_types(struct lade_explanation *explanation, const char *text, size_t length);
/* beside.c: what the text says of where the tool ran. */
void lade_explanation_beside(struct lade_explanation *explanation, const char *text, size_t length);
/* moved_function.c: what is probed and newer kernels have no more. */
void lade_explanation_moved_function(struct lade_explanation *explanation, const char *text, size_t length);
/* old_kernel.c, btf_strings.c: what the kernel that the text names is too old for. */
void lade_explanation_old_kernel(struct lade_explanation *explanation, const char *text, size_t length);
void lade_explanation_btf_strings(struct lade_explanation *explanation, const char *text, size_t length);
/* named_probe.c: the function that a line behind the failure names. */
void lade_explanation_named_probe(struct lade_explanation *explanation, const char *text, size_t length);
/* probe_offset.c: a place within a function that is none. Before named_probe.c. */
void lade_explanation_probe_offset(struct lade_explanation *explanation, const char *text, size_t length);
/* record_type.c: the structure of a tracepoint's record that nothing declares. */
void lade_explanation_record_type(struct lade_explanation *explanation, const char *text, size_t length);
/* ring_buffer.c: sizes that a ring buffer cannot have, by the message or by its definition. */
void lade_explanation_ring_buffer(struct lade_explanation *explanation, const char *text, size_t length);
/* unmatched.c: before relations are found: a relocation that found nothing, and a refused program's log is cut. */
void lade_explanation_unmatched(struct lade_explanation *explanation, const char *text, size_t length);
/* selftest.c: the same: what the verifier answers to a test that expects other words. */
void lade_explanation_selftest(struct lade_explanation *explanation, const char *text, size_t length);
/* bpftrace_script.c: what is to be done where bpftrace made the program that was refused. */
void lade_explanation_bpftrace(struct lade_explanation *explanation, const char *text, size_t length);
/* bcc_hint.c: the same where bcc did. */
void lade_explanation_bcc_hint(struct lade_explanation *explanation, const char *text, size_t length);
/* command.c: the same of who ran what. After RLIMIT_MEMLOCK. */
void lade_explanation_command(struct lade_explanation *explanation, const char *text, size_t length);
/* capabilities.c: which helpers those that the text gives the loader do not bring. */
void lade_explanation_capabilities(struct lade_explanation *explanation, const char *text, size_t length);

/* feature_try.c: a verdict upon a program by which a library asks what the kernel has. */
void lade_explanation_feature_try(struct lade_explanation *explanation, const char *text, size_t length);
/* unreleased.c: a record of a ring buffer that the source beside a refusal never gives back. */
void lade_explanation_unreleased(struct lade_explanation *explanation, const char *text, size_t length);
/* sched_ext.c: the error for which the kernel stopped a BPF scheduler. */
void lade_explanation_sched_ext(struct lade_explanation *explanation, const char *text, size_t length);

/* again_as_root.c: a refusal whose command was run again as root. Last: what else it is must be settled. */
void lade_explanation_again_as_root(struct lade_explanation *explanation, const char *text, size_t length);

/* asked.c: what a text says elsewhere of what was asked for. After the command. */
void lade_explanation_asked(struct lade_explanation *explanation, const char *text, size_t length);

/* context_structure.c: which structure's field it is that was refused. */
void lade_explanation_context(struct lade_explanation *explanation, const char *text, size_t length);
/* symbols.c: a function that was not found, and lines of kallsyms. After named_probe.c. */
void lade_explanation_symbols(struct lade_explanation *explanation, const char *text, size_t length);
/* got_over.c: what was no failure in the end. The items must be sorted again. */
void lade_explanation_got_over(struct lade_explanation *explanation, struct explained *item);
/* uapi_age.c: what a source of the host's side misses of the kernel's headers for programs. */
void lade_explanation_uapi_age(struct lade_explanation *explanation, const char *text, size_t length);
/* host_header.c: what else it misses. */
void lade_explanation_host_header(struct lade_explanation *explanation, const char *text, size_t length);
/* two_places.c: defined twice, by vmlinux.h and by the program. */
void lade_explanation_two_places(struct lade_explanation *explanation, const char *text, size_t length);
/* not_included.c: a function of each libbpf, of which the compiler knows nothing. */
void lade_explanation_not_included(struct lade_explanation *explanation, const char *text, size_t length);
/* hook.c: causes that only other hooks have than the text names. */
void lade_explanation_hook(struct lade_explanation *explanation, const char *text, size_t length);
/* cut_log.c: a log whose last lines a library prints. */
void lade_explanation_cut_log(struct lade_explanation *explanation, const char *text, size_t length);
/* arena_pointer.c: what was followed may lead into an arena. */
void lade_explanation_arena_pointer(struct lade_explanation *explanation, const char *text, size_t length);
/* question.c: a line alone that may be anybody's. */
void lade_explanation_question(struct lade_explanation *explanation, const char *text, size_t length);
/* kernel_headers.c: of which kernel the headers are that the compiler reads. */
void lade_explanation_kernel_headers(struct lade_explanation *explanation, const char *text, size_t length);
/* optional_btf.c: types that the kernel refused, and without which libbpf went on. At the end. */
void lade_explanation_optional_btf(struct lade_explanation *explanation, const char *text, size_t length);
/* static_link.c: libraries that are missing as archives. */
void lade_explanation_static_link(struct lade_explanation *explanation, const char *text, size_t length);

/* pin_name.c: names that bpffs does not take. */
void lade_explanation_pin_name(struct lade_explanation *explanation, const char *text, size_t length);
/* map_shape.c: in what Android's loader finds a map other than it wants it. */
void lade_explanation_map_shape(struct lade_explanation *explanation, const char *text, size_t length);
/* link_order.c: libraries that stand before what needs them. */
void lade_explanation_link_order(struct lade_explanation *explanation, const char *text, size_t length);
/* declared.c: which header has the name that nothing declares, or that two declare. */
void lade_explanation_declared(struct lade_explanation *explanation, const char *text, size_t length);
/* kernel_link.c: what vmlinux lacks is in no library. */
void lade_explanation_kernel_link(struct lade_explanation *explanation, const char *text, size_t length);
/* libbpf_release.c: with which release of libbpf came what is not there. After these two. */
void lade_explanation_libbpf_release(struct lade_explanation *explanation, const char *text, size_t length);

/* newer_function.c: functions of libbpf that only newer releases have. After link_order.c, before libbpf_release.c. */
void lade_explanation_newer_function(struct lade_explanation *explanation, const char *text, size_t length);
/* uapi_header.c: of which package a header is that was not found. */
void lade_explanation_uapi_header(struct lade_explanation *explanation, const char *text, size_t length);
/* flavour.c: fields that other kernels call otherwise, and sources that know two names already. */
void lade_explanation_flavour(struct lade_explanation *explanation, const char *text, size_t length);

/* host_tool.c: tools of the kernel's tree that were not built beside a program that was compiled. First. */
void lade_explanation_host_tool(struct lade_explanation *explanation, const char *text, size_t length);
/* libxdp_trial.c: what libxdp only tries. */
void lade_explanation_libxdp_trial(struct lade_explanation *explanation, const char *text, size_t length);

/* systemd.c: what systemd only tries. Last. */
void lade_explanation_systemd(struct lade_explanation *explanation, const char *text, size_t length);

/* after.c: what the kernel and the object add. -EINVAL: opts->kernel is no version. */
int lade_explanation_after(struct lade_explanation *explanation, const struct lade_explain_opts *opts, const char *text,
			   size_t length);

DEFINE_CLEANUP(struct lade_explanation, lade_explanation, lade_explanation_free)

#endif
