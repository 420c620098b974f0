/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same cause and fix with the names of the program: which argument of which helper is of another type, what lies
 * between a number's test and its use; and who else is asked.
 */
#include "explain/verifier/named.h"
#include "explain/verifier/object.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/text.h"
#include "explain/verifier/alignment.h"
#include "explain/verifier/callee.h"
#include "explain/verifier/context_field.h"
#include "explain/verifier/foreign.h"
#include "explain/verifier/joined_jump.h"
#include "explain/verifier/lost.h"
#include "explain/verifier/maybe_null.h"
#include "explain/verifier/numbers.h"
#include "explain/verifier/origin.h"
#include "explain/verifier/own_bytes.h"
#include "explain/verifier/packet.h"
#include "explain/verifier/poisoned.h"
#include "explain/verifier/returned.h"
#include "explain/verifier/slot.h"
#include "explain/verifier/unwritten.h"
#include "explain/verifier/values.h"

#define STATE_BYTES 200 /* of a state that is told */

struct span lade_verifier_way_value(const struct verifier_way *way, const struct verifier_verdict *verdict)
{
	return lade_verifier_register_above(way->log, way->refused.length ? way->refused.text : verdict->line,
					    way->reg);
}

struct span lade_verifier_way_variable(const struct verifier_way *way)
{
	for (size_t i = 0; i < way->count; i++) {
		struct span name = lade_verifier_step_variable(&way->steps[i]);
		if (name.length)
			return name;
	}
	return (struct span){ "", 0 };
}

bool lade_verifier_helper_of(const struct span *call, char *name, size_t size)
{
	size_t begin = strlen("call "), length = 0;

	if (!lade_span_starts(call, "call ") || call->length <= begin || call->text[begin] == 'p')
		return false;
	while (begin + length < call->length &&
	       (isalnum((unsigned char)call->text[begin + length]) || call->text[begin + length] == '_'))
		length++;
	if (!length || isdigit((unsigned char)call->text[begin]) || length >= size)
		return false;
	(void)snprintf(name, size, "%.*s", (int)length, call->text + begin);
	return strcmp(name, "unknown") != 0;
}

/* ---- not released ---- */

static const struct {
	const char *acquires, *releases;
} owners[] = {
	{ "bpf_ringbuf_reserve_dynptr", "bpf_ringbuf_discard_dynptr(&%s, 0);" },
	{ "bpf_ringbuf_reserve", "bpf_ringbuf_discard(%s, 0);" },
	{ "bpf_sk_lookup_", "bpf_sk_release(%s);" },
	{ "bpf_skc_lookup_", "bpf_sk_release(%s);" },
	{ "bpf_task_acquire", "bpf_task_release(%s);" },
	{ "bpf_task_from_", "bpf_task_release(%s);" },
	{ "bpf_cgroup_acquire", "bpf_cgroup_release(%s);" },
	{ "bpf_cgroup_from_id", "bpf_cgroup_release(%s);" },
	{ "bpf_cgroup_ancestor", "bpf_cgroup_release(%s);" },
	{ "bpf_cpumask_create", "bpf_cpumask_release(%s);" },
	{ "bpf_cpumask_acquire", "bpf_cpumask_release(%s);" },
	{ "bpf_get_task_exe_file", "bpf_put_file(%s);" },
	{ "bpf_obj_new", "bpf_obj_drop(%s);" },
	{ "bpf_percpu_obj_new", "bpf_percpu_obj_drop(%s);" },
	/* What is new is given away by inserting it. */
	{ "bpf_skb_ct_alloc", "bpf_ct_insert_entry(%s), and what that returns by bpf_ct_release();" },
	{ "bpf_xdp_ct_alloc", "bpf_ct_insert_entry(%s), and what that returns by bpf_ct_release();" },
	{ "bpf_skb_ct_", "bpf_ct_release(%s);" },
	{ "bpf_xdp_ct_", "bpf_ct_release(%s);" },
};

static void say_release(const char *form, const char *variable, struct lade_finding *finding)
{
	const char *at = strstr(form, "%s");

	finding_fix(finding, "on the path that is told, too, before it returns: %.*s%s%s", (int)(at - form), form,
		    variable, at + 2);
}

