/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "invalid bpf_context access off=160 size=4": which field lies there, and since when. Where the text does not tell
 * which structure the context is, each that has a field there is named, the newest field first, which most likely is
 * the one that an older kernel lacks. 8 bytes at once where the fields have 4 are two reads that the compiler joined.
 */
#include "explain/verifier/context_field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/kernels/kernels.h"
#include "explain/verifier/context_table.h"
#include "explain/verifier/context_which.h"

#define NAMED_MAX 3             /* structures that are named where it may be any */
#define NEW       (4 << 8 | 10) /* no kernel that is older is met any more */

#define TCP "bpf_tcp_sock" /* no context, but what bpf_tcp_sock() returns */

struct access {
	unsigned long offset, size;
};

struct asked_context {
	struct access access;
	const char *structure;             /* that the message names; NULL: the program's context, … */
	uint32_t which;                    /* … that may be these */
	const struct kernel_known *kernel; /* NULL: not known */
};

/* What is said of an access, and of which structure; NULL: of the program's context, whichever that is. */
static const struct {
	const char *words, *structure;
} messages[] = {
	{ "invalid bpf_context access off=", NULL },
	{ " invalid sock access off=", "bpf_sock" },
	{ " invalid tcp_sock access off=", TCP },
};

static const char *string(uint16_t offset)
{
	return lade_context_text + offset;
}

static uint16_t version_of(const struct context_field *field)
{
	uint16_t version = 0;

	(void)lade_kernel_parse(string(field->since), &version);
	return version;
}

/* Arrays of numbers are read one by one; of these few two at once. */
static unsigned long element_of(const struct context_field *field)
{
	static const char *const wide[] = { "cb", "user_ip6", "msg_src_ip6" };

	for (size_t i = 0; i < ELEMENTS(wide); i++)
		if (strcmp(string(field->field), wide[i]) == 0)
			return 8;
	return field->size > 8 ? 4 : field->size;
}

/* An access that lies within the field whole. */
static bool covers(const struct context_field *field, const struct access *access)
{
	return access->offset >= field->offset && access->size <= element_of(field) &&
	       access->offset + access->size <= (unsigned long)field->offset + field->size;
}

/* The structure came later than the kernel. */
static bool is_too_new(const struct context_field *field, const struct kernel_known *kernel)
{
	if (!kernel || !kernel->high)
		return false;
	for (size_t i = 0; i < lade_context_field_count; i++)
		if (lade_context_fields[i].structure == field->structure &&
		    version_of(&lade_context_fields[i]) <= kernel->high)
			return false;
	return true;
}

/* Where the message names none: what a program gets as its context. */
static bool may_be(size_t index, const struct asked_context *asked)
{
	const struct context_field *field = &lade_context_fields[index];

	if (asked->structure)
		return strcmp(string(field->structure), asked->structure) == 0;
	return strcmp(string(field->structure), TCP) != 0 && (asked->which & lade_context_bit((uint16_t)index)) &&
	       !is_too_new(field, asked->kernel);
}

/* Those that fit, the newest first; how many. */
static size_t find(const struct asked_context *asked, const struct context_field **ret_fields)
{
	size_t count = 0;

	for (size_t i = 0; i < lade_context_field_count; i++) {
		const struct context_field *field = &lade_context_fields[i];
		size_t at = count;
		if (!covers(field, &asked->access) || !may_be(i, asked))
			continue;
		while (at && version_of(ret_fields[at - 1]) < version_of(field))
			at--;
		if (at >= NAMED_MAX)
			continue;
		count += count < NAMED_MAX;
		for (size_t j = count - 1; j > at; j--)
			ret_fields[j] = ret_fields[j - 1];
		ret_fields[at] = field;
	}
	return count;
}

/* ---- two fields at once ---- */

/* The field at this very place of which the access reads more than it has. */
static const struct context_field *find_narrow(const struct asked_context *asked, unsigned long offset)
{
	const struct context_field *found = NULL;

	for (size_t i = 0; i < lade_context_field_count; i++) {
		const struct context_field *field = &lade_context_fields[i];
		if (offset < field->offset || offset >= (unsigned long)field->offset + field->size ||
		    element_of(field) >= asked->access.size || (offset - field->offset) % element_of(field) ||
		    !may_be(i, asked))
			continue;
		if (found)
			return NULL; /* of several structures */
		found = field;
	}
	return found;
}

