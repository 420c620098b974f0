/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the numbers of a message say: how many bytes are proven and how many the access needs, which byte of the stack
 * was not written, where behind the end the access lies. Better words than those of the message's family.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/verifier/verdict.h"
#include "explain/text.h"
#include "explain/reading/search.h"
#include "explain/verifier/line.h"
#include "explain/verifier/numbers.h"
#include "explain/verifier/object.h"

#define DIGITS_MAX 12 /* of a number; the verifier's offsets have ten at most */
#define FRAME      512

bool lade_verifier_number(const char **at, const char *end, int64_t *ret_number)
{
	const char *text = *at;
	bool is_negative = text < end && *text == '-';
	int64_t number = 0;
	size_t digits = 0;

	text += is_negative;
	for (; text < end && digits <= DIGITS_MAX && isdigit((unsigned char)*text); text++, digits++)
		number = number * 10 + (*text - '0');
	if (!digits || digits > DIGITS_MAX)
		return false;
	*at = text;
	*ret_number = is_negative ? -number : number;
	return true;
}

/* "off=12 …": the number behind the first place where the key stands. */
bool lade_verifier_field(const struct span *line, const char *key, int64_t *ret_number)
{
	const char *at = lade_search(line->text, line->length, key, strlen(key));

	if (!at)
		return false;
	at += strlen(key);
	return lade_verifier_number(&at, line->text + line->length, ret_number);
}

static bool has(const struct verifier_verdict *verdict, const char *words)
{
	return lade_search(verdict->line, verdict->length, words, strlen(words)) ||
	       (verdict->after && lade_search(verdict->after, verdict->after_length, words, strlen(words)));
}

static const char *bytes(int64_t count)
{
	return count == 1 ? "byte" : "bytes";
}

/* What was proven before a variable is added does not hold for the sum. */
static void say_variable_packet(int64_t proven, struct lade_finding *finding)
{
	if (proven == 0)
		finding_cause(finding, "a variable was added to the pointer, and since then no comparison with "
				       "data_end holds for it: what was proven before does not hold for the sum");
	else
		finding_cause(
			finding,
			"since a variable was added to the pointer the comparison with data_end proves only up to "
			"offset %lld, and the access goes beyond",
			(long long)proven);
	finding_fix(
		finding,
		"compare the sum itself, right before the access: if ((void *)(header + 1) > data_end) return …; and "
		"bound the variable before it is added, so that it and the bytes behind it stay below 65535: "
		"offset &= 0x7fff");
}

bool lade_verifier_lacks_byte(const struct verifier_verdict *verdict)
{
	const struct span line = { verdict->line, verdict->length };
	int64_t offset, size, proven;

	return lade_span_starts(&line, "invalid access to packet,") && lade_verifier_field(&line, " off=", &offset) &&
	       lade_verifier_field(&line, " size=", &size) && lade_verifier_field(&line, ",r=", &proven) &&
	       proven > 0 && offset + size == proven + 1;
}

/* "invalid access to packet, off=12 size=1, R2(id=0,off=12,r=1)" */
static void say_packet(const struct verifier_verdict *verdict, const struct span *line, struct lade_finding *finding)
{
	int64_t offset, size, id, proven, needed;

	(void)verdict;
	if (!lade_verifier_field(line, " off=", &offset) || !lade_verifier_field(line, " size=", &size) ||
	    !lade_verifier_field(line, ",r=", &proven) || size < 0 || proven < 0)
		return;
	if (offset < 0 && !proven) {
		finding_cause(finding,
			      "the access begins %lld %s before the place from which the offsets of this pointer are "
			      "counted (data, or the sum with a variable): in front of the packet, or of all that a "
			      "comparison of this pointer with data_end can prove",
			      -(long long)offset, bytes(-offset));
		finding_fix(finding, "do not go back behind data; where a variable was added, compare the sum with "
				     "data_end and subtract before the addition; to get room in front of the packet, "
				     "bpf_xdp_adjust_head() or bpf_skb_change_head(), then read data again");
		return;
	}
	if (offset < 0) {
		finding_cause(finding,
			      "the access begins %lld %s before the place that was compared with data_end: in "
			      "front of the packet, or of what was proven",
			      -(long long)offset, bytes(-offset));
		finding_fix(finding, "do not go back behind data; to get room in front of the packet, "
				     "bpf_xdp_adjust_head() or bpf_skb_change_head(), then read data again");
		return;
	}
	if (size == 0 && offset <= proven) {
		finding_cause(finding, "the length that is passed with this pointer is 0, or a variable that may be 0, "
				       "which this argument does not allow: the comparison with data_end is not the "
				       "reason");
		finding_fix(finding, "where it is a variable, " TEST_LENGTH);
		return;
	}
	needed = offset + size;
	bool is_variable = lade_verifier_field(line, "(id=", &id) && id;
	if (is_variable) {
		say_variable_packet(proven, finding);
		return;
	}
	if (proven == 0)
		finding_cause(finding,
			      "no comparison with data_end holds for this pointer: not one byte behind it is "
			      "proven to be in the packet, and the access needs %lld",
			      (long long)needed);
	else
		finding_cause(
			finding,
			"the comparison with data_end proves %lld %s, and the access needs %lld (%lld at offset %lld)",
			(long long)proven, bytes(proven), (long long)needed, (long long)size, (long long)offset);
	finding_fix(
		finding,
		"before the access, and again after a helper that may change the packet: if (data + %lld > data_end) "
		"return …;%s",
		(long long)needed,
		proven && size > 1 ? " Better the end of the whole header that it belongs to, as what else is read of "
				     "it would be refused next"
				   : "");
}

