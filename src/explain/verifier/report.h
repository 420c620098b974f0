/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report with which kernels from 7.3 on end the log of a rejected program: a line "Verification failed: …" and,
 * under titles, why, where, by which way, and what to do. Pure; nothing is copied.
 */
#ifndef LADE_EXPLAIN_VERIFIER_REPORT_H
#define LADE_EXPLAIN_VERIFIER_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "explain/reading/line.h"

struct lade_finding;

enum report_section {
	REPORT_NONE,  /* the line is of no report */
	REPORT_TITLE, /* "Verification failed: Memory Safety: Access outside bounds" */
	REPORT_REASON,
	REPORT_AT,
	REPORT_PATH,
	REPORT_SUGGESTION,
	REPORT_OTHER, /* "Active lock:" and what may yet come */
	REPORT_SECTIONS,
};

/* Zeroed: before a report. */
struct report_state {
	enum report_section section;
	size_t indent; /* of the title; what belongs to a section stands further to the right */
	bool is_empty; /* nothing of the section came yet */
};

/* To which section the line belongs; ret_text: the line without the section's name. */
enum report_section lade_report_line(struct report_state *state, const char *text, size_t length,
				     struct span *ret_text);

/* Spans of the log from the first line of a section to its last; length 0: it has none. */
struct report {
	struct span sections[REPORT_SECTIONS];
};
/* The first one at or behind `log`. false: there is none. */
bool lade_report_read(const char *log, struct report *ret_report);

/* Lines of a section as one, to be freed; NULL: there are none, or no memory. */
char *lade_report_text(const struct report *report, enum report_section section);
/* Where it was refused: source line and instruction, unless the finding knows. */
void lade_report_place(const struct report *report, struct lade_finding *finding);
/* The kernel's own way to the error, as evidence; false: it retained none. */
bool lade_report_path(const struct report *report, struct lade_finding *finding);

/* report_path.c: without the blanks around it. */
struct span lade_report_trimmed(struct span span);

#endif
