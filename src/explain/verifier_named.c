/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same cause and fix with the names of the program: which variable may be NULL and which call returned it, which
 * argument of which helper is of another type, what lies between a number's test and its use.
 */
#include "explain/verifier_named.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/search.h"
#include "explain/text.h"
#include "explain/verifier_numbers.h"
#include "explain/verifier_values.h"
#include "explain/verifier_origin.h"
#include "explain/verifier_values.h"

#define STATE_BYTES 200   /* of a state that is told */
#define PACKET_MAX  65535 /* bytes of a packet that the verifier follows */

static bool is_way(const struct verifier_step *step, const char *why)
{
	return strcmp(step->why, why) == 0;
}

/* The variable that holds it; an empty span: no source line tells. */
static struct span variable_of(const struct verifier_way *way)
{
	for (size_t i = 0; i < way->count; i++) {
		struct span name = lade_verifier_step_variable(&way->steps[i]);
		if (name.length)
			return name;
	}
	return (struct span){ "", 0 };
}

/* "call bpf_map_lookup_elem#1" → the helper's name; false: it is none that has a name. */
static bool helper_of(const struct span *call, char *name, size_t size)
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

/* ---- may be NULL ---- */

static const struct {
	const char *helper, *when;
} absent[] = {
	{ "bpf_map_lookup_percpu_elem", "where the map has no such key or the CPU does not exist" },
	{ "bpf_map_lookup_elem", "where the map has no such key" },
	{ "bpf_ringbuf_reserve", "where the ring buffer is full" },
	{ "bpf_sk_lookup_", "where there is no such socket" },
	{ "bpf_skc_lookup_", "where there is no such socket" },
	{ "bpf_sk_fullsock", "where it is no full socket" },
	{ "bpf_tcp_sock", "where it is no TCP socket" },
	{ "bpf_sk_storage_get", "where there is no storage yet, or none can be made" },
	{ "bpf_task_storage_get", "where there is no storage yet, or none can be made" },
	{ "bpf_inode_storage_get", "where there is no storage yet, or none can be made" },
	{ "bpf_cgrp_storage_get", "where there is no storage yet, or none can be made" },
	{ "bpf_dynptr_data", "where the slice lies outside" },
	{ "bpf_dynptr_slice", "where the slice lies outside" },
	{ "bpf_per_cpu_ptr", "where the CPU does not exist" },
	{ "bpf_kptr_xchg", "where nothing was stored" },
	{ "bpf_task_from_pid", "where there is no such process" },
	{ "bpf_obj_new", "where there is no memory" },
};

static const char *when_absent(const char *helper)
{
	for (size_t i = 0; i < ELEMENTS(absent); i++)
		if (strncmp(helper, absent[i].helper, strlen(absent[i].helper)) == 0)
			return absent[i].when;
	return "where it finds nothing";
}

/* "R0=map_value(ks=8,vs=8) R7=map_value_or_null(ks=8,vs=8)": kernels before 4.10 know a test for one register only. */
static bool name_copy(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	struct span value = lade_verifier_register_above(way->log, verdict->line, way->reg);
	const char *close = memchr(value.text, ')', value.length);

	if (!lade_span_starts(&value, "map_value_or_null(") || !close ||
	    lade_search(value.text, (size_t)(close - value.text), "id=", 3))
		return false;
	for (int reg = 0; reg < 10; reg++) {
		struct span other = { "", 0 };
		if (reg != way->reg)
			other = lade_verifier_register_above(way->log, verdict->line, reg);
		if (!lade_span_starts(&other, "map_value("))
			continue;
		finding_cause(
			finding,
			"R%d was copied before the pointer was tested as R%d: kernels before 4.10, as this one, know "
			"a test for the register that was tested, and not for its copies",
			way->reg, reg);
		finding_fix(finding,
			    "use the variable that was tested, right behind the test; where the compiler copies "
			    "it: asm volatile(\"\" : \"+r\"(value)); before the test; or a kernel from 4.10 on");
		finding_evidence(finding, "the state above has R%d=map_value and R%d=map_value_or_null", reg, way->reg);
		finding_confidence(finding, LADE_LIKELY);
		return true;
	}
	return false;
}

static bool is_read(const struct verifier_way *way)
{
	for (size_t i = 0; i < way->count; i++)
		if (is_way(&way->steps[i], "read from memory"))
			return true;
	return false;
}