/* "(0x0; 0x3)": the least and the most that value and mask allow. */
static bool take_mask(const char *text, const char *end, uint64_t *ret_least, uint64_t *ret_most)
{
	char copy[48];
	unsigned long long value, mask;
	int length = (int)(end - text < (int)sizeof copy - 1 ? end - text : (int)sizeof copy - 1);

	(void)snprintf(copy, sizeof copy, "%.*s", length, text);
	if (sscanf(copy, "(0x%16llx; 0x%16llx)", &value, &mask) != 2)
		return false;
	*ret_least = value;
	*ret_most = value | mask;
	return true;
}

static void say_return_mask(const struct span *before, const char *range, const char *end, struct lade_finding *finding)
{
	const char *at = lade_search(before->text, before->length, " value (", 8);
	uint64_t least, most, low, high;

	if (!at || !take_mask(at + 7, before->text + before->length, &least, &most) ||
	    !take_mask(range, end, &low, &high))
		return;
	if (least == most)
		finding_cause(finding, "the program returns %lld, and its hook allows %lld to %lld", (long long)least,
			      (long long)low, (long long)high);
	else
		finding_cause(
			finding,
			"what is known of the number that the program returns allows %lld to %lld, and its hook allows "
			"%lld to %lld",
			(long long)least, (long long)most, (long long)low, (long long)high);
	finding_fix(finding,
		    "return a constant that the hook allows on every path, as return 0; allowed is %lld to %lld",
		    (long long)low, (long long)high);
}

/* "… R0 has smin=7 smax=8 should have been in [0, 3]", "… has value (0x4d; 0x0) should have been in (0x0; 0x1)" */
static void say_return(const struct verifier_verdict *verdict, const struct span *line, struct lade_finding *finding)
{
	static const char marks[] = " should have been in ";
	const char *at = lade_search(line->text, line->length, marks, strlen(marks));
	int64_t least, most;

	(void)verdict;
	if (!at)
		return;
	const struct span before = { line->text, (size_t)(at - line->text) };
	const char *range = at + strlen(marks);
	int length = (int)(line->text + line->length - range);
	if (lade_search(before.text, before.length, "unknown", strlen("unknown")))
		finding_cause(
			finding,
			"what the program returns is not known to lie within %.*s, which is what its hook allows: it "
			"returns what a helper or a function returned, or a number that was not tested",
			length, range);
	else if (lade_verifier_field(&before, "smin=", &least) && lade_verifier_field(&before, "smax=", &most) &&
		 least != most)
		finding_cause(finding, "the program may return %lld to %lld, and its hook allows %.*s",
			      (long long)least, (long long)most, length, range);
	else if (lade_verifier_field(&before, "smin=", &least))
		finding_cause(finding, "the program returns %lld, and its hook allows %.*s", (long long)least, length,
			      range);
	else {
		say_return_mask(&before, range, line->text + line->length, finding);
		return;
	}
	finding_fix(finding, "return a constant that the hook allows on every path, as return 0; allowed is %.*s",
		    length, range);
}

