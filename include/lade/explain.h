/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the logs of loaders say: any text in, findings out. Pure: no kernel is asked. And the catalogue of all findings,
 * and the causes of error numbers, to be looked up.
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
};

/*
 * Reads a text of lines: what Android's loaders log, as logcat (all its formats), dmesg, journalctl or nothing stands
 * before it, with colours, wrapped lines and stray blanks. Lines that Lade does not know are counted. Nothing of the text
 * is kept but the lines that are quoted. -ENOMEM
 */
LADE_API int lade_explain_text(const char *text, size_t length, const struct lade_explain_opts *opts,
			       struct lade_explanation **ret_explanation, struct lade_error **error);
LADE_API struct lade_explanation *lade_explanation_free(struct lade_explanation *explanation);

struct lade_explanation_info {
	size_t size;
	size_t lines;      /* of the text */
	size_t known;      /* of them, what Lade knows */
	size_t errors, consequences, notes, harmless; /* explained things, each counted once */
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

/* ---- the catalogue: every finding that there is, sorted by code ---- */
struct lade_code_info {
	size_t size;
	const char *code;
	int exit_code; /* of the command; 0: a note */
	enum lade_severity severity;
	enum lade_phase phase;
	const char *cause, *fix; /* "": only a finding itself can say */
};
LADE_API size_t lade_catalogue_count(void);
LADE_API int lade_catalogue_code(size_t index, struct lade_code_info *info);
/* -ENOENT */
LADE_API int lade_catalogue_find(const char *code, struct lade_code_info *info);

/* ---- error numbers of bpf(2) and what belongs to it, the most likely cause of each first ---- */
struct lade_errno_info {
	size_t size;
	int errnum;            /* positive */
	const char *word;      /* "EPERM" */
	const char *operation; /* "BPF_MAP_CREATE" */
	const char *cause;
	const char *probe; /* what tells it from the others; "": nothing known */
};
LADE_API size_t lade_errno_count(void);
LADE_API int lade_errno_cause_of(size_t index, struct lade_errno_info *info);
/* 38, "38", "-38", "ENOSYS", "enosys" → 38; -EINVAL: no error number. */
LADE_API int lade_errno_parse(const char *text);
/* "ENOSYS", and "Function not implemented". Never NULL. */
LADE_API const char *lade_errno_word_of(int errnum);
LADE_API const char *lade_errno_text_of(int errnum);

LADE_END_DECLS
#endif
