/* SPDX-License-Identifier: BSD-2-Clause */
/* What a rule of the detection says, and the rules that need no look at section maps. */
#ifndef LADE_DIALECT_VERDICT_H
#define LADE_DIALECT_VERDICT_H

#include "dialect/facts.h"

#define MAX_CANDIDATES 4

/* One name: the dialect. Several: it could be any of these, with different meanings. None: the rule is silent. */
struct verdict {
	const char *names[MAX_CANDIDATES];
	size_t count;
};

/* The verdict for one dialect; the text becomes a line of evidence. */
struct verdict lade_verdict(const struct facts *facts, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- detect_named.c ---- */
struct verdict lade_verdict_by_probes(const struct facts *facts);
struct verdict lade_verdict_by_named_maps(const struct facts *facts);
struct verdict lade_verdict_by_windows(const struct facts *facts);

#endif
