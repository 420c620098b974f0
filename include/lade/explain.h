/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the logs of loaders say: any text in, findings out. Pure: no kernel is asked. And the catalogue of all findings,
 * the causes of error numbers and the words of logs, to be looked up.
 *
 *     struct lade_explanation *explanation = NULL;
 *     if (lade_explain_text(text, length, NULL, &explanation, &error) < 0)
 *             …
 *     for (size_t i = 0; i < lade_explained_count(explanation); i++) {
 *             struct lade_explained_info info = { .size = sizeof info };
 *             lade_explained(explanation, i, &info);
 *             …
 *     }
 *     lade_explanation_free(explanation);
 */
#ifndef LADE_EXPLAIN_H
#define LADE_EXPLAIN_H

#include <lade/error.h>

LADE_BEGIN_DECLS

struct lade_explanation;
struct lade_object;

/* What a line of a log is to the reader. */
enum lade_explained_role {
	LADE_EXPLAINED_ERROR,       /* something failed, and nothing else in the text is the cause */
	LADE_EXPLAINED_CONSEQUENCE, /* it failed because another thing did */
	LADE_EXPLAINED_NOTE,        /* worth knowing, on purpose and no failure */
	LADE_EXPLAINED_HARMLESS,    /* known, and nothing to worry about */
};
/* "error", "consequence", "note", "harmless" */
LADE_API const char *lade_explained_role_name(enum lade_explained_role role);

struct lade_explain_opts {
	size_t size;
	const char *file; /* name of the text in messages; NULL: "the text" */
	/* The kernel that wrote the text: "4.19", "5.10.0-8-amd64". Causes and fixes are then those of its mainline
	 * version. NULL: what the text says of it or its wording betrays, which makes findings likely. */
	const char *kernel;
	/* What the text is about: names programs by their instructions, source lines, maps, what CO-RE relocations and
	 * kernel functions stand at the instruction that was rejected. Borrowed; NULL: nothing is known. */
	const struct lade_object *object;
};

/*
 * Reads a text of lines: what loaders and other tools log (Android's, libbpf, bpftool, tc, Go, Rust, bcc, bpftrace, the
 * kernel, strace, clang …), as logcat (all its formats), dmesg, journalctl, a container's JSON or nothing stands before
 * it, with colours, wrapped lines and stray blanks. Lines that Lade does not know are counted. Nothing of the text is kept
 * but the lines that are quoted; while it is read, one of at most 256 MB whose lines have a logger's words is copied
 * without them. A text of more than a megabyte is read with the help of a thread, which ends before this returns and
 * takes no signals. -ENOMEM
 */
LADE_API int lade_explain_text(const char *text, size_t length, const struct lade_explain_opts *opts,
			       struct lade_explanation **ret_explanation, struct lade_error **error);
/* The same of an error that Lade itself returned, whose findings are copied: for what a kernel or an object adds. */
LADE_API int lade_explain_error(const struct lade_error *source, const struct lade_explain_opts *opts,
				struct lade_explanation **ret_explanation, struct lade_error **error);
LADE_API struct lade_explanation *lade_explanation_free(struct lade_explanation *explanation);

struct lade_explanation_info {
	size_t size;
	size_t lines;      /* of the text */
	size_t known;      /* of them, what Lade knows */
	size_t errors, consequences, notes, harmless; /* explained things, each counted once */
	const char *kernel;     /* that wrote the text: "4.19", "5.18 or newer"; NULL: not known */
	const char *kernel_why; /* "as was said", "'scalar' is written for a number since 5.18"; NULL likewise */
	bool kernel_is_certain;
};
LADE_API int lade_explanation_describe(const struct lade_explanation *explanation, struct lade_explanation_info *info);

/* Errors first, then what follows from them, notes, and what is harmless; each in the order of the text. */
LADE_API size_t lade_explained_count(const struct lade_explanation *explanation);

struct lade_explained_info {
	size_t size;
	enum lade_explained_role role;
	const struct lade_finding *finding; /* NULL: harmless lines, which have no code */
	const char *meaning;                /* what the line says, in other words */
	const char *line;                   /* as it stood there, without what the logger put before it */
	size_t times;                       /* how often it stood there */
	size_t first_line, last_line;       /* counted from 1 */
	size_t cause; /* of a consequence: index of what it follows from; else SIZE_MAX */
};
/* Borrowed. -ERANGE past the end. */
LADE_API int lade_explained(const struct lade_explanation *explanation, size_t index, struct lade_explained_info *info);

