/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls behind which a pointer is none any more: what it means was released there, or the packet may have moved. */
#ifndef LADE_EXPLAIN_VERIFIER_TAKING_H
#define LADE_EXPLAIN_VERIFIER_TAKING_H

#include "explain/verifier/origin.h"

#define CALLS_MAX 32

/* The calls behind the last state that has the register as a pointer, the latest first. */
struct taking {
	struct verifier_line calls[CALLS_MAX];
	size_t count;
	struct span pointer; /* what it was; length 0: none */
	bool has_gap;        /* the log has not all of them */
};

/* "call bpf_ringbuf_submit#132": may it take pointers away? */
bool lade_call_takes_away(const struct span *call);
/* May it change the packet, by which every pointer into it is void? */
bool lade_call_moves_packet(const struct span *call);
/* The last call between the instruction and the verdict; one that may take pointers away rather than another. */
bool lade_call_last(const struct verifier_line *line, const char *end, struct verifier_line *ret_call);
/* Backwards from `end` to the instruction `from`, or to where the register is a pointer. */
void lade_taking_find(const struct verifier_origin *origin, const struct verifier_line *from, int reg, const char *end,
		      struct taking *taking);
/* Which of the calls took the pointer away: of the packet's the earliest that may move it. NULL: the log does not tell.
 */
const struct verifier_line *lade_taking_call(const struct verifier_origin *origin, const struct taking *taking,
					     bool *ret_is_sure);

#endif
