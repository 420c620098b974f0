/* SPDX-License-Identifier: BSD-2-Clause */
/* Which call took a pointer away: by the log's lines of the branch and the frame that were refused, and no others. */
#include "explain/verifier/taking.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "explain/reading/search.h"
#include "explain/verifier/record.h"
#include "explain/verifier/values.h"

#define LINES_MAX 4096 /* that are looked at */

/* ---- calls ---- */

/* Calls after which pointers are no longer what they were. */
bool lade_call_takes_away(const struct span *call)
{
	static const char *const words[] = { "release", "submit", "discard",   "write",     "pull",   "change",
					     "adjust",  "store",  "push",      "pop",       "unlock", "put",
					     "drop",    "free",   "tail_cal",  "resize",    "from_",  "xchg",
					     "pc+",     "pc-",    "clone_red", "csum_repl", "lwt_" };

	if (memmem(call->text, call->length, "output", strlen("output")))
		return false;
	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (memmem(call->text, call->length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Those that may change the packet, by which every pointer into it is void. */
bool lade_call_moves_packet(const struct span *call)
{
	static const char *const words[] = { "skb_store_bytes", "clone_redirect", "pull_data", "skb_change_",
					     "skb_vlan_",       "adjust_room",    "csum_repl", "xdp_adjust_",
					     "lwt_push_encap",  "lwt_seg6_",      "store_hdr", "msg_push_data",
					     "msg_pop_data" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (memmem(call->text, call->length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* The last call between the instruction and the verdict; one that may take pointers away rather than another. */
bool lade_call_last(const struct verifier_line *line, const char *end, struct verifier_line *ret_call)
{
	bool found = false;

	for (unsigned lines = 0; end > line->text.text && lines < LINES_MAX; lines++) {
		struct span text = lade_verifier_line_before(line->text.text, end);
		struct verifier_line call = lade_verifier_line(text.text, text.length);
		end = text.text;
		if (call.kind != VERIFIER_INSTRUCTION || !lade_span_starts(&call.text, "call ") ||
		    text.text <= line->text.text)
			continue;
		if (!found)
			*ret_call = call;
		found = true;
		if (!lade_call_takes_away(&call.text))
			continue;
		*ret_call = call;
		return true;
	}
	return found;
}

/* ---- the path ---- */

/* Backwards through the lines of the branch that was refused: "from 12 to 15" leads to instruction 12, further up. */
struct path {
	const char *log, *end;
	int64_t wanted; /* instruction; -1: the line before */
	unsigned lines;
};

static bool go_back(struct path *path, struct verifier_line *ret_line, struct span *ret_text)
{
	while (path->end > path->log && path->lines++ < LINES_MAX) {
		*ret_text = lade_verifier_line_before(path->log, path->end);
		*ret_line = lade_verifier_line(ret_text->text, ret_text->length);
		path->end = ret_text->text;
		if (path->wanted >= 0 && (ret_line->kind != VERIFIER_INSTRUCTION || ret_line->number != path->wanted))
			continue;
		path->wanted = ret_line->kind == VERIFIER_EDGE ? ret_line->number : -1;
		return true;
	}
	return false;
}

/* "frame1: R1=…": 1 */
static int frame_of(const struct span *text)
{
	static const char mark[] = "frame";
	const char *at = memmem(text->text, text->length, mark, strlen(mark));
	const size_t behind = strlen(mark);

	return at && (size_t)(text->text + text->length - at) > behind + 1 && isdigit((unsigned char)at[behind]) &&
			       at[behind + 1] == ':'
		       ? at[behind] - '0'
		       : 0;
}

/* Is the next instruction of the log not the next one of the program, nor what this one leads to? Who posts a log may
 * leave lines out and say nothing. */
static bool lacks_next(const struct verifier_line *line, int64_t next)
{
	static const char *const leads[] = { "call pc", "exit" };
	static const char jump[] = "goto pc";
	const struct span *text = &line->text;
	const char *at = lade_search(text->text, text->length, jump, strlen(jump));

	/* A constant of 64 bits has two places. */
	if (next < 0 || (next > line->number && next <= line->number + 1 + lade_span_starts(&line->text, "r")))
		return false;
	if (at)
		return next != line->number + 1 + strtol(at + strlen(jump), NULL, 10);
	for (size_t i = 0; i < ELEMENTS(leads); i++)
		if (lade_search(text->text, text->length, leads[i], strlen(leads[i])))
			return false;
	return true;
}

void lade_taking_find(const struct verifier_origin *origin, const struct verifier_line *from, int reg, const char *end,
		      struct taking *taking)
{
	struct path path = { .log = origin->log, .end = end, .wanted = -1 };
	struct verifier_line line;
	struct span text;
	int64_t next = -1;
	int frame = -1;

	*taking = (struct taking){ .pointer = { end, 0 } };
	while (go_back(&path, &line, &text) && text.text >= lade_verifier_start_of(origin->log, from)) {
		const struct span value = lade_verifier_value_in(&text, reg);
		taking->has_gap |= lade_verifier_is_gap(&line.text) ||
				   (line.kind == VERIFIER_INSTRUCTION && lacks_next(&line, next));
		next = line.kind == VERIFIER_INSTRUCTION ? line.number : line.kind == VERIFIER_EDGE ? -1 : next;
		if (frame < 0 && lade_search(text.text, text.length, "R10=", strlen("R10=")))
			frame = frame_of(&text);
		/* Other frames have registers of the same names. */
		if (lade_verifier_is_pointer(&value) && (frame < 0 || frame == frame_of(&text))) {
			taking->pointer = value;
			return;
		}
		if (line.kind == VERIFIER_INSTRUCTION && lade_span_starts(&line.text, "call ") &&
		    taking->count < CALLS_MAX)
			taking->calls[taking->count++] = line;
	}
}

/* "ringbuf_mem(ref_obj_id=2,sz=8)": 2; 0: it has none. */
static unsigned long reference_of(const struct span *value)
{
	static const char mark[] = "ref_obj_id=";
	const char *close = value->length ? memchr(value->text, ')', value->length) : NULL;
	const char *at = close ? memmem(value->text, (size_t)(close - value->text), mark, strlen(mark)) : NULL;

	return at ? strtoul(at + strlen(mark), NULL, 10) : 0;
}

/* Is the object of the pointer what the call gets? */
static bool gets(const struct verifier_origin *origin, const struct verifier_line *call, const struct span *pointer)
{
	const struct span first =
		lade_verifier_register_above(origin->log, lade_verifier_start_of(origin->log, call), 1);

	return reference_of(pointer) && reference_of(&first) == reference_of(pointer);
}

/* Which of the calls took the pointer away: of the packet's the earliest that may move it. NULL: the log does not tell.
 */
const struct verifier_line *lade_taking_call(const struct verifier_origin *origin, const struct taking *taking,
					     bool *ret_is_sure)
{
	const bool is_packet = lade_span_starts(&taking->pointer, "pkt");
	const struct verifier_line *found = NULL, *owner = NULL;
	size_t count = 0;

	for (size_t i = 0; i < taking->count; i++) {
		const struct verifier_line *call = &taking->calls[i];
		if (is_packet ? !lade_call_moves_packet(&call->text) : !lade_call_takes_away(&call->text))
			continue;
		if (is_packet || !found)
			found = call;
		if (gets(origin, call, &taking->pointer))
			owner = call;
		count++;
	}
	*ret_is_sure = !taking->has_gap && (found ? is_packet || count == 1 || owner : taking->count == 1);
	if (!found && taking->count == 1)
		found = &taking->calls[0];
	/* A function that is verified alone may move the packet, too, and the log has nothing of it. */
	for (size_t i = 0; !found && is_packet && i < taking->count; i++)
		if (lade_span_starts(&taking->calls[i].text, "call pc"))
			found = &taking->calls[i];
	return owner && !is_packet ? owner : found;
}
