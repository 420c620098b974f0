/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors and findings.
 *
 * A call that can fail takes a struct lade_error **. On failure it stores there one error object
 * with a list of findings; on success it leaves it alone. NULL is allowed when the caller does not
 * care. Pass a pointer to a NULL pointer; free the error with lade_error_free().
 *
 *     struct lade_error *error = NULL;
 *     if (lade_object_open(context, "trace.o", NULL, &object, &error) < 0) {
 *             fprintf(stderr, "%s\n", lade_error_message(error));
 *             lade_error_free(error);
 *     }
 *
 * A finding says what happened, why, how that is known and what to do. Its code is stable: it is
 * one of the rows of data/findings.csv, which also fixes the exit code of the command.
 */
#ifndef LADE_ERROR_H
#define LADE_ERROR_H

#include <lade/common.h>

LADE_BEGIN_DECLS

struct lade_error;
struct lade_finding;

enum lade_severity { LADE_NOTE, LADE_WARNING, LADE_ERROR };
enum lade_confidence { LADE_CERTAIN, LADE_LIKELY, LADE_POSSIBLE };

/* The part of the road on which the finding was made. */
enum lade_phase {
	LADE_PHASE_READ,   /* bytes to sections, symbols, types */
	LADE_PHASE_MODEL,  /* dialect to model */
	LADE_PHASE_PLAN,   /* linking, layout, order */
	LADE_PHASE_MAP,    /* maps and BTF in the kernel */
	LADE_PHASE_VERIFY, /* programs before the verifier */
	LADE_PHASE_PIN,    /* pins, journal, commit */
	LADE_PHASE_ATTACH,
	LADE_PHASE_STREAM,
	LADE_PHASE_STATE,  /* list, show, unload */
};

/* What a finding holds. Strings may be NULL, instruction is -1 and line 0 where they do not apply. */
struct lade_finding_info {
	size_t size;
	const char *code;             /* "map.create.invalid": stable */
	enum lade_severity severity;
	enum lade_confidence confidence;
	enum lade_phase phase;
	const char *object;           /* file or object name */
	const char *map;
	const char *program;
	int64_t instruction;          /* index in the program as loaded */
	const char *source_file;
	uint32_t source_line;
	const char *source_text;
	const char *message;          /* what, with the place */
	const char *cause;            /* why */
	const char *const *evidence;  /* evidence_count strings: the value, probe or file that proves it */
	size_t evidence_count;
	const char *fix;              /* what to do */
	const char *see;              /* where to read on; never NULL: "lade explain CODE" where there is nothing better */
	const char *log;              /* the verifier's or BTF log, whole, as the kernel wrote it */
	/* The first and the last mainline version of the kernel on which it matters, "5.3"; NULL: no bound is known. */
	const char *since, *until;
};

/* Whole error in one line, outermost context first: "loading a.o: creating map m: …". Never NULL. */
LADE_API const char *lade_error_message(const struct lade_error *error);

/* The negative errno that the failed call returned; 0 for NULL. */
LADE_API int lade_error_code(const struct lade_error *error);

/* The documented exit code of the command for this error (2 bad object … 7 partly done). */
LADE_API int lade_error_exit_code(const struct lade_error *error);

LADE_API size_t lade_error_finding_count(const struct lade_error *error);

/* Borrowed: lives as long as the error. NULL when index is out of range. */
LADE_API const struct lade_finding *lade_error_finding(const struct lade_error *error, size_t index);

/* -EINVAL when info->size is 0. */
LADE_API int lade_finding_describe(const struct lade_finding *finding, struct lade_finding_info *info);

LADE_API struct lade_error *lade_error_free(struct lade_error *error);

/* Enum values as the words that JSON uses: "error", "certain", "verify". */
LADE_API const char *lade_severity_name(enum lade_severity severity);
LADE_API const char *lade_confidence_name(enum lade_confidence confidence);
LADE_API const char *lade_phase_name(enum lade_phase phase);

LADE_END_DECLS
#endif
