/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * To a kernel that does not trust the loader with addresses, and to older ones, a pointer on the stack is no data: the
 * message is that of bytes that were never written. States tell which it was, or the instruction that stored there.
 */
#include "explain/verifier/slot.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/line.h"
#include "explain/reading/search.h"
#include "explain/verifier/numbers.h"
#include "explain/verifier/values.h"

/* The nearest store above `end`, "*(u64 *)(r10 -32) = r0": only whole slots keep a pointer. Length 0: the log has none.
 */
static struct verifier_line store_in(const struct verifier_way *way, const char *end, int slot)
{
	char form[32];

	snprintf(form, sizeof form, "*(u64 *)(r10 %d) = r", slot);
	for (const char *at = end; at > way->log;) {
		const struct span text = lade_verifier_line_before(way->log, at);
		const struct verifier_line line = lade_verifier_line(text.text, text.length);
		if (line.kind == VERIFIER_INSTRUCTION &&
		    lade_search(line.text.text, line.text.length, form, strlen(form)))
			return line;
		at = text.text;
	}
	return (struct verifier_line){ .text = { end, 0 } };
}

/* Is there only one way between the two, so that both were on the path that was refused? */
static bool is_straight(const struct verifier_way *way, const struct verifier_line *from, const char *end)
{
	for (const char *at = end; at > way->log && at > from->text.text;) {
		const struct span text = lade_verifier_line_before(way->log, at);
		const struct verifier_line line = lade_verifier_line(text.text, text.length);
		at = text.text;
		if (line.kind == VERIFIER_EDGE || lade_verifier_is_gap(&line.text) ||
		    lade_span_starts(&line.text, "call pc") || lade_span_starts(&line.text, "exit"))
			return false;
	}
	return true;
}

#define FIRST_LINES 16 /* of a log: before its first instruction stand states, source lines and functions */

/* Does the log begin with the program? */
static bool has_begin(const struct verifier_way *way, const char *end)
{
	const char *at = way->log;

	for (unsigned lines = 0; lines < FIRST_LINES && at < end; lines++) {
		const size_t length = strcspn(at, "\n");
		const struct verifier_line line = lade_verifier_line(at, length);
		if (line.kind == VERIFIER_INSTRUCTION)
			return line.number == 0;
		at += length + (at[length] == '\n');
	}
	return false;
}

/* Was R1 written by nothing above the line, so that it is the context? */
static bool is_first_r1(const struct verifier_way *way, const struct verifier_line *line)
{
	for (const char *at = line->text.text; at > way->log;) {
		const struct span text = lade_verifier_line_before(way->log, at);
		const struct verifier_line above = lade_verifier_line(text.text, text.length);
		at = text.text;
		if (above.kind == VERIFIER_EDGE || lade_verifier_is_gap(&above.text) ||
		    (above.kind == VERIFIER_INSTRUCTION && at + text.length < line->text.text &&
		     (lade_span_starts(&above.text, "r1 ") || lade_span_starts(&above.text, "w1 ") ||
		      lade_span_starts(&above.text, "call "))))
			return false;
	}
	return true;
}

/* "*(u64 *)(r10 -8) = r1" before anything was called or R1 was written: the context. */
static bool is_context(const struct verifier_way *way, const struct verifier_line *store)
{
	static const char context[] = "= r1";
	const size_t length = strlen(context);

	return store->text.length >= length && has_begin(way, store->text.text) &&
	       memcmp(store->text.text + store->text.length - length, context, length) == 0 && is_first_r1(way, store);
}

/* "r1 = *(u64 *)(r1 +80)" of the register that is stored: ax of the registers that kprobes are given. No kind of
 * program has a pointer there. */
static bool is_of_registers(const struct verifier_way *way, const struct verifier_line *store)
{
	const char *reg = store->text.text + store->text.length - 2;
	char begin[8], load[40];
	struct verifier_line line = { .kind = VERIFIER_OTHER };

	(void)snprintf(begin, sizeof begin, "%.2s ", reg);
	(void)snprintf(load, sizeof load, "%.2s = *(u64 *)(r1 +80)", reg);
	for (const char *at = store->text.text; at > way->log && !lade_span_starts(&line.text, begin);) {
		const struct span text = lade_verifier_line_before(way->log, at);
		line = lade_verifier_line(text.text, text.length);
		if (line.kind != VERIFIER_INSTRUCTION)
			line.text.length = 0;
		at = text.text;
	}
	return lade_span_starts(&line.text, load) && has_begin(way, line.text.text) && is_first_r1(way, &line);
}