static void say_joined(const struct asked_context *asked, struct lade_finding *finding)
{
	const struct context_field *first = find_narrow(asked, asked->access.offset);
	const unsigned long behind = asked->access.offset + (first ? element_of(first) : 0);
	const struct context_field *second = first ? find_narrow(asked, behind) : NULL;

	if (!first || !second || first->structure != second->structure)
		return;
	finding_cause(
		finding,
		"%lu bytes are read at once at offset %lu of struct %s, where %s and %s%s lie, of %lu bytes each: "
		"the compiler joined the reads of neighbours into one, and the context is only read field by field",
		asked->access.size, asked->access.offset, string(first->structure), string(first->field),
		first == second ? "the next of it" : string(second->field),
		first == second ? ", elements of an array," : "", element_of(first));
	finding_fix(
		finding,
		"keep the reads apart: each through volatile (*(volatile __u32 *)&ctx->%s), or asm volatile(\"\" ::: "
		"\"memory\"); between the two, or into local variables with a use in between; no copy of several "
		"fields by = or memcpy; where the source reads one field only: its context parameter has the wrong "
		"type",
		string(first->field));
	finding_confidence(finding, LADE_LIKELY);
	finding->is_shown = true;
}

/* ---- words ---- */

static const char told[] = "if the context is a struct ";

static void tell(const struct context_field *field, unsigned long offset, struct lade_finding *finding)
{
	const char *who = string(field->who);

	finding_evidence(finding, "%s%s: offset %lu is %s, which came with kernel %s%s%s%s", told,
			 string(field->structure), offset, string(field->field), string(field->since), *who ? " (" : "",
			 who, *who ? ")" : "");
}

/* Of a kernel that is known the age is no question. */
static bool is_older(const struct context_field *field, const struct kernel_known *kernel)
{
	return kernel && kernel->high && kernel->high < version_of(field);
}

static bool may_be_older(const struct context_field *field, const struct kernel_known *kernel)
{
	return version_of(field) >= NEW && !(kernel && kernel->low >= version_of(field));
}

/* The source, the message or the program's type says which structure it is. */
static void say(const struct context_field *field, const struct asked_context *asked, struct lade_finding *finding)
{
	const char *who = string(field->who);
	const bool is_new = may_be_older(field, asked->kernel);
	char own[KERNEL_VERSION_BYTES] = "";

	if (is_older(field, asked->kernel)) {
		lade_kernel_spell(asked->kernel->high, own);
		finding_cause(finding,
			      "offset %lu is %s of struct %s%s%s%s, which came with kernel %s, and this one is %s%s",
			      asked->access.offset, string(field->field), string(field->structure), *who ? " (" : "",
			      who, *who ? ")" : "", string(field->since), own,
			      asked->kernel->low == asked->kernel->high ? "" : " or older");
		finding_confidence(finding, LADE_LIKELY);
		return;
	}
	finding_cause(finding,
		      "offset %lu is %s of struct %s%s%s%s: %s%s%sprograms of this type or hook may not read it so",
		      asked->access.offset, string(field->field), string(field->structure), *who ? " (" : "", who,
		      *who ? ")" : "", is_new ? "the kernel is older than " : "", is_new ? string(field->since) : "",
		      is_new ? ", which brought it, or " : "");
}

static const char fields_only[] =
	"only the fields that the structure has for this program type and attach point, each in "
	"its full width and one by one: look at the section name";

static void advise(const struct context_field *field, const struct asked_context *asked, struct lade_finding *finding)
{
	if (is_older(field, asked->kernel))
		finding_fix(
			finding,
			"a kernel from %s on, or leave %s out where the kernel is older (an object of its own, or a "
			"constant in .rodata that the loader sets)",
			string(field->since), string(field->field));
	else if (may_be_older(field, asked->kernel))
		finding_fix(finding,
			    "uname -r: where the kernel is older than %s, a newer one, or leave %s out for it; else %s",
			    string(field->since), string(field->field), fields_only);
	else if (version_of(field) >= NEW)
		finding_fix(finding, "%s", fields_only);
}

/* The structure is known, and ends before. */
static void say_outside(const struct asked_context *asked, struct lade_finding *finding)
{
	const struct context_field *last = NULL;

	for (size_t i = 0; i < lade_context_field_count; i++) {
		const struct context_field *field = &lade_context_fields[i];
		if (!may_be(i, asked))
			continue;
		if ((last && last->structure != field->structure) ||
		    asked->access.offset < (unsigned long)field->offset + field->size)
			return;
		last = field;
	}
	if (!last)
		return;
	finding_cause(
		finding,
		"struct %s has nothing at offset %lu: its last field, %s, ends at %lu. The source reads another "
		"structure there (a parameter of the wrong type, a cast), or the program has another type than meant",
		string(last->structure), asked->access.offset, string(last->field),
		(unsigned long)last->offset + last->size);
}

