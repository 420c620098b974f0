/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses outside of a map's value or key, or of other memory. Newer kernels say in a line behind whether it is the
 * least or the largest offset of the register that lies outside, also where it has but one. Who posts a log may leave
 * that line out: without it only the register's state tells whether the offset is constant.
 */
#include "explain/verifier/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/text.h"
#include "explain/verifier/line.h"
#include "explain/verifier/numbers.h"
#include "explain/verifier/values.h"

struct access {
	const char *what;
	int64_t has_bytes, offset, size;
	bool is_min, is_max; /* by the line behind */
};

/* ---- the message ---- */

static const struct {
	const char *begins, *size, *what;
} objects[] = {
	{ "invalid access to map value, value_size=", "value_size=", "map's value" },
	{ "map value, value_size=", "value_size=", "map's value" }, /* who posts it may cut off its beginning */
	{ "invalid access to key, key_size=", "key_size=", "map's key" },
	{ "invalid access to map key, key_size=", "key_size=", "map's key" },
	{ "invalid access to memory, mem_size=", "mem_size=", "memory" },
};

static bool has(const struct verifier_verdict *verdict, const char *words)
{
	return lade_search(verdict->line, verdict->length, words, strlen(words)) ||
	       (verdict->after && lade_search(verdict->after, verdict->after_length, words, strlen(words)));
}

static bool take_access(const struct verifier_verdict *verdict, struct access *access)
{
	const struct span line = { verdict->line, verdict->length };

	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		if (!lade_span_starts(&line, objects[i].begins))
			continue;
		access->what = objects[i].what;
		access->is_min = has(verdict, "min value is outside");
		access->is_max = has(verdict, "max value is outside");
		return lade_verifier_field(&line, objects[i].size, &access->has_bytes) &&
		       lade_verifier_field(&line, " off=", &access->offset) &&
		       lade_verifier_field(&line, " size=", &access->size) && access->has_bytes >= 0 &&
		       access->size >= 0;
	}
	return false;
}

/* ---- words ---- */

static const char *bytes(int64_t count)
{
	return count == 1 ? "byte" : "bytes";
}

/* How the offset comes to be what the message says, as the beginning of a sentence. */
static const char *by_which(const struct access *access, enum object_offset known)
{
	if (access->is_max || known == OFFSET_LARGEST)
		return "at worst (what is proven of the offset allows no better),";
	if (known == OFFSET_CONSTANT)
		return "by its constant offset";
	if (access->is_min || known == OFFSET_LEAST || access->offset < 0)
		return "with the least value that its offset may have,";
	return "with a value that its offset may have (its only one, its least or its largest),";
}

static void say_nothing_passed(const struct access *access, struct lade_finding *finding)
{
	finding_cause(finding,
		      "the length that is passed with this %s is 0, or a variable that may be 0, which this argument "
		      "does not allow",
		      access->what);
	finding_fix(finding, "pass the length that is meant (bpf_trace_printk() takes the text's size as its second "
			     "argument: bpf_printk() passes it); where it is a variable, " TEST_LENGTH);
}

/* Its length, too, but no other one would help. */
static void say_nothing_behind(const struct access *access, struct lade_finding *finding)
{
	finding_cause(finding,
		      "the pointer is, or may be, at offset %lld, and the %s has %lld %s: that is behind the end, "
		      "whatever the length "
		      "is (the least one, 0, was looked at)",
		      (long long)access->offset, access->what, (long long)access->has_bytes, bytes(access->has_bytes));
	finding_fix(finding,
		    "the offset, counted from where the object begins, must be below %lld: where a variable is in it, "
		    "test that right before the call; or make the object larger",
		    (long long)access->has_bytes);
}

static void say_before(const struct access *access, enum object_offset known, struct lade_finding *finding)
{
	finding_cause(finding, "%s the access begins %lld %s before the %s", by_which(access, known),
		      -(long long)access->offset, bytes(-access->offset), access->what);
	finding_fix(
		finding, "%s",
		known == OFFSET_CONSTANT
			? "count from where the object begins: what lies before it cannot be accessed (a wrong "
			  "cast, or a member's offset that was subtracted)"
		: access->is_min
			? "what is subtracted is the reason, as the variable itself is not negative: of array[i - 1] "
			  "test that i is large enough (if (i < 1) return 0;); without a variable count from where "
			  "the object begins (a wrong cast, or a member's offset that was subtracted)"
			: "make the index unsigned, or test it: if (index < 0) return 0;");
}