/* What is not returned, but made in memory of the program's: iterators, and dynptrs of a ring buffer. */
static bool name_made(const char *helper, const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	const size_t length = strlen(helper);
	const char *what =
		strncmp(helper, "bpf_iter_", 9) == 0 && length > 13 && strcmp(helper + length - 4, "_new") == 0
			? "iterator"
		: strcmp(helper, "bpf_ringbuf_reserve_dynptr") == 0 ? "dynptr"
								    : NULL;

	if (!what)
		return false;
	finding_cause(finding,
		      "the %s that %s() made (instruction %lld) is not given back on the path that ends at "
		      "instruction %lld; also where %s() failed it must be",
		      what, helper, (long long)way->steps[0].line.number, (long long)verdict->instruction, helper);
	if (*what == 'i')
		finding_fix(finding,
			    "%.*s_destroy(&iterator); on every path that leaves, behind a break and before a return, "
			    "too; bpf_for() and bpf_for_each() of libbpf do it by themselves",
			    (int)(length - 4), helper);
	else
		finding_fix(finding, "bpf_ringbuf_discard_dynptr(&pointer, 0); on the path that is told, too, before "
				     "it returns, also on the one on which nothing could be reserved");
	return true;
}

static void name_leak(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	struct span name = lade_verifier_way_variable(way);
	char helper[64], variable[80];

	if (!way->count || !lade_verifier_helper_of(&way->steps[0].line.text, helper, sizeof helper))
		return;
	if (name_made(helper, way, verdict, finding))
		return;
	(void)snprintf(variable, sizeof variable, "%.*s", (int)(name.length < 64 ? name.length : 64), name.text);
	finding_cause(
		finding,
		"%s%swhat %s() returned (instruction %lld) is not released on the path that ends at instruction %lld",
		variable, *variable ? ", " : "", helper, (long long)way->steps[0].line.number,
		(long long)verdict->instruction);
	for (size_t i = 0; i < ELEMENTS(owners); i++)
		if (strncmp(helper, owners[i].acquires, strlen(owners[i].acquires)) == 0) {
			say_release(owners[i].releases, *variable ? variable : "pointer", finding);
			return;
		}
}

/* ---- another type than the helper takes ---- */

static const struct {
	const char *word, *means;
} types[] = {
	{ "fp", "an address on the stack" },
	{ "ctx", "the context" },
	{ "map_ptr", "a map" },
	{ "map_value", "a map's value" },
	{ "map_key", "a map's key" },
	{ "scalar", "a plain number" },
	{ "inv", "a plain number" },
	{ "imm", "a plain number" },
	{ "pkt", "a pointer into the packet" },
	{ "pkt_meta", "a pointer into the packet's metadata" },
	{ "pkt_end", "the end of the packet" },
	{ "func", "a function of the program" },
	{ "sock", "a socket" },
	{ "sock_common", "a socket" },
	{ "tcp_sock", "a TCP socket" },
	{ "ptr_", "a pointer to a structure of the kernel" },
	{ "rcu_ptr_", "a pointer to a structure of the kernel, within RCU" },
	{ "trusted_ptr_", "a pointer to a structure of the kernel" },
	{ "untrusted_ptr_", "a pointer to a structure of the kernel that may be gone" },
	{ "mem", "memory of a known size" },
	{ "rdonly_mem", "memory that may only be read" },
	{ "alloc_mem", "a record of a ring buffer" },
	{ "ringbuf_mem", "a record of a ring buffer" },
	{ "percpu_ptr_", "a per-CPU variable" },
	{ "dynptr_ptr", "a dynptr" },
	{ "const_dynptr_ptr", "a dynptr" },
};

static const char *type_of(const struct span *word)
{
	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (strlen(types[i].word) == word->length && memcmp(types[i].word, word->text, word->length) == 0)
			return types[i].means;
	return NULL;
}

/* "r1 = 0x0" in two slots: the place of a map that no loader filled. */
static bool is_unfilled(const struct verifier_way *way)
{
	const struct span *text = way->count ? &way->steps[0].line.text : NULL;
	static const char zero[] = " = 0x0";

	return text && text->length >= strlen(zero) &&
	       memcmp(text->text + text->length - strlen(zero), zero, strlen(zero)) == 0;
}