#define RECORD_HEAD 8 /* bytes of a tracepoint's record that all records have */

/* The record's type, flags and process are the kernel's own. */
static void say_record(const struct asked_context *asked, struct lade_finding *finding)
{
	finding_cause(finding,
		      "the context is the record of a tracepoint, of which no program may read the first %u bytes "
		      "(common_type, common_flags, common_preempt_count, common_pid): offset %lu is one of them. A "
		      "field that "
		      "the source means to lie behind them is declared too far in front where the structure lacks "
		      "these bytes",
		      RECORD_HEAD, asked->access.offset);
	finding_fix(finding,
		    "leave them out: bpf_get_current_pid_tgid() gives the process and bpf_get_current_comm() its name; "
		    "a structure of your own begins with __u64 common; and goes on as cat "
		    "/sys/kernel/tracing/events/CATEGORY/EVENT/format says (or struct trace_event_raw_EVENT of "
		    "vmlinux.h); do not copy the whole record, only its fields");
	finding_confidence(finding, LADE_LIKELY);
}

static void answer(const struct asked_context *asked, struct lade_finding *finding)
{
	const struct context_field *fields[NAMED_MAX];
	const size_t count = find(asked, fields);

	if (!asked->structure && asked->which == CONTEXT_RECORD && asked->access.offset < RECORD_HEAD) {
		say_record(asked, finding);
		return;
	}
	if (!count) {
		if (asked->which != CONTEXT_ANY)
			finding_fix(finding, "%s", fields_only);
		say_joined(asked, finding);
		if (asked->which != CONTEXT_ANY)
			say_outside(asked, finding);
		return;
	}
	if (count == 1 && (asked->structure || asked->which != CONTEXT_ANY))
		say(fields[0], asked, finding);
	else
		for (size_t i = 0; i < count; i++)
			if (version_of(fields[i]) >= NEW)
				tell(fields[i], asked->access.offset, finding);
	advise(fields[0], asked, finding);
}

/* false: it is none of the messages, or no plain access to one field. */
static bool take_access(const struct span *line, struct asked_context *asked)
{
	const struct span bytes = lade_span_behind(line, " size=");

	for (size_t i = 0; i < ELEMENTS(messages); i++) {
		const struct span at = lade_span_behind(line, messages[i].words);
		if (!at.length || !bytes.length)
			continue;
		asked->structure = messages[i].structure;
		asked->access = (struct access){ strtoul(at.text, NULL, 10), strtoul(bytes.text, NULL, 10) };
		return asked->access.size && asked->access.offset % asked->access.size == 0;
	}
	return false;
}

void lade_verifier_context_field(const struct verifier_way *way, const struct verifier_verdict *verdict,
				 struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	const bool is_write = lade_span_starts(&way->refused, "*(") || lade_span_starts(&way->refused, "lock *(");
	struct asked_context asked = { .which = CONTEXT_ANY };

	if (is_write || !take_access(&line, &asked))
		return;
	if (way->log)
		asked.which = lade_context_by_log(&(struct span){ way->log, strlen(way->log) });
	answer(&asked, finding);
}

/* ---- the whole text ---- */

/* Without what was told before. */
static void forget(struct lade_finding *finding)
{
	struct strings kept = { 0 };

	array_foreach(line, &finding->evidence)
		if (strncmp(*line, told, strlen(told)) != 0)
			(void)lade_strings_add(&kept, *line);
	lade_strings_clear(&finding->evidence);
	finding->evidence = kept;
}

void lade_verifier_context_again(const struct context_clues *clues, struct lade_finding *finding)
{
	const struct span line = { finding->message, strlen(finding->message) };
	struct asked_context asked = { .which = clues->which, .kernel = clues->kernel };

	if (!take_access(&line, &asked))
		return;
	forget(finding);
	answer(&asked, finding);
	if (clues->is_guess && finding->confidence == LADE_CERTAIN && asked.which != CONTEXT_ANY &&
	    strncmp(finding->cause, "this access ", strlen("this access ")) != 0)
		finding_confidence(finding, LADE_LIKELY);
}