/* An index without a bound would begin far behind it. */
static void say_large(const struct access *access, struct lade_finding *finding)
{
	finding_evidence(
		finding,
		"it begins within the %s and ends %lld bytes behind it: where the index is bounded, what is read is "
		"larger than what lies there: as a structure whose size follows the running kernel (a cpumask) and was "
		"smaller when the object was built",
		access->what, (long long)(access->offset + access->size - access->has_bytes));
	finding_fix(finding,
		    "%s; where the index is right, pass a smaller length, or make what lies there as large as the "
		    "running kernel has it (build with its vmlinux.h, or let the kernel allocate it)",
		    finding->fix);
}

static const char *what_to_do(const struct access *access, enum object_offset known)
{
	if (access->is_max || known == OFFSET_LARGEST)
		return "test the variable right before the access, so that the offset, counted from where the object "
		       "begins, is %lld at most";
	if (known == OFFSET_UNKNOWN && !access->is_min)
		return "the offset, counted from where the object begins, may be %lld at most: where a variable is in "
		       "it, test that right before the access; or make the object larger";
	return "the offset may be %lld at most; or make the object larger";
}

static void say_behind(const struct access *access, enum object_offset known, struct lade_finding *finding)
{
	char most[24];
	const char *todo = what_to_do(access, known), *at = strstr(todo, "%lld");

	finding_cause(finding,
		      "%s the access of %lld %s begins at offset %lld and ends behind the %s, which has %lld %s",
		      by_which(access, known), (long long)access->size, bytes(access->size), (long long)access->offset,
		      access->what, (long long)access->has_bytes, bytes(access->has_bytes));
	(void)snprintf(most, sizeof most, "%lld", (long long)(access->has_bytes - access->size));
	finding_fix(finding, "%.*s%s%s", (int)(at - todo), todo, most, at + strlen("%lld"));
	if (access->is_max && access->size > 8 && access->offset < access->has_bytes)
		say_large(access, finding);
}

static void say(const struct access *access, enum object_offset known, struct lade_finding *finding)
{
	if (access->offset < 0) {
		say_before(access, known, finding);
	} else if (access->size == 0 && access->offset <= access->has_bytes) {
		say_nothing_passed(access, finding);
	} else if (access->size == 0) {
		say_nothing_behind(access, finding);
	} else if (access->size > access->has_bytes) {
		finding_cause(finding, "%lld %s are accessed at once, and the %s has only %lld",
			      (long long)access->size, bytes(access->size), access->what, (long long)access->has_bytes);
		finding_fix(finding, "pass at most %lld as length, or make the %s larger", (long long)access->has_bytes,
			    access->what);
	} else {
		say_behind(access, known, finding);
	}
}

void lade_verifier_object(const struct verifier_verdict *verdict, enum object_offset known,
			  struct lade_finding *finding)
{
	struct access access = { 0 };

	if (take_access(verdict, &access))
		say(&access, known, finding);
}

/* ---- the register's state ---- */

/* "map_value(ks=4,vs=64,umax=255,var_off=(0x0; 0xff)) R2=…": without what follows. */
static struct span state_of(const struct span *value)
{
	size_t length = 0;
	unsigned depth = 0;

	for (; length < value->length && (depth || value->text[length] != ' ') && value->text[length] != '\n'; length++)
		depth += (unsigned)(value->text[length] == '(') - (unsigned)(depth && value->text[length] == ')');
	return (struct span){ value->text, length };
}

/* "umax=255", "smax=umax=smax32=umax32=255", "umax_value=255": of what is added to the constant part. */
static bool take_largest(const struct span *state, int64_t *ret_largest)
{
	static const char *const keys[] = { "umax_value=", "umax=" };

	for (size_t i = 0; i < ELEMENTS(keys); i++) {
		const char *at = lade_search(state->text, state->length, keys[i], strlen(keys[i]));
		const char *end = state->text + state->length;
		if (!at)
			continue;
		at += strlen(keys[i]);
		for (const char *equals; (equals = memchr(at, '=', strcspn(at, ",)\n"))); at = equals + 1)
			;
		return lade_verifier_number(&at, end, ret_largest);
	}
	return false;
}

static bool is_variable(const struct span *state)
{
	static const char *const marks[] = { "var_off=", "min=", "max=", "min_value=", "max_value=", "_adj(" };

	for (size_t i = 0; i < ELEMENTS(marks); i++)
		if (lade_search(state->text, state->length, marks[i], strlen(marks[i])))
			return true;
	return false;
}

/* "r2 = *(u64 *)(r4 +8)": what the instruction itself adds; of a call nothing. */
static int64_t added_by(const struct span *instruction)
{
	static const char mark[] = " *)(r";
	const char *end = instruction->text + instruction->length;
	const char *at = lade_search(instruction->text, instruction->length, mark, strlen(mark));
	int64_t added = 0;

	at = at ? memchr(at + strlen(mark), ' ', (size_t)(end - at) - strlen(mark)) : NULL;
	if (!at || ++at == end)
		return 0;
	at += *at == '+';
	return lade_verifier_number(&at, end, &added) ? added : 0;
}

