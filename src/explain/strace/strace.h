/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_EXPLAIN_STRACE_STRACE_H
#define LADE_EXPLAIN_STRACE_STRACE_H

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

#define CALL_FIELDS 64 /* members; the largest call has half as many */

struct traced_call {
	enum call_kind kind;
	struct span arguments;           /* behind the bracket, with the result */
	struct span fields[CALL_FIELDS]; /* names, in order */
	size_t field_count;
	int errnum; /* 0: it succeeded */
	long result;
	long thread; /* that made it; -1: not said */
};

/* Of what strace writes before a call: "[pid 7] ", "1234  12:34:56.789 ", "0.000123 ". */
size_t lade_behind_thread(const struct span *line);
/* other.c: a whole call that succeeded, and has nothing to do with BPF. */
bool lade_is_other_call(const struct span *line);
bool lade_traced_has(const struct span *span, const char *word);
/* fields.c: finds the members of the arguments. */
void lade_call_fields(struct traced_call *call);
/* A string is without its quotation marks, and still escaped. */
struct span lade_call_value(const struct traced_call *call, size_t field);
/* The first of that name; false: there is none. */
bool lade_call_field(const struct traced_call *call, const char *name, struct span *ret_value);
bool lade_call_number(const struct traced_call *call, const char *name, uint64_t *ret_number);

/* "BPF_MAP_CREATE", also where strace shows its number only; NULL: another one. */
const char *lade_traced_command(const struct traced_call *call);
/* calls.c: what a call that returned means; false: nothing. `line` is quoted. */
bool lade_explanation_traced(struct lade_explanation *explanation, const struct traced_call *call,
			     const struct span *line, size_t number);
/* attribute.c: what is wrong with it, whatever the kernel; false: nothing that its members tell. */
bool lade_traced_attribute(const struct traced_call *call, struct lade_finding *finding);
/* map.c: what the arguments of a map prove, as evidence or cause. */
void lade_traced_map(const struct traced_call *call, struct lade_finding *finding);

uint32_t lade_traced_map_type(const struct traced_call *call); /* 0: not known */

/* element.c: a call that succeeded may have made a map, or closed one. */
void lade_traced_made(struct lade_explanation *explanation, const struct traced_call *call, const char *operation,
		      size_t number);
/* Where a map of the type was made before; 0: nowhere, or so long ago that it is forgotten. */
size_t lade_traced_line_of(const struct lade_explanation *explanation, uint32_t type);
/* Of the map whose element it is; to be freed, NULL: not known. */
char *lade_traced_map_name(const struct lade_explanation *explanation, const struct traced_call *call);
/* Why it refused the element; true: nothing else it can be. */
bool lade_traced_element(const struct lade_explanation *explanation, const struct traced_call *call,
			 const char *operation, struct lade_finding *finding);

/* try.c: does a loader only find out what the kernel knows? */
enum traced_try {
	TRY_NOT,
	TRY_PERHAPS, /* so little is asked for that hardly anybody needs it */
	TRY_SURELY,
};
enum traced_try lade_traced_try(const struct traced_call *call);
/* What is asked for, whatever its name; 0: not known. */
uint64_t lade_traced_asked(const struct traced_call *call, const char *operation);
/* A call that succeeded: what failed before and asked for the same was a step back. */
void lade_traced_forgive(struct lade_explanation *explanation, const struct traced_call *call, const char *operation,
			 size_t number);
/* One of its calls failed, and may be forgiven. */
void lade_traced_failed(struct lade_explanation *explanation, const char *operation);
/* The same failed again. */
void lade_traced_again(struct explained *known, const struct explained *again);
/* When all is read: what may have been a try was one, if something else failed. */
void lade_traced_settle(struct lade_explanation *explanation);

/* newest.c: what came last of all that the call asks for. */
void lade_traced_newest(const struct traced_call *call, struct traced_newest *ret_newest);
struct need_fact;
/* Of the table's rows the one that the word names; NULL: none. */
const struct need_fact *lade_traced_fact(const struct span *word, const struct need_fact *facts, size_t count);

/* With which kernel came what was asked for, where that may be the reason. */
void lade_traced_since(const struct traced_call *call, struct lade_finding *finding);

#endif