/* "invalid read from stack R6 off=0 size=4", "invalid stack type R2 off=-520 access_size=8" */
static void say_frame(const struct verifier_verdict *verdict, const struct span *line, struct lade_finding *finding)
{
	int64_t offset, size = 0;

	(void)verdict;
	if (!lade_verifier_field(line, " off=", &offset) ||
	    (!lade_verifier_field(line, " size=", &size) && !lade_verifier_field(line, " access_size=", &size)) ||
	    size < 0)
		return;
	if (offset < -FRAME) {
		finding_cause(finding, "the access begins %lld bytes below the end of the frame, which has %d",
			      -(long long)offset, FRAME);
		finding_fix(finding, "make local variables smaller (512 bytes in all), or keep the buffer in a per-CPU "
				     "array map with one entry");
	} else if (size == 0 && offset >= 0) {
		finding_cause(finding,
			      "the pointer is at fp%+lld, at the end of the frame or above it, where nothing lies that "
			      "may be accessed, whatever the length is",
			      (long long)offset);
		finding_fix(finding, "pass the address of the variable itself, and keep an index below its length");
	} else if (size == 0 && !lade_span_starts(line, "invalid stack type")) {
		/* Since 5.12 a length of 0 has a message of its own: it is not the reason. */
		return;
	} else if (size == 0) {
		finding_cause(finding,
			      "the length that is passed is 0 or may be (the least that it can be was looked at), "
			      "which this argument does not allow");
		finding_fix(finding, "pass sizeof(variable); where it is a variable, " TEST_LENGTH);
	} else if (size > 8 && offset < 0 && offset + size > 0) {
		finding_cause(
			finding,
			"up to %lld bytes are accessed from fp%lld on, and the frame ends %lld bytes behind it: the "
			"length may be greater than the local variable, or a map's key or value than the variable "
			"given for it",
			(long long)size, (long long)offset, -(long long)offset);
		finding_fix(finding,
			    "pass sizeof(buffer); where the length varies, bound it right before the call: if (length "
			    "> sizeof(buffer)) length = sizeof(buffer); a key or value for a map is read as long as "
			    "the map has it: declare the variable with that type");
	} else if (offset + size > 0) {
		finding_cause(
			finding,
			"%lld of the %lld %s lie behind the end of the frame: the access goes over the end of a "
			"local variable (a wrong length or index, or a field that CO-RE moved behind the end of a "
			"copy)",
			(long long)size + (offset < 0 ? (long long)offset : 0), (long long)size, bytes(size));
		finding_fix(finding,
			    "pass sizeof(variable) and keep the index below it; read fields that CO-RE relocates "
			    "from the kernel's object, with BPF_CORE_READ(), and not from a copy of it");
	} else if (lade_span_starts(line, "invalid read")) {
		finding_cause(
			finding,
			"of the %lld %s at fp%lld the first was never written on this path: the variable has no value "
			"here",
			(long long)size, bytes(size), (long long)offset);
		finding_fix(finding, "give the variable a value where it is declared, as = 0 or = {}");
	}
}

void lade_verifier_above_frame(const struct span *refused, const struct verifier_verdict *verdict,
			       struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };

	if (!lade_search(line.text, line.length, " stack ", 7) || !lade_span_starts(refused, "*(u") ||
	    !lade_search(refused->text, refused->length, ")(r10 +", 7) ||
	    lade_search(refused->text, refused->length, "(r10 +0)", 8))
		return;
	finding_cause(
		finding,
		"the program writes above its frame at a fixed place: a constant index or a cast goes over the end of "
		"a local variable, or the compiler put the variable there (a structure with __int128, as in bcc's "
		"keys of IPv6, or aligned(16) wants more alignment than the stack has)");
	finding_fix(finding, "keep the index below the array's length; of such a structure take two __u64 in place of "
			     "__int128, or order its members so that the large ones come first");
	finding_confidence(finding, LADE_LIKELY);
}

/* "invalid indirect read from stack R4 off -136+92 size 96", "invalid read from stack off -8+4 size 8" */
static void say_hole(const struct verifier_verdict *verdict, const struct span *line, struct lade_finding *finding)
{
	const char *end = line->text + line->length, *at = lade_search(line->text, line->length, " off -", 6);
	const char *who = has(verdict, "indirect") ? "the helper reads" : "the program reads";
	int64_t offset, hole, size;

	if (!at)
		return;
	at += 5;
	if (!lade_verifier_number(&at, end, &offset) || at == end || *at++ != '+' ||
	    !lade_verifier_number(&at, end, &hole) || !lade_verifier_field(line, " size ", &size) || hole < 0 ||
	    size <= hole)
		return;
	if (hole)
		finding_cause(finding,
			      "%s %lld bytes of the stack, of which byte %lld was never written, while those before it "
			      "were: padding between or behind the members of a structure, a member that was left "
			      "out%s (it is "
			      "not about alignment)",
			      who, (long long)size, (long long)hole,
			      has(verdict, "indirect")
				      ? ", or the helper reads more than the variable has: the map's key or "
					"value, or the length that is passed, is larger"
				      : ", or the compiler joined reads of single bytes into a wide one, which goes "
					"over the end of what was written");
	else
		finding_cause(
			finding,
			"%s %lld bytes of the stack, of which the first one was never written: the variable has no "
			"value here, or lacks that of its first member (it is not about alignment)",
			who, (long long)size);
	if (!hole)
		finding_fix(
			finding,
			"give it a value where it is declared: __u32 key = 0; or struct event event = {}; (where there "
			"is padding, __builtin_memset(&event, 0, sizeof(event));); a tool of others: a newer "
			"version of it, or a kernel from 6.3 on, where a loader with CAP_PERFMON may leave it so");
}