/* Is it the largest offset that the state allows of which the message tells? */
static bool is_largest(const struct span *state, const struct span *refused, int64_t offset)
{
	int64_t constant = 0, largest;

	if (!take_largest(state, &largest) || !refused->length)
		return false;
	(void)lade_verifier_field(state, ",off=", &constant);
	return constant + largest + added_by(refused) == offset;
}

/* ---- the second line alone ---- */

/* "w4 = w9", the last before the call: length 0: it is not there. */
static struct verifier_line set_before(const char *log, const char *end, int reg)
{
	while (end > log) {
		const struct span text = lade_verifier_line_before(log, end);
		const struct verifier_line line = lade_verifier_line(text.text, text.length);
		const char *at = line.text.text;
		end = text.text;
		if (line.kind == VERIFIER_EDGE)
			break;
		if (line.kind == VERIFIER_INSTRUCTION && line.text.length > 3 && (*at == 'r' || *at == 'w') &&
		    at[1] == '0' + reg && at[2] == ' ')
			return line;
	}
	return (struct verifier_line){ .number = -1 };
}

/* Is the argument behind the pointer its length? Those of maps have none. */
static bool may_have_length(const struct verifier_way *way, const struct span *value)
{
	return way->reg >= 1 && way->reg <= 4 && lade_span_starts(&way->refused, "call ") &&
	       !lade_search(way->refused.text, way->refused.length, "bpf_map_", strlen("bpf_map_")) &&
	       !lade_verifier_is_pointer(value);
}

/* "64", "inv1024", "scalar(umin=1,…": above 0 as a state says; false: it may be 0, or nobody knows. */
static bool is_above_zero(const struct span *value)
{
	const struct span state = state_of(value);
	const char *at = state.text, *end = at + state.length;
	int64_t least = 0;

	while (at < end && (*at == 'i' || *at == 'n' || *at == 'v' || *at == 'P'))
		at++;
	if (at < end && *at != '(' && lade_verifier_number(&at, end, &least))
		return least > 0;
	return (lade_verifier_field(&state, "umin=", &least) || lade_verifier_field(&state, "umin_value=", &least)) &&
	       least > 0;
}

static void say_no_length(const struct verifier_way *way, const struct verifier_verdict *verdict,
			  struct lade_finding *finding)
{
	const struct verifier_line set = set_before(way->log, verdict->line, way->reg + 1);
	CLEANUP(cleanup_free) char *text = set.number >= 0 ? lade_text_of(&set.text) : NULL;

	if (text)
		finding_evidence(finding, "the length that is passed with it, R%d, is set by %lld: %s", way->reg + 1,
				 (long long)set.number, text);
	finding_cause(
		finding,
		"the length that is passed with this pointer (R%d) is 0 or may be, for all that the verifier knows "
		"(the least one is looked at with the pointer's least offset); else the pointer itself lies, at its "
		"least or only offset, before or behind the object. The line before this one tells which: size=0 "
		"is the length",
		way->reg + 1);
	finding_fix(finding, "where it is a variable, " TEST_LENGTH);
}

/* "R3 min value is outside of the allowed memory range", and the line with the numbers is not there. */
static void say_least(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	static const char words[] = "min value is outside";
	const struct span value = way->reg >= 1 && way->reg <= 4
					  ? lade_verifier_register_above(way->log, verdict->line, way->reg + 1)
					  : (struct span){ "", 0 };

	if (!lade_search(verdict->line, verdict->length, words, strlen(words)) || !way->refused.length)
		return;
	if (may_have_length(way, &value) && !is_above_zero(&value))
		say_no_length(way, verdict, finding);
}

void lade_verifier_object_state(const struct verifier_way *way, const struct verifier_verdict *verdict,
				struct lade_finding *finding)
{
	struct access access = { 0 };
	struct span value, state;

	say_least(way, verdict, finding);
	if (way->reg < 0 || way->reg > 9 || !take_access(verdict, &access) || access.is_max)
		return;
	value = lade_verifier_register_above(way->log, verdict->line, way->reg);
	state = state_of(&value);
	if (!state.length || !lade_verifier_is_pointer(&state) || state.text[state.length - 1] != ')')
		return;
	if (!is_variable(&state))
		say(&access, OFFSET_CONSTANT, finding);
	else if (!access.is_min && is_largest(&state, &way->refused, access.offset))
		say(&access, OFFSET_LARGEST, finding);
}
