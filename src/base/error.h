/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making errors and findings. Every function here takes NULL where a struct pointer is wanted, so
 * that callers need not check for memory: without it the errno alone is returned.
 *
 *     return lade_fail(error, EINVAL, "elf.truncated", "%s: section %u ends beyond the file", file, i);
 *
 * or, with more to say:
 *
 *     struct lade_finding *finding = lade_error_add(error, EINVAL, "map.create.invalid", "…");
 *     finding_map(finding, name);
 *     finding_evidence(finding, "max_entries is %u", n);
 *     return -EINVAL;
 *
 * Codes are rows of data/findings.csv (code,exit,severity,phase,cause,fix). A row's cause and fix are
 * used unless the finding gives its own; an unknown code fails a test.
 */
#ifndef LADE_BASE_ERROR_H
#define LADE_BASE_ERROR_H

#include <stdarg.h>

#include <lade/error.h>

#include "base/array.h"
#include "base/cleanup.h"

struct lade_finding {
	const char *code; /* static: from the catalogue */
	enum lade_severity severity;
	enum lade_confidence confidence;
	enum lade_phase phase;
	int exit_code;
	bool is_shown;       /* the log itself shows the cause: what is known of kernels adds nothing */
	int64_t instruction; /* -1: none */
	uint32_t source_line;
	char *object, *map, *program, *source_file, *source_text;
	char *message, *cause, *fix, *see, *log;
	char *since, *until; /* versions of the kernel; NULL: no bound is known */
	struct strings evidence;
};

struct findings {
	struct lade_finding **items;
	size_t count, capacity;
};

/* A code, which stands behind where to read on: both are one string. */
#define FINDING_SEE        "lade explain "
#define FINDING_CODE(code) (&FINDING_SEE code[sizeof FINDING_SEE - 1])

/* One row of data/findings.csv; the table is generated. */
struct finding_kind {
	const char *code; /* FINDING_CODE() */
	int exit_code;
	enum lade_severity severity;
	enum lade_phase phase;
	const char *cause; /* "" when only the caller can say */
	const char *fix;
	uint8_t room; /* index in lade_finding_rooms */
	char since[5], until[5]; /* versions of the kernel between which it matters; "": no bound is known */
};
/* Files of data/findings/ without their ending: "verifier". */
extern const char *const lade_finding_rooms[];
const struct finding_kind *lade_finding_kind(const char *code); /* NULL: not in the catalogue */
const struct finding_kind *lade_finding_kind_at(size_t index);  /* sorted by code; NULL past the end */

/*
 * Errors are rare: cold keeps what makes them apart from what every load runs through, which then is fewer pages.
 *
 * Adds a finding to the error, creating the error if *error is NULL. NULL when error is NULL or without memory.
 */
struct lade_finding *lade_error_add(struct lade_error **error, int errnum, const char *code, const char *format, ...)
	__attribute__((cold, format(printf, 4, 5)));
/* The same, and returns -errnum (errnum positive). */
int lade_fail(struct lade_error **error, int errnum, const char *code, const char *format, ...)
	__attribute__((cold, format(printf, 4, 5)));
/* -ENOMEM with its finding. */
int lade_fail_memory(struct lade_error **error) __attribute__((cold));
/* Puts "prefix: " before the error's message, on the way up. Returns code for tail calls. */
int lade_error_context(struct lade_error **error, int code, const char *format, ...)
	__attribute__((cold, format(printf, 3, 4)));
/* Sets the object name on findings that have none. */
void lade_error_set_object(struct lade_error *error, const char *object);
/* Moves all findings of *other to *error and frees *other; the first errno stays. */
void lade_error_merge(struct lade_error **error, struct lade_error **other);

/* A note: added to a list instead of an error. */
struct lade_finding *lade_note_add(struct findings *list, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void lade_findings_clear(struct findings *list);
struct lade_finding *lade_finding_free(struct lade_finding *finding);

/* Setters: replace what is there; accept a NULL finding. */
void finding_object(struct lade_finding *finding, const char *name) __attribute__((cold));
void finding_map(struct lade_finding *finding, const char *name) __attribute__((cold));
void finding_program(struct lade_finding *finding, const char *name) __attribute__((cold));
void finding_source(struct lade_finding *finding, const char *file, uint32_t line, const char *text)
	__attribute__((cold));
void finding_log(struct lade_finding *finding, const char *log) __attribute__((cold));
void finding_see(struct lade_finding *finding, const char *see) __attribute__((cold));
/* NULL or "": no bound. */
void finding_kernels(struct lade_finding *finding, const char *since, const char *until) __attribute__((cold));
/* NULL without memory. */
struct lade_finding *lade_finding_copy(const struct lade_finding *finding) __attribute__((cold));
void finding_cause(struct lade_finding *finding, const char *format, ...) __attribute__((cold, format(printf, 2, 3)));
void finding_fix(struct lade_finding *finding, const char *format, ...) __attribute__((cold, format(printf, 2, 3)));
void finding_evidence(struct lade_finding *finding, const char *format, ...)
	__attribute__((cold, format(printf, 2, 3)));
static inline void finding_instruction(struct lade_finding *finding, int64_t index)
{
	if (finding)
		finding->instruction = index;
}
static inline void finding_confidence(struct lade_finding *finding, enum lade_confidence confidence)
{
	if (finding)
		finding->confidence = confidence;
}

DEFINE_CLEANUP(struct lade_error, lade_error, lade_error_free)

#define KERNEL_ENOTSUPP 524 /* never meant for user space, and unknown to libc, but bpf(2) returns it */

/* "EINVAL", "ENOTSUPP"; never NULL. */
const char *lade_errno_word(int errnum) __attribute__((cold));

#endif