static void name_null(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	const struct verifier_step *call = way->count ? &way->steps[way->count - 1] : NULL;
	struct span name = variable_of(way), map = { "", 0 };
	char helper[64], variable[80];

	/* What was read from memory is nobody's result. */
	if (name_copy(way, verdict, finding) || is_read(way))
		return;
	if (!call && !way->has_gap && way->reg >= 1 && way->reg <= 5 &&
	    lade_search(verdict->line, verdict->length, "'mem_or_null'", strlen("'mem_or_null'"))) {
		finding_cause(finding,
			      "the pointer is a parameter of a function that is not static: such a function is "
			      "verified alone, for any caller, and any may pass NULL");
		finding_fix(finding, "test it at the beginning of the function: if (!pointer) return 0; or make the "
				     "function static, or (6.9) tag the parameter __arg_nonnull");
		return;
	}
	if (!call || !is_way(call, "returned r0") || !helper_of(&call->line.text, helper, sizeof helper) ||
	    verdict->instruction < 0)
		return;
	if (strstr(helper, "map_lookup"))
		map = call->map;
	(void)snprintf(variable, sizeof variable, "%.*s", (int)(name.length < 64 ? name.length : 64), name.text);
	finding_cause(
		finding,
		"%s is what %s() returned (instruction %lld), which is NULL %s%s%.*s%s, and no test of it holds at "
		"instruction %lld",
		*variable ? variable : "the pointer", helper, (long long)call->line.number, when_absent(helper),
		map.length ? " (map " : "", (int)map.length, map.text, map.length ? ")" : "",
		(long long)verdict->instruction);
	finding_fix(finding, "test it between the two: if (!%s) return 0;", *variable ? variable : "pointer");
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
	{ "bpf_skb_ct_", "bpf_ct_release(%s);" },
	{ "bpf_xdp_ct_", "bpf_ct_release(%s);" },
};

static void say_release(const char *form, const char *variable, struct lade_finding *finding)
{
	const char *at = strstr(form, "%s");

	finding_fix(finding, "on the path that is told, too, before it returns: %.*s%s%s", (int)(at - form), form,
		    variable, at + 2);
}