static void name_unfilled(int argument, const char *helper, struct lade_finding *finding)
{
	finding_cause(finding,
		      "argument %d of %s() must be a map, and is 0: the loader put no map there. It does not know this "
		      "kind of definition or its place (tc without libbpf knows no section .maps, and none but maps; "
		      "bcc puts its tables only where their methods are called, and not where the address of one is "
		      "passed), or was "
		      "told not to create the map",
		      argument, helper);
	finding_fix(
		finding,
		"pass &map of a map in SEC(\".maps\"), and load with lade or a newer loader; in bcc, which has no "
		"such address: (void *)bpf_pseudo_fd(1, FD) with the table's descriptor (table.get_fd(), put in by "
		"-D), or write the program for libbpf; for tc without libbpf (tc -V names it): struct bpf_elf_map in "
		"SEC(\"maps\")");
	finding_confidence(finding, LADE_LIKELY);
}

/* "R3 type=map_value expected=fp" of bpf_map_update_elem(): later kernels take it. */
static bool name_stack_only(const struct verifier_way *way, const char *helper, const struct span *is,
			    struct lade_finding *finding)
{
	static const char type[] = "map_value";

	if (is->length != strlen(type) || memcmp(is->text, type, is->length) != 0 ||
	    strncmp(helper, "bpf_map_", strlen("bpf_map_")) != 0)
		return false;
	finding_cause(
		finding,
		"argument %d of %s() points into a map's value, and kernels before 4.18, as this one, take keys and "
		"values for it from the stack or the packet only",
		way->reg, helper);
	finding_fix(finding,
		    "copy it into a local variable and pass that one's address: T copy = *value; %s(…, &copy, …) (the "
		    "stack has 512 bytes: what is larger cannot be copied so); or a kernel from 4.18 on",
		    helper);
	finding_kernels(finding, "", "4.17");
	finding_confidence(finding, LADE_CERTAIN);
	finding->is_shown = true;
	return true;
}

/* "R1=map_value(map=agent.bss,ks=4,vs=32)": what was passed is one of the object's own variables. */
static bool is_variable(const struct verifier_way *way)
{
	static const char *const sections[] = { ".bss,", ".data,", ".rodata," };
	const struct span *state = way->count ? &way->steps[0].line.state : NULL;

	for (size_t i = 0; state && i < ELEMENTS(sections); i++)
		if (state->text && memmem(state->text, state->length, sections[i], strlen(sections[i])))
			return true;
	return false;
}

static void name_variable(int argument, const char *helper, struct lade_finding *finding)
{
	finding_cause(finding,
		      "argument %d of %s() must be a map, and is the address of a global variable (.bss, .data or "
		      ".rodata): the definition of the map lacks SEC(\".maps\"), so that it became one, or another "
		      "variable is passed",
		      argument, helper);
	finding_fix(finding, "struct { … } name SEC(\".maps\"); and pass &name");
}

static void name_type(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	struct span is = lade_span_behind(&line, " type="), wanted = lade_span_behind(&line, " expected=");
	const char *is_words = type_of(&is), *wanted_words = type_of(&wanted);
	char helper[64];

	if (!is.length || !wanted.length || way->reg < 1 || way->reg > 5 ||
	    !lade_verifier_helper_of(&way->refused, helper, sizeof helper))
		return;
	CLEANUP(cleanup_free) char *is_text = is_words ? NULL : lade_text_of(&is);
	CLEANUP(cleanup_free) char *wanted_text = wanted_words ? NULL : lade_text_of(&wanted);
	bool has_more = wanted.text + wanted.length < line.text + line.length && wanted.text[wanted.length] == ',';
	finding_cause(finding, "argument %d of %s() is %s, and must be %s%s", way->reg, helper,
		      is_words ? is_words : is_text, wanted_words ? wanted_words : wanted_text,
		      has_more ? " or one of the other types named" : "");
	if (wanted_words && strcmp(wanted_words, "an address on the stack") == 0 && !has_more &&
	    name_stack_only(way, helper, &is, finding))
		return;
	if (wanted_words && strcmp(wanted_words, "an address on the stack") == 0)
		finding_fix(finding, "put it into a local variable and pass its address: T copy = …; %s(…, &copy, …)",
			    helper);
	else if (wanted_words && strcmp(wanted_words, "the context") == 0)
		finding_fix(finding, "pass ctx as the program got it, not a member of it and not a copy");
	else if (wanted_words && strcmp(wanted_words, "a map") == 0 && is_unfilled(way))
		name_unfilled(way->reg, helper, finding);
	else if (wanted_words && strcmp(wanted_words, "a map") == 0 && is_variable(way))
		name_variable(way->reg, helper, finding);
	else if (wanted_words && strcmp(wanted_words, "a map") == 0)
		finding_fix(finding, "pass &map, the map itself, not a value of it");
	else if (wanted_words)
		finding_fix(finding, "pass %s there", wanted_words);
}