/* Release candidates of 4.7 took such numbers for the end of a packet, which has the same place in another context. */
static void say_mistaken(const struct verifier_line *store, struct lade_finding *finding)
{
	finding_cause(
		finding,
		"instruction %lld (%.*s) writes the slot whole, with the number that lies at 80 in the context "
		"(ax of the registers, PT_REGS_RC()): this kernel, a release candidate of 4.7, takes what is read "
		"there for the end of a packet, as in programs of networks, and a pointer is no data that a helper "
		"may read: a fault of the kernel, which 4.7 itself no longer has",
		(long long)store->number, (int)store->text.length, store->text.text);
	finding_fix(finding, "run 4.6, or a kernel from 4.7 on (uname -r: no -rc); until then read the number by "
			     "bpf_probe_read(&value, sizeof value, &PT_REGS_RC(ctx)), which makes no pointer of it");
	finding->is_shown = true;
}

/* What was stored there whole, and is nothing to this kernel, is a pointer. */
static void say_stored(const struct verifier_way *way, const struct verifier_line *store, struct lade_finding *finding)
{
	const bool has_context = is_context(way, store);

	finding_cause(finding,
		      "%s lies there on the stack (instruction %lld: %.*s), and a pointer is no data that a helper may "
		      "read: before 5.11 for no loader, since then not without CAP_PERFMON",
		      has_context ? "ctx, the pointer to the context," : "a pointer", (long long)store->number,
		      (int)store->text.length, store->text.text);
	finding_fix(finding,
		    has_context ? "do not store ctx in a map or give its address away: copy what is needed of it (its "
				  "members, the arguments) into variables, and pass these"
				: "pass the pointer itself, without &, or copy what it points to into a variable");
	/* The bounds of the message are those of bytes that were never written. */
	finding->is_shown = true;
}

/* "update(&map, &p->pid, &p, BPF_ANY)": the name of what is a pointer (p->) and whose own address is passed; length 0:
 * none. */
static struct span pointer_passed(const char *source)
{
	for (const char *at = strchr(source, '&'); at; at = strchr(at + 1, '&')) {
		const char *end = ++at;
		char arrow[64];
		while (lade_is_of_name(*end))
			end++;
		if (end == at || (*end != ',' && *end != ')') ||
		    snprintf(arrow, sizeof arrow, "%.*s->", (int)(end - at), at) >= (int)sizeof arrow)
			continue;
		const char *used = strstr(source, arrow);
		if (used && (used == source || !lade_is_of_name(used[-1])))
			return (struct span){ at, (size_t)(end - at) };
	}
	return (struct span){ "", 0 };
}

static bool say_pointer_passed(struct lade_finding *finding)
{
	static const char words[] = "source: ";
	struct span name = { "", 0 };

	for (size_t i = 0; i < finding->evidence.count && !name.length; i++)
		if (strncmp(finding->evidence.items[i], words, strlen(words)) == 0)
			name = pointer_passed(finding->evidence.items[i] + strlen(words));
	if (!name.length)
		return false;
	finding_fix(
		finding,
		"pass %.*s itself, without & (the stack and a map's value are taken), or copy what it points to into a "
		"variable and pass the address of that",
		(int)name.length, name.text);
	finding_cause(finding,
		      "%.*s is a pointer (the source line has %.*s->), and &%.*s is the address of the pointer itself: "
		      "the helper would read the pointer, and what lies behind it on the stack, as data, which it may "
		      "not (before 5.11 for no loader, since then not without CAP_PERFMON)",
		      (int)name.length, name.text, (int)name.length, name.text, (int)name.length, name.text);
	return true;
}

/* Where the log tells nothing of the slot, an instruction may have stored in it what the message calls nothing. */
static void name_store(const struct verifier_way *way, const struct verifier_verdict *verdict, int slot,
		       struct lade_finding *finding)
{
	struct verifier_line store = store_in(way, verdict->line, slot);

	finding_confidence(finding, LADE_LIKELY);
	if (!store.text.length) {
		if (say_pointer_passed(finding))
			return;
		/* Of a message alone, without instructions, nothing can be said of it. */
		if (way->refused.length)
			finding_evidence(
				finding,
				"what was written there before, the log does not show: it may be a pointer, too, which "
				"is no data for a helper (the argument is the address of a pointer: drop the &)");
		return;
	}
	if (is_straight(way, &store, verdict->line)) {
		/* Kernels that old write helpers without their names. */
		if (!memchr(way->refused.text, '#', way->refused.length) && is_of_registers(way, &store))
			say_mistaken(&store, finding);
		else
			say_stored(way, &store, finding);
		return;
	}
	finding_cause(finding,
		      "a pointer lies there on the stack (instruction %lld: %.*s), and to this kernel or without "
		      "CAP_PERFMON a pointer is no data that a helper may read: what is passed is the address of a "
		      "pointer, or of a variable that holds one; or, on this path, nothing was written there",
		      (long long)store.number, (int)store.text.length, store.text.text);
	finding_fix(finding,
		    "pass the pointer itself, without &, or copy what it points to into a variable; a variable "
		    "that is not set on every path gets a value where it is declared");
}

