/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_EXPLAIN_STRACE_H
#define LADE_EXPLAIN_STRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "explain/text.h"

enum call_kind {
	CALL_BPF,
	CALL_PERF_EVENT_OPEN,
	CALL_IOCTL,
	CALL_SETSOCKOPT,
	CALL_OPEN,
	CALL_LIMIT,
	CALL_MOUNT,
	CALL_WRITE,
};

struct traced_call {
	enum call_kind kind;
	struct span arguments; /* behind the bracket, with the result */
	int errnum;            /* 0: it succeeded */
	long result;
};

bool lade_traced_has(const struct span *span, const char *word);
/* name=value; a string without its quotation marks, still escaped. */
bool lade_call_field(const struct traced_call *call, const char *name, struct span *ret_value);
bool lade_call_number(const struct traced_call *call, const char *name, uint64_t *ret_number);

/* strace_calls.c: what a call that returned means; false: nothing. `line` is quoted. */
bool lade_explanation_traced(struct lade_explanation *explanation, const struct traced_call *call,
			     const struct span *line, size_t number);
/* strace_map.c: what the arguments of a map prove, as evidence or cause. */
void lade_traced_map(const struct traced_call *call, struct lade_finding *finding);

/* With which kernel came what was asked for, where that may be the reason. */
void lade_traced_since(const struct traced_call *call, struct lade_finding *finding);

#endif
