/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found in a text, while it is read and after. */
#ifndef LADE_EXPLAIN_TEXT_H
#define LADE_EXPLAIN_TEXT_H

#include <lade/explain.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "explain/rules.h"

#define EXPLAINED_MAX 1000 /* different things; a text has no end */

struct explained {
	enum lade_explained_role role;
	struct lade_finding *finding;    /* NULL: harmless */
	const struct explain_rule *rule; /* NULL: the verdict of a verifier's log */
	char *line;
	int errnum;
	size_t times, first_line, last_line;
	size_t cause; /* index, or SIZE_MAX */
};

struct lade_explanation {
	char *file;
	size_t lines, known;
	bool overflow; /* more than EXPLAINED_MAX */
	bool failed;   /* out of memory at some point */
	ARRAY_OF(struct explained) items;
	/* while reading */
	char *object, *program; /* that the lines are about; NULL: not known */
	struct strbuf log;      /* a verifier's, between its marks */
	size_t log_line;
	bool in_log;
	bool is_bare;    /* no mark says where the log ends */
	bool has_ended;  /* a bare one: its statistics were there */
	unsigned others; /* lines of a bare one, one after the other, that may be none of it */
	size_t omitted;  /* lines that a library left out */
};

/* verifier_text.c: is the line one of a verifier's log, or a message of one? Then it was taken. */
bool lade_explanation_verifier(struct lade_explanation *explanation, const struct span *line, size_t number);
/* The same for a line that no rule knows. */
bool lade_explanation_verdict(struct lade_explanation *explanation, const struct span *line, size_t number);
/* Of a log, to be freed: any bytes become readable, at most a thousand. NULL: empty, or without memory. */
char *lade_text_of(const struct span *span);

/* A line that a rule knows. `line` is its message. */
void lade_explanation_add(struct lade_explanation *explanation, const struct rule_match *match, const struct span *line,
			  size_t number);
/* A line of a verifier's log. */
void lade_explanation_log(struct lade_explanation *explanation, const struct span *line);
/* The log has ended: its verdict is a finding. */
void lade_explanation_log_end(struct lade_explanation *explanation, size_t number);
/* A line that a library made of a log, of which it cut away the error. */
void lade_explanation_cut(struct lade_explanation *explanation, const struct span *line, size_t number);
/* relate.c: when all is read: what follows from what; sorts. */
void lade_explanation_relate(struct lade_explanation *explanation);

DEFINE_CLEANUP(struct lade_explanation, lade_explanation, lade_explanation_free)

#endif