/* ---- the context ---- */

/* "*(u32 *)(r6 +24) = r1" and "lock *(u32 *)…": a store, and not a load. */
/* "4: (63) *(u32 *)(r3 +8) = r1", where r3 is ctx + 32. */
static void name_moved_context(struct lade_finding *finding)
{
	finding_cause(finding, "the address of a field of the context was made first, and then written through: only "
			       "ctx itself with a constant offset in the instruction is taken");
	finding_fix(finding,
		    "write the field in one expression, ctx->field[2] = value, not through a pointer to it, an "
		    "index that is computed, or a structure of the context with preserve_access_index (CO-RE "
		    "adds its offsets to the pointer: declare it without)");
}

/* An access of 8 bytes at 52 is no field, but two: the numbers say so. */
static bool is_crooked(const struct span *offset, const struct span *size)
{
	unsigned long long bytes = strtoull(size->text, NULL, 10);

	return bytes && strtoull(offset->text, NULL, 10) % bytes != 0;
}

static void name_context(const struct verifier_way *way, const struct verifier_verdict *verdict,
			 struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	struct span offset = lade_span_behind(&line, " off="), size = lade_span_behind(&line, " size=");
	bool is_write = lade_span_starts(&way->refused, "*(") || lade_span_starts(&way->refused, "lock *(");

	if (is_write && lade_span_starts(&line, "dereference of modified"))
		name_moved_context(finding);
	if (!lade_span_starts(&line, "invalid bpf_context access") || !offset.length || !size.length || !is_write ||
	    is_crooked(&offset, &size))
		return;
	finding_cause(
		finding,
		"the program writes %.*s bytes at offset %.*s of the context, where programs of this type or hook "
		"may not write, or not in this size (most fields that may be written are so only whole)",
		(int)size.length, size.text, (int)offset.length, offset.text);
	finding_fix(finding, "leave the assignment to this field away, or use the helper that changes it; only some "
			     "fields may be written (of __sk_buff mark, priority and cb; of bpf_sock_ops reply; of "
			     "bpf_sock_addr the address and the port), not by every type of program, and but for "
			     "arrays in their full width: no cast to u8 or u16");
}

static void name_field(const struct verifier_way *way, const struct verifier_verdict *verdict,
		       struct lade_finding *finding)
{
	name_context(way, verdict, finding);
	lade_verifier_context_field(way, verdict, finding);
}

/* ---- a number whose range is lost ---- */