static void name_leak(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	struct span name = variable_of(way);
	char helper[64], variable[80];

	if (!way->count || !helper_of(&way->steps[0].line.text, helper, sizeof helper))
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

/* ---- the packet ---- */

/* "umax=0xffff", "umax_value=65535" within the register's own brackets. */
static bool take_most(const struct span *value, unsigned long long *ret_most)
{
	const char *end = memchr(value->text, '(', value->length), *at = NULL;

	end = end ? memchr(end, ' ', value->length - (size_t)(end - value->text)) : NULL;
	end = end ? end : value->text + value->length;
	at = lade_search(value->text, (size_t)(end - value->text), "umax", 4);
	at = at ? memchr(at, '=', (size_t)(end - at)) : NULL;
	while (at && at + 1 < end && isalpha((unsigned char)at[1])) /* "umax=smax32=umax32=255" */
		at = memchr(at + 1, '=', (size_t)(end - at - 1));
	return at && sscanf(at + 1, "%lli", (long long *)(void *)ret_most) == 1;
}

/* Comparisons with data_end count for nothing where the offset may be greater than the verifier follows. */
static bool name_wide_offset(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     struct lade_finding *finding)
{
	struct span value = lade_verifier_register_above(way->log, verdict->line, way->reg);
	unsigned long long most;

	if (!lade_span_starts(&value, "pkt(") || !take_most(&value, &most) || most < PACKET_MAX)
		return false;
	finding_cause(finding,
		      "the variable that was added to the pointer may be as large as %llu, and beyond 65535 a "
		      "comparison with "
		      "data_end proves nothing to the verifier",
		      most);
	finding_fix(finding,
		    "bound it before it is added: if (offset > 1500) return …; or offset &= 0x7ff; then compare the "
		    "sum with data_end");
	return true;
}

/* With a variable in it, and nothing proven, a comparison may be there that does not count. */
static void doubt_comparison(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     struct lade_finding *finding)
{
	struct span value = lade_verifier_register_above(way->log, verdict->line, way->reg);
	unsigned long long most;

	if (!lade_search(verdict->line, verdict->length, "(id=", 4) ||
	    lade_search(verdict->line, verdict->length, "(id=0,", 6) ||
	    !lade_search(verdict->line, verdict->length, ",r=0)", 5) ||
	    (lade_span_starts(&value, "pkt(") && take_most(&value, &most) && most < PACKET_MAX))
		return;
	finding_evidence(
		finding,
		"or the comparison did not count, because the variable that was added may be larger than 65535: "
		"bound it first (if (size > 1500) return …;)");
	finding_confidence(finding, LADE_LIKELY);
}

static void name_packet(const struct verifier_way *way, const struct verifier_verdict *verdict,
			struct lade_finding *finding)
{
	if (name_wide_offset(way, verdict, finding))
		return;
	doubt_comparison(way, verdict, finding);
	if (lade_verifier_lacks_byte(verdict))
		finding_confidence(finding, LADE_LIKELY);
	struct span name = way->count ? lade_verifier_step_variable(&way->steps[0]) : (struct span){ "", 0 };

	if (name.length && lade_search(verdict->line, verdict->length, "(id=", 4) &&
	    !lade_search(verdict->line, verdict->length, "(id=0,", 6))
		finding_fix(
			finding,
			"compare the sum itself, right before the access: if ((void *)(%.*s + 1) > data_end) return …;",
			(int)name.length, name.text);
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

/* "… type=ctx expected=fp, pkt": the word behind the key. */
static struct span word_behind(const struct span *line, const char *key)
{
	const char *at = lade_search(line->text, line->length, key, strlen(key)), *end = line->text + line->length;
	struct span word = { at ? at + strlen(key) : end, 0 };

	while (word.text + word.length < end &&
	       (isalnum((unsigned char)word.text[word.length]) || word.text[word.length] == '_'))
		word.length++;
	return word;
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
		      "kind of definition (tc without libbpf and a section .maps), or was told not to create the map",
		      argument, helper);
	finding_fix(finding, "load with lade or a newer loader (tc -V names libbpf), or define the map as that loader "
			     "wants it; for tc without libbpf: struct bpf_elf_map in SEC(\"maps\")");
	finding_confidence(finding, LADE_LIKELY);
}

static void name_type(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	struct span is = word_behind(&line, " type="), wanted = word_behind(&line, " expected=");
	const char *is_words = type_of(&is), *wanted_words = type_of(&wanted);
	char helper[64];

	if (!is.length || !wanted.length || way->reg < 1 || way->reg > 5 ||
	    !helper_of(&way->refused, helper, sizeof helper))
		return;
	CLEANUP(cleanup_free) char *is_text = is_words ? NULL : lade_text_of(&is);
	CLEANUP(cleanup_free) char *wanted_text = wanted_words ? NULL : lade_text_of(&wanted);
	bool has_more = wanted.text + wanted.length < line.text + line.length && wanted.text[wanted.length] == ',';
	finding_cause(finding, "argument %d of %s() is %s, and must be %s%s", way->reg, helper,
		      is_words ? is_words : is_text, wanted_words ? wanted_words : wanted_text,
		      has_more ? " or one of the other types named" : "");
	if (wanted_words && strcmp(wanted_words, "an address on the stack") == 0)
		finding_fix(finding, "put it into a local variable and pass its address: T copy = …; %s(…, &copy, …)",
			    helper);
	else if (wanted_words && strcmp(wanted_words, "the context") == 0)
		finding_fix(finding, "pass ctx as the program got it, not a member of it and not a copy");
	else if (wanted_words && strcmp(wanted_words, "a map") == 0 && is_unfilled(way))
		name_unfilled(way->reg, helper, finding);
	else if (wanted_words && strcmp(wanted_words, "a map") == 0)
		finding_fix(finding, "pass &map, the map itself, not a value of it");
	else if (wanted_words)
		finding_fix(finding, "pass %s there", wanted_words);
}

/* ---- the context ---- */

/* "*(u32 *)(r6 +24) = r1" and "lock *(u32 *)…": a store, and not a load. */
static void name_context(const struct verifier_way *way, const struct verifier_verdict *verdict,
			 struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	struct span offset = word_behind(&line, " off="), size = word_behind(&line, " size=");

	if (!lade_span_starts(&line, "invalid bpf_context access") || !offset.length || !size.length ||
	    (!lade_span_starts(&way->refused, "*(") && !lade_span_starts(&way->refused, "lock *(")))
		return;
	finding_cause(
		finding,
		"the program writes %.*s bytes at offset %.*s of the context, where programs of this type or hook "
		"may not write (they may read it, if it is a field of theirs at all)",
		(int)size.length, size.text, (int)offset.length, offset.text);
	finding_fix(finding, "leave the assignment to this field away, or use the helper that changes it; only some "
			     "fields may be written (of __sk_buff mark, priority and cb; of bpf_sock_ops reply; of "
			     "bpf_sock_addr the address and the port)");
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

static void name_spill(const struct verifier_way *way, struct lade_finding *finding)
{
	size_t fill = 0;

	while (fill < way->count && is_way(&way->steps[fill], "copied"))
		fill++;
	if (fill == way->count || !is_way(&way->steps[fill], "filled from the stack"))
		return;
	/* "invP5", "scalar(": its slot was followed, so its range is not lost. */
	finding_evidence(
		finding,
		"the number lay on the stack until instruction %lld: kernels before 5.10 forget there which range "
		"was proven (of 32-bit variables before 5.16); then the test must stand behind it",
		(long long)way->steps[fill].line.number);
	if (finding->confidence == LADE_CERTAIN)
		finding_confidence(finding, LADE_LIKELY);
}

/* ---- the stack ---- */

/* "*(u64 *)(r10 -32) = r0": only whole slots keep a pointer. Length 0: the log has none. */
static struct verifier_line store_in(const struct verifier_way *way, const char *end, int slot)
{
	char text[32];
	int length = snprintf(text, sizeof text, "*(u64 *)(r10 %d) = r", slot);
	const char *at = memmem(way->log, (size_t)(end - way->log), text, (size_t)length), *start;
	struct verifier_line none = { .text = { end, 0 } };

	if (!at)
		return none;
	start = memrchr(way->log, '\n', (size_t)(at - way->log));
	start = start ? start + 1 : way->log;
	struct verifier_line line = lade_verifier_line(start, strcspn(start, "\n"));
	return line.kind == VERIFIER_INSTRUCTION ? line : none;
}

/* Where the log tells nothing of the slot, an instruction may have stored in it what the message calls nothing. */
static void name_store(const struct verifier_way *way, const struct verifier_verdict *verdict, int slot,
		       struct lade_finding *finding)
{
	struct verifier_line store = store_in(way, verdict->line, slot);

	finding_confidence(finding, LADE_LIKELY);
	if (!store.text.length) {
		finding_evidence(
			finding,
			"what was written there before, the log does not show: it may be a pointer, too, which "
			"is no data for a helper (the argument is the address of a pointer: drop the &)");
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

/* Does the log begin with the program? */
static bool has_begin(const struct verifier_way *way, const char *end)
{
	return lade_span_starts(&(struct span){ way->log, (size_t)(end - way->log) }, "0: ") ||
	       memmem(way->log, (size_t)(end - way->log), "\n0: ", 4);
}

/* A pointer that lies on the stack is no data, for kernels that do not trust the loader with addresses, and older ones.
 */
static void name_slot(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	const char *end = verdict->line + verdict->length,
		   *at = lade_search(verdict->line, verdict->length, " off -", 6);
	int64_t offset, hole;
	struct span value;

	if (!at)
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
		      "a pointer lies there on the stack (%.*s), and to this kernel or without CAP_PERFMON a pointer "
		      "is no data "
		      "that a helper may read",
		      (int)(value.length < 24 ? strcspn(value.text, "( \n") : 24), value.text);
	finding_fix(finding, "store a number that was made of it, not the pointer; or run a newer kernel as root");
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

static void name_length(const struct verifier_way *way, const struct verifier_verdict *verdict,
			struct lade_finding *finding)
{
	const struct verifier_step *call = way->count ? &way->steps[way->count - 1] : NULL;
	struct span name = variable_of(way);
	char helper[64];

	if (name.length)
		finding_fix(finding,
			    "test it right before the call: if (%.*s < 0) return 0; or make it unsigned and mask it: "
			    "%.*s &= SIZE - 1",
			    (int)name.length, name.text, (int)name.length, name.text);
	if (call && is_way(call, "returned r0") && helper_of(&call->line.text, helper, sizeof helper) &&
	    returns_length(helper))
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
	struct span is = word_behind(&line, " is of type "), wanted = word_behind(&line, " but ");
	struct span value;

	if (!is.length || is.length != wanted.length || memcmp(is.text, wanted.text, is.length) != 0)
		return;
	value = lade_verifier_register_above(way->log, way->refused.length ? way->refused.text : verdict->line,
					     way->reg);
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
		name_null(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.arg-type") == 0)
		name_type(way, verdict, finding);
	else if (lade_search(verdict->line, verdict->length, "alloc_insn=", strlen("alloc_insn=")))
		name_leak(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.stack.uninitialised") == 0)
		name_slot(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.packet") == 0)
		name_packet(way, verdict, finding);
	else if (strcmp(finding->code, "verifier.context") == 0)
		name_context(way, verdict, finding);
	else if (is_about_number(verdict))
		name_spill(way, finding);
	if (strcmp(finding->code, "verifier.bounds.negative-size") == 0)
		name_length(way, verdict, finding);
	name_moved(way, verdict, finding);
	lade_verifier_above_frame(&way->refused, verdict, finding);
	if (way->reg >= 0 && way->reg <= 9 &&
	    strncmp(finding->code, "verifier.bounds.", strlen("verifier.bounds.")) == 0)
		tell_state(way, verdict, finding);
}