/* Helpers that write what one argument points to, the only one of theirs that lies on the stack. */
static const struct {
	const char *name;
	unsigned number; /* with which the first kernels write it alone; 0: none of them has it */
} writers[] = {
	{ "bpf_probe_read", 4 },          { "bpf_get_current_comm", 16 },
	{ "bpf_skb_get_tunnel_key", 20 }, { "bpf_skb_load_bytes", 26 },
	{ "bpf_skb_get_tunnel_opt", 29 }, { "bpf_probe_read_str", 0 },
	{ "bpf_probe_read_user", 0 },     { "bpf_probe_read_kernel", 0 },
	{ "bpf_probe_read_user_str", 0 }, { "bpf_probe_read_kernel_str", 0 },
};

/* "call 4" (which kernels write until 4.10) or "call bpf_probe_read#4"; NULL: another one. */
static const char *writer_of(const struct span *call, bool *ret_has_name)
{
	char text[64];

	(void)snprintf(text, sizeof text, "%.*s", (int)(call->length < sizeof text ? call->length : sizeof text - 1),
		       call->text);
	for (size_t i = 0; i < ELEMENTS(writers); i++) {
		unsigned number;
		char rest, name[64];
		(void)snprintf(name, sizeof name, "call %s#", writers[i].name);
		*ret_has_name = strncmp(text, name, strlen(name)) == 0;
		if (*ret_has_name || (writers[i].number && sscanf(text, "call %u%c", &number, &rest) == 1 &&
				      number == writers[i].number))
			return writers[i].name;
	}
	return NULL;
}

/* What a helper is to write need not be written before: kernels know that since 4.7, for lengths that are constant. */
static bool name_buffer(const struct verifier_way *way, struct lade_finding *finding)
{
	bool has_name;
	const char *helper = writer_of(&way->refused, &has_name);

	if (!helper)
		return false;
	finding_cause(
		finding, "%s() is to write there, and reads nothing: %s", helper,
		has_name ? "but where its length is not constant, the verifier wants every byte of the buffer to be "
			   "written before, as the call may leave some as they were"
			 : "this kernel, older than 4.7, nonetheless wants every byte of the buffer to be written "
			   "before the call");
	finding_fix(finding,
		    "zero the whole buffer before the call: char buffer[64] = {}; or __builtin_memset(); or %s",
		    has_name ? "a constant length" : "run a kernel from 4.7 on");
	/* 4.7 to 4.10 write no name either, and want it for lengths that vary. */
	finding_confidence(finding, LADE_LIKELY);
	if (!has_name)
		finding_kernels(finding, NULL, "4.6");
	return true;
}

/* A pointer that lies on the stack is no data, for kernels that do not trust the loader with addresses, and older ones.
 */
void lade_verifier_slot(const struct verifier_way *way, const struct verifier_verdict *verdict,
			struct lade_finding *finding)
{
	const char *end = verdict->line + verdict->length,
		   *at = lade_search(verdict->line, verdict->length, " off -", 6);
	int64_t offset, hole;
	struct span value;

	if (!at || name_buffer(way, finding))
		return;
	at += 5;
	if (!lade_verifier_number(&at, end, &offset) || at == end || *at++ != '+' ||
	    !lade_verifier_number(&at, end, &hole) || offset < -512)
		return;
	const int slot = (int)(offset + hole - (((offset + hole) % 8) + 8) % 8);
	value = lade_verifier_slot_above(way->log, verdict->line, slot);
	if (!hole && !value.length &&
	    (!has_begin(way, verdict->line) || store_in(way, verdict->line, slot).text.length))
		name_store(way, verdict, slot, finding);
	if (!lade_verifier_is_pointer(&value))
		return;
	if (value.length >= 4 && strchr("mr?0", *value.text) && strchr("mr?0", value.text[1]) &&
	    strchr("mr?0", value.text[2]))
		return;
	finding_cause(finding,
		      "a pointer lies there on the stack (%.*s), and before 5.11, or without CAP_PERFMON, a pointer is "
		      "no data that a helper may read",
		      (int)(value.length < 24 ? strcspn(value.text, "( \n") : 24), value.text);
	finding_fix(finding,
		    "run a kernel from 5.11 on and load as root; else store a number or the text itself, not its "
		    "address (strings for BPF_SEQ_PRINTF() and bpf_snprintf(): in the format)");
	finding_confidence(finding, LADE_LIKELY);
}