/* Messages about a number, and not about a pointer to which one was added. */
static bool is_about_number(const struct verifier_verdict *verdict)
{
	static const char *const words[] = { "min value is negative, either use", "unbounded memory access, use",
					     "register with unbounded min value", "upper zero bits",
					     "zero-sized read" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_search(verdict->line, verdict->length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* "R2=map_value(ks=4,vs=64,umax=255) R3=…": what is known of the register where it was refused. */
static void tell_state(const struct verifier_way *way, const struct verifier_verdict *verdict,
		       struct lade_finding *finding)
{
	struct span value = lade_verifier_register_above(way->log, verdict->line, way->reg);
	size_t length = 0;
	unsigned depth = 0;

	for (; length < value.length && (depth || value.text[length] != ' ') && value.text[length] != '\n'; length++)
		depth += (unsigned)(value.text[length] == '(') - (unsigned)(depth && value.text[length] == ')');
	if (length && length < STATE_BYTES)
		finding_evidence(finding, "all that the verifier knows of R%d there: %.*s", way->reg, (int)length,
				 value.text);
}

/* "smin_value=-4095", "smin=-4095" within the register's own brackets. */
static bool may_be_negative(const struct span *value)
{
	static const char *const keys[] = { "smin_value=-", "smin=-", "smin=smin32=-" };
	size_t length = 0;
	unsigned depth = 0;

	for (; length < value->length && (depth || value->text[length] != ' ') && value->text[length] != '\n'; length++)
		depth += (unsigned)(value->text[length] == '(') - (unsigned)(depth && value->text[length] == ')');
	for (size_t i = 0; i < ELEMENTS(keys); i++)
		if (lade_search(value->text, length, keys[i], strlen(keys[i])))
			return true;
	return false;
}

/* A constant offset may make up for the negative part: then it is the upper bound of the unsigned number that lacks. */
static void name_negative(const struct verifier_way *way, const struct verifier_verdict *verdict,
			  struct lade_finding *finding)
{
	struct span value = { "", 0 };

	if (way->reg >= 0 && way->reg <= 9)
		value = lade_verifier_register_above(way->log, verdict->line, way->reg);
	if (!lade_verifier_is_pointer(&value) || !may_be_negative(&value))
		return;
	finding_cause(finding,
		      "a number is added to the pointer that may be negative for all that the verifier knows (a signed "
		      "one, or what a subtraction leaves): as an unsigned one it has no upper bound. What lacks is the "
		      "lower bound (not negative), even where "
		      "the upper one is tested");
	finding_fix(
		finding,
		"right before the access: if (i < 0 || i >= MAX) return 0; or mask it, i &= MAX - 1 (MAX a power of "
		"two), or make the index and all of which it is computed unsigned. Where the source does so, the proof "
		"was lost on the way: asm volatile(\"\" : \"+r\"(i)); before the test keeps the number in one "
		"register; "
		"of a tool of others: a newer version of it, or another kernel");
}

/* "r4 = *(u64 *)(r10 -216) ; R4_w=scalar() R10=fp0 fp-216=mmmmmmmm": the slot holds bytes, and no number. */
static bool is_of_bytes(const struct verifier_line *line)
{
	const char *end = line->text.text + strcspn(line->text.text, "\n"),
		   *at = memmem(line->text.text, (size_t)(end - line->text.text), "(r10 -", 6);
	char slot[32];
	int offset;

	if (!at || sscanf(at, "(r10 -%3d)", &offset) != 1)
		return false;
	(void)snprintf(slot, sizeof slot, " fp-%d=mmmmmmmm", offset);
	return memmem(at, (size_t)(end - at), "=scalar(", 8) && memmem(at, (size_t)(end - at), slot, strlen(slot));
}

static void name_spill(const struct verifier_way *way, struct lade_finding *finding)
{
	size_t fill = 0;

	while (fill < way->count && lade_verifier_is_way(&way->steps[fill], "copied"))
		fill++;
	if (fill == way->count || !lade_verifier_is_way(&way->steps[fill], "filled from the stack"))
		return;
	if (fill + 1 < way->count && lade_verifier_is_way(&way->steps[fill + 1], "wrote it to the stack")) {
		finding_evidence(
			finding,
			"the helper wrote the number at instruction %lld: a test of what was read before, be it "
			"of the same member, does not count for it; read once into a local variable, and test "
			"that",
			(long long)way->steps[fill + 1].line.number);
		return;
	}
	/* "invP5", "scalar(": its slot was followed, so its range is not lost. */
	if (is_of_bytes(&way->steps[fill].line))
		finding_evidence(
			finding,
			"on the stack, where it was read at instruction %lld, the verifier keeps nothing of the number "
			"(mmmmmmmm): each read of it is a new number, and a test of one does not count for the next: "
			"the test must be of the very register that is passed",
			(long long)way->steps[fill].line.number);
	else
		finding_evidence(
			finding,
			"the number lay on the stack until instruction %lld: kernels before 5.10 forget there which "
			"range was proven (of 32-bit variables before 5.16); then the test must stand behind it",
			(long long)way->steps[fill].line.number);
	if (finding->confidence == LADE_CERTAIN)
		finding_confidence(finding, LADE_LIKELY);
}

/* ---- a length that may be negative ---- */

/* Helpers that return how many bytes there are, or an error. */
static bool returns_length(const char *helper)
{
	static const char *const words[] = { "read",   "_str",           "get_stack",       "d_path",
					     "printf", "get_task_stack", "get_current_comm" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (strstr(helper, words[i]))
			return true;
	return false;
}

/* "r5 += -5" behind the call makes another number of it; shifts by 32 only extend its sign. */
static bool is_changed(const struct verifier_step *step)
{
	const struct span *text = &step->line.text;

	return lade_verifier_is_way(step, "changed") && !lade_search(text->text, text->length, "<<= 32", 6) &&
	       !lade_search(text->text, text->length, ">>= 32", 6);
}

static void name_length(const struct verifier_way *way, const struct verifier_verdict *verdict,
			struct lade_finding *finding)
{
	const struct verifier_step *call = way->count ? &way->steps[way->count - 1] : NULL;
	struct span name = lade_verifier_way_variable(way);
	char helper[64];

	/* Neither the variable nor what the helper returned is what is passed then. */
	for (size_t i = 0; i < way->count; i++)
		if (is_changed(&way->steps[i]))
			return;
	if (name.length)
		finding_fix(finding,
			    "test it right before the call: if (%.*s < 0) return 0; or make it unsigned and mask it: "
			    "%.*s &= SIZE - 1",
			    (int)name.length, name.text, (int)name.length, name.text);
	if (call && lade_verifier_is_way(call, "returned r0") &&
	    lade_verifier_helper_of(&call->line.text, helper, sizeof helper) && returns_length(helper))
		finding_cause(finding,
			      "the length is what %s() returned (instruction %lld), which is negative where it fails, "
			      "and nothing "
			      "excludes that at instruction %lld",
			      helper, (long long)call->line.number, (long long)verdict->instruction);
}

/* "trusted_ptr_task_struct(imm=3264)", "ptr_task_struct(off=8,imm=0)": was something added? */
static bool is_moved(const struct span *value)
{
	static const char *const keys[] = { "off=", "imm=" };
	size_t length = value->length ? strcspn(value->text, ")\n") : 0;

	for (size_t i = 0; i < ELEMENTS(keys); i++) {
		const char *at = lade_search(value->text, length, keys[i], strlen(keys[i]));
		if (at && at[4] != '0')
			return true;
	}
	return false;
}

/* "R1 is of type task_struct but task_struct is expected": the type is right, and where the pointer points is not. */
static void name_moved(const struct verifier_way *way, const struct verifier_verdict *verdict,
		       struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	struct span is = lade_span_behind(&line, " is of type "), wanted = lade_span_behind(&line, " but ");
	struct span value;

	if (!is.length || is.length != wanted.length || memcmp(is.text, wanted.text, is.length) != 0)
		return;
	value = lade_verifier_way_value(way, verdict);
	finding_cause(finding,
		      "R%d is a pointer to %.*s, as it must be, but something was added to it: the function takes the "
		      "address of the structure itself, not of a place within it",
		      way->reg, (int)is.length, is.text);
	finding_fix(finding,
		    "pass the pointer as it was got, without an offset: &p->member and p + n are other addresses");
	/* Two modules may have types of one name. */
	if (!is_moved(&value))
		finding_confidence(finding, LADE_LIKELY);
}

void lade_verifier_named(const struct verifier_way *way, const struct verifier_verdict *verdict,
			 struct lade_finding *finding)
{
	const char *or_null = lade_search(verdict->line, verdict->length, "or_null", strlen("or_null"));

	if (verdict->is_like)
		return;
	if (strcmp(finding->code, "verifier.deref.maybe-null") == 0 && or_null)
		lade_verifier_maybe_null(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.arg-type") == 0)
		name_type(way, verdict, finding);
	else if (lade_search(verdict->line, verdict->length, "alloc_insn=", strlen("alloc_insn=")))
		name_leak(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.stack.uninitialised") == 0)
		lade_verifier_slot(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.uninitialised") == 0)
		lade_verifier_unwritten(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.packet") == 0)
		lade_verifier_packet(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.context") == 0)
		name_field(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.socket") == 0)
		lade_verifier_context_field(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.return-value") == 0)
		lade_verifier_returned(verdict, finding);
	else if (strcmp(finding->code, "verifier.alignment") == 0)
		lade_verifier_alignment(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.core.poisoned") == 0)
		lade_verifier_poisoned(way, verdict, finding);
	else if (is_about_number(verdict))
		name_spill(way, finding);
	lade_verifier_lost_bound(way, verdict, finding);
	lade_verifier_own_bytes(way, verdict, finding);
	if (way->log)
		lade_verifier_joined_jump(way->log, verdict, finding);
	if (strcmp(finding->code, "verifier.bounds.unbounded") == 0)
		name_negative(way, verdict, finding);
	if (strcmp(finding->code, "verifier.pointer-arithmetic") == 0 && is_about_number(verdict))
		lade_verifier_lost_range(way, verdict, finding);
	if (strcmp(finding->code, "verifier.bounds.negative-size") == 0)
		name_length(way, verdict, finding);
	name_moved(way, verdict, finding);
	lade_verifier_object_state(way, verdict, finding);
	lade_verifier_callee(way, verdict, finding);
	lade_verifier_foreign(way, verdict, finding);
	lade_verifier_above_frame(&way->refused, verdict, finding);
	if (way->reg >= 0 && way->reg <= 9 &&
	    strncmp(finding->code, "verifier.bounds.", strlen("verifier.bounds.")) == 0)
		tell_state(way, verdict, finding);
}