/* "invalid bpf_context access off=12 size=8" */
static void say_context(const struct verifier_verdict *verdict, const struct span *line, struct lade_finding *finding)
{
	int64_t offset, size;

	(void)verdict;
	if (!lade_verifier_field(line, " off=", &offset) || !lade_verifier_field(line, " size=", &size) || size <= 0 ||
	    offset % size == 0)
		return;
	finding_cause(
		finding,
		"an access of %lld bytes begins at a multiple of %lld, and %lld is none: the structure was laid out "
		"for another machine (on a 32-bit one longs have 4 bytes), or the compiler joined two fields",
		(long long)size, (long long)size, (long long)offset);
	finding_fix(finding,
		    "where the machine has 32 bits: the vmlinux.h of its own kernel, libbpf from 0.2 on (which "
		    "shortens the reads of such fields), or read the field as __u32; where the source copies "
		    "neighbours: each in its full width and one by one (read through volatile)");
}

/* "2", "(0x4; 0x0)": false: a bit of it is not known. */
static bool take_known(const char **at, const char *end, int64_t *ret_number)
{
	uint64_t least, most;
	const char *close;

	if (lade_verifier_number(at, end, ret_number))
		return true;
	close = memchr(*at, ')', (size_t)(end - *at));
	if (!close || !take_mask(*at, end, &least, &most) || least != most)
		return false;
	*ret_number = (int64_t)least;
	*at = close + 1;
	return true;
}

/* "misaligned packet access off 2+(0x0; 0x0)+0+12 size 4" */
static void say_alignment(const struct verifier_verdict *verdict, const struct span *line, struct lade_finding *finding)
{
	static const char mark[] = " off ";
	const char *end = line->text + line->length, *at = lade_search(line->text, line->length, mark, strlen(mark));
	int64_t pad, part, sum = 0, size;

	(void)verdict;
	if (!at)
		return;
	at += strlen(mark);
	if (!lade_verifier_number(&at, end, &pad) || pad != 2 || !lade_verifier_field(line, " size ", &size) ||
	    size < 2)
		return;
	while (at < end && *at == '+') {
		at++;
		if (!take_known(&at, end, &part) || part < 0 || part > UINT16_MAX)
			return;
		sum += part;
	}
	if ((sum + pad) % size == 0)
		return;
	finding_cause(
		finding,
		"%lld bytes are read at offset %lld of the packet, and the kernel checks their alignment, as this "
		"machine's processor does not read unaligned numbers well (many routers' MIPS, older ARM; else "
		"BPF_F_STRICT_ALIGNMENT was asked for): to the offset it adds 2 (NET_IP_ALIGN, so that what stands "
		"behind the 14 bytes of an Ethernet header is aligned), and %lld is no multiple of %lld",
		(long long)size, (long long)sum, (long long)sum + pad, (long long)size);
}

static const struct {
	const char *begins;
	void (*say)(const struct verifier_verdict *, const struct span *, struct lade_finding *);
} sayings[] = {
	{ "misaligned packet access off ", say_alignment },
	{ "invalid access to packet,", say_packet },
	{ "invalid read from stack R", say_frame },
	{ "invalid write to stack R", say_frame },
	{ "invalid stack type R", say_frame },
	{ "invalid stack off=", say_frame },
	{ "invalid indirect access to stack R", say_frame },
	{ "At program exit the register R0", say_return },
	{ "invalid bpf_context access off=", say_context },
	{ "invalid indirect read from stack", say_hole },
	{ "invalid read from stack", say_hole },
};

void lade_verifier_numbers(const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };

	if (verdict->is_like || (verdict->message && verdict->line == NULL))
		return;
	lade_verifier_object(verdict, OFFSET_UNKNOWN, finding);
	for (size_t i = 0; i < ELEMENTS(sayings); i++)
		if (lade_span_starts(&line, sayings[i].begins))
			sayings[i].say(verdict, &line, finding);
}