/* A line that looks like a failure, and of which nothing is known. */
struct lade_suspect_info {
	size_t size;
	const char *line; /* as in lade_explained_info */
	size_t number;    /* counted from 1 */
};
/* Where no error says what went wrong: at most three lines that may, in the order of the text. Borrowed. -ERANGE past
 * the end. */
LADE_API int lade_explanation_suspect(const struct lade_explanation *explanation, size_t nth,
				      struct lade_suspect_info *info);

/* ---- the catalogue: every finding that there is, sorted by code ---- */
struct lade_code_info {
	size_t size;
	const char *code;
	int exit_code; /* of the command; 0: a note */
	enum lade_severity severity;
	enum lade_phase phase;
	const char *cause, *fix; /* "": only a finding itself can say */
	const char *room;        /* its page among docs/findings: "verifier" of verifier.md, where the code is an anchor */
	const char *since, *until; /* first and last mainline version on which it matters; "": no bound is known */
};
LADE_API size_t lade_catalogue_count(void);
LADE_API int lade_catalogue_code(size_t index, struct lade_code_info *info);
/* -ENOENT */
LADE_API int lade_catalogue_find(const char *code, struct lade_code_info *info);
/* The nth message of a verifier, from 0, that this finding explains, as the kernel's source has it: "R%d invalid mem
 * access '%s'". Lives as long as the library. NULL past the last. */
LADE_API const char *lade_catalogue_message(const char *code, size_t nth);

/* ---- error numbers of bpf(2) and what belongs to it, the most likely cause of each first ---- */
struct lade_errno_info {
	size_t size;
	int errnum;            /* positive */
	const char *word;      /* "EPERM" */
	const char *operation; /* "BPF_MAP_CREATE" */
	const char *cause;
	const char *probe; /* what tells it from the others; "": nothing known */
	const char *since, *until; /* first and last mainline version that has this cause; "": no bound is known */
};
LADE_API size_t lade_errno_count(void);
LADE_API int lade_errno_cause_of(size_t index, struct lade_errno_info *info);
/* "38", "-38", "errno 38", "ENOSYS", "-enosys", "Function not implemented" → 38; -EINVAL: no error number. */
LADE_API int lade_errno_parse(const char *text);
/* "ENOSYS", and "Function not implemented". Never NULL. */
LADE_API const char *lade_errno_word_of(int errnum);
LADE_API const char *lade_errno_text_of(int errnum);

/*
 * What an operation is called by people: "map_create", "BPF_MAP_CREATE", "create" → "BPF_MAP_CREATE" (lade_errno_info's
 * operation). Some words mean several ("attach"): nth of them, from 0. NULL past the last.
 */
LADE_API const char *lade_operation_called(const char *word, size_t nth);

/* ---- words: of verifiers' logs, and names of helpers, types, options, commands, capabilities ---- */
enum lade_word_kind {
	LADE_WORD_STATE, /* of a log: what a register or slot holds, marks, statistics */
	LADE_WORD_HELPER,
	LADE_WORD_MAP, /* a type of maps */
	LADE_WORD_PROGRAM,
	LADE_WORD_ATTACH,
	LADE_WORD_CONFIG, /* an option of the kernel's configuration */
	LADE_WORD_COMMAND,
	LADE_WORD_FLAG,
	LADE_WORD_CAPABILITY,
	LADE_WORD_KFUNC,
};
/* "log", "helper", "map type", "program type", "attach type", "option", "command", "flag",
 * "capability", "kernel function" */
LADE_API const char *lade_word_kind_name(enum lade_word_kind kind);

/* Strings are "" where there is nothing to say. */
struct lade_word_info {
	size_t size;
	enum lade_word_kind kind;
	const char *word;         /* as the kernel spells it: "ptr_or_null_", "bpf_probe_read_user" */
	const char *since, *until; /* first and last mainline version that has it */
	const char *meaning;
	const char *fix;   /* what to do about it */
	const char *needs; /* options, capabilities, a license */
	const char *where; /* of a helper: program types that may call it; of an attach type: its program type; of an
			    * option: how to see it without a configuration */
};
LADE_API size_t lade_word_count(void);
/* -ERANGE past the end. */
LADE_API int lade_word_at(size_t index, struct lade_word_info *info);
/*
 * What a word means, forgiving: "R1_w=map_value(off=0,ks=4)", "umax=255", "trusted_ptr_task_struct", "BPF_FUNC_redirect",
 * "probe_read_user", "BPF_MAP_TYPE_HASH". nth meaning, from 0; -ENOENT past the last.
 */
LADE_API int lade_word_find(const char *text, size_t nth, struct lade_word_info *info);

LADE_END_DECLS
#endif
