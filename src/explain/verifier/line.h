/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of a verifier's log, as kernels since 4.14 write them. Pure; nothing is copied. */
#ifndef LADE_EXPLAIN_VERIFIER_LINE_H
#define LADE_EXPLAIN_VERIFIER_LINE_H

#include <stdint.h>

#include "explain/reading/line.h"

enum verifier_line_kind {
	VERIFIER_OTHER,       /* a message, or no line of a log at all */
	VERIFIER_INSTRUCTION, /* "12: (85) call bpf_map_lookup_elem#1" */
	VERIFIER_STATE,       /* "12: R1=ctx() R10=fp0", " R1=ctx", "12: safe", "Live regs before insn:" … */
	VERIFIER_EDGE,        /* "from 12 to 15: …" */
	VERIFIER_SOURCE,      /* "; value = …", since 6.8 with " @ file.c:12" */
	VERIFIER_STATISTIC,   /* "processed 12 insns …" */
};

struct verifier_line {
	enum verifier_line_kind kind;
	int64_t number;      /* of the instruction, or where the edge comes from; -1: none */
	struct span text;    /* of the instruction, without what stands behind ";"; of the source, without "; " */
	struct span state;   /* behind the instruction */
	struct span message; /* the same, in place of a state */
};

struct verifier_line lade_verifier_line(const char *line, size_t length);

/* "text @ file.c:12" → text, file and 12; false: there is no place. */
bool lade_verifier_place(struct span *text, struct span *ret_file, uint32_t *ret_line);
/* "; @ file.c:0": the compiler knew no line. */
bool lade_verifier_is_unknown_source(const struct verifier_line *line);
/* "[...]", "(12 line(s) omitted)": lines were left out here. */
bool lade_verifier_is_gap(const struct span *line);
bool lade_span_starts(const struct span *span, const char *prefix);
/* "… type=ctx expected=fp, pkt": the word behind the key; length 0: there is none. */
struct span lade_span_behind(const struct span *span, const char *key);

#endif
