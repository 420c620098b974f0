/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet is shorter than what is read of it: which comparison is missing, why one that is there does not count, or
 * what a helper reads where the packet is a map's key.
 */
#include "explain/verifier/packet.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/kernels/kernels.h"
#include "explain/reading/search.h"
#include "explain/verifier/numbers.h"
#include "explain/verifier/values.h"

#define SINCE_CORRECTION (5 << 8 | 16) /* all bytes are proven by "pointer >= data_end" */
#define PACKET_MAX       65535         /* bytes of a packet that the verifier follows */

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
	struct span value = lade_verifier_way_value(way, verdict);
	unsigned long long most;

	if (!lade_span_starts(&value, "pkt(") || !take_most(&value, &most) || most < PACKET_MAX)
		return false;
	finding_cause(finding,
		      "the variable that was added to the pointer may be as large as %llu: where that and the bytes "
		      "behind it exceed 65535, a comparison with data_end proves nothing to the verifier",
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
	struct span value = lade_verifier_way_value(way, verdict);
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

/* "R1_w=map_ptr(off=0,ks=254,vs=1,imm=0)": how many bytes a map's helper reads through R2, or R3; 0: not known. */
static unsigned long long bytes_of_map(const struct verifier_way *way)
{
	struct span map = lade_verifier_register_above(way->log, way->refused.text, 1);
	const char *end = map.length ? memchr(map.text, ')', map.length) : NULL,
		   *key = way->reg == 2 ? "ks=" : "vs=", *at;
	unsigned long long bytes = 0;

	if (!end || !lade_span_starts(&map, "map_ptr(") || way->reg < 2 || way->reg > 3)
		return 0;
	at = lade_search(map.text, (size_t)(end - map.text), key, strlen(key));
	return at && sscanf(at + strlen(key), "%4llu", &bytes) == 1 ? bytes : 0;
}

/* A helper reads all of a key, whatever of it the packet has. */
static bool name_packet_key(const struct verifier_way *way, const struct verifier_verdict *verdict,
			    struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	struct span size = lade_span_behind(&line, " size=");
	unsigned long long bytes = lade_span_starts(&way->refused, "call ") && size.length ? bytes_of_map(way) : 0;

	if (!bytes || strtoull(size.text, NULL, 10) != bytes)
		return false;
	finding_cause(
		finding,
		"a pointer into the packet is passed as the map's %s, of which the helper reads all %llu bytes, and "
		"fewer are proven to be there",
		way->reg == 2 ? "key" : "value", bytes);
	finding_fix(
		finding,
		"copy what the packet has, each byte behind its comparison with data_end, into a variable of %llu "
		"bytes that is zeroed before (on the stack, or in a per-CPU map where it is larger), and pass that; "
		"where the packet must have them all: if (p + %llu > data_end) return …; right before the call",
		bytes, bytes);
	return true;
}

/* What lies from data_meta on ends at data. */
static bool name_metadata(const struct verifier_way *way, const struct verifier_verdict *verdict,
			  struct lade_finding *finding)
{
	struct span value = lade_verifier_way_value(way, verdict);

	if (!lade_span_starts(&value, "pkt_meta"))
		return false;
	finding_cause(finding,
		      "the pointer leads into the metadata in front of the packet (data_meta): of that only "
		      "what a comparison with data proves is read, and here none, or one of fewer bytes, holds "
		      "for it; comparisons with data_end do not count");
	finding_fix(finding, "meta = (void *)(long)ctx->data_meta; data = (void *)(long)ctx->data; if (meta + SIZE > "
			     "data) return …; right before the access");
	return true;
}

/* "5: (2d) if r1 > r2 goto pc+50" */
struct comparison {
	int left, right;
	char sign[3];
};

static bool take_comparison(const struct verifier_line *line, struct comparison *ret_comparison)
{
	char copy[48];

	(void)snprintf(copy, sizeof copy, "%.*s",
		       (int)(line->text.length < sizeof copy ? line->text.length : sizeof copy - 1), line->text.text);
	return line->kind == VERIFIER_INSTRUCTION && sscanf(copy, "if r%1d %2[<>=] r%1d goto", &ret_comparison->left,
							    ret_comparison->sign, &ret_comparison->right) == 3;
}

/* "return eth->h_proto;": the one pointer whose members the source line reads; length 0: none, or several. */
static struct span pointer_in(const char *source)
{
	struct span name = { "", 0 };

	for (const char *at = source; (at = strstr(at, "->")); at += 2) {
		const char *begin = at;
		while (begin > source && (isalnum((unsigned char)begin[-1]) || begin[-1] == '_'))
			begin--;
		const struct span other = { begin, (size_t)(at - begin) };
		const bool is_member = begin > source && (begin[-1] == '.' || begin[-1] == '>');
		if (!other.length || is_member ||
		    (name.length && (name.length != other.length || memcmp(name.text, other.text, name.length) != 0)))
			return (struct span){ "", 0 };
		name = other;
	}
	return name;
}

/* One byte of a member: the next instructions read the rest of it, of which the message says nothing. */
static void name_whole(const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	static const char words[] = "source: ";
	const struct span line = { verdict->line, verdict->length };
	const char *source = NULL;

	for (size_t i = 0; i < finding->evidence.count; i++)
		if (strncmp(finding->evidence.items[i], words, strlen(words)) == 0)
			source = finding->evidence.items[i] + strlen(words);
	struct span name = source ? pointer_in(source) : (struct span){ "", 0 };
	if (!name.length || !lade_search(line.text, line.length, "size=1,", 7) ||
	    !lade_search(line.text, line.length, "(id=0,", 6))
		return;
	finding_fix(finding,
		    "before the access, and again after a helper that may change the packet, compare the whole "
		    "structure, as a member may be read byte by byte: if ((void *)(%.*s + 1) > data_end) return …;",
		    (int)name.length, name.text);
}

enum counted { COUNTED_NOT, COUNTED_ALIKE, COUNTED_SHORT };

/* "pointer > data_end", "pointer <= data_end" and their mirrors prove the same to every kernel; the others do not. */
static enum counted counted(const struct comparison *comparison, const struct verifier_line *line, const char *end)
{
	static const char *const signs[][2] = { { ">", "<=" }, { "<", ">=" } };
	const struct span left = lade_verifier_value_behind(line, comparison->left, end),
			  right = lade_verifier_value_behind(line, comparison->right, end);
	const bool is_mirrored = lade_span_starts(&left, "pkt_end");
	const struct span *pointer = is_mirrored ? &right : &left, *limit = is_mirrored ? &left : &right;
	const char *const *alike = signs[is_mirrored];

	if (!lade_span_starts(pointer, "pkt(") || !lade_span_starts(limit, "pkt_end"))
		return COUNTED_NOT;
	return strcmp(comparison->sign, alike[0]) == 0 || strcmp(comparison->sign, alike[1]) == 0 ? COUNTED_ALIKE
												  : COUNTED_SHORT;
}

/* All comparisons with the packet's end that the log has are of the form of which every kernel proves all bytes. */
static bool is_counted_alike(const struct verifier_way *way, const struct verifier_verdict *verdict)
{
	const char *end = verdict->line;
	bool is_alike = false;

	for (const char *at = way->log, *newline; at < end; at = newline + 1) {
		struct comparison comparison;
		newline = memchr(at, '\n', (size_t)(end - at));
		newline = newline ? newline : end;
		const struct verifier_line line = lade_verifier_line(at, (size_t)(newline - at));
		if (!take_comparison(&line, &comparison))
			continue;
		const enum counted how = counted(&comparison, &line, end);
		if (how == COUNTED_SHORT)
			return false;
		is_alike |= how == COUNTED_ALIKE;
	}
	return is_alike;
}

/* Does the log, of which the beginning is there, compare no registers? What the program does not have lacks no byte. */
static bool is_without_comparison(const struct verifier_way *way, const struct verifier_verdict *verdict)
{
	const char *end = verdict->line;
	bool is_whole = false;

	for (const char *at = way->log, *newline; at < end; at = newline + 1) {
		struct comparison comparison;
		newline = memchr(at, '\n', (size_t)(end - at));
		newline = newline ? newline : end;
		const struct verifier_line line = lade_verifier_line(at, (size_t)(newline - at));
		is_whole |= line.kind == VERIFIER_INSTRUCTION && line.number == 0;
		if (take_comparison(&line, &comparison) || (is_whole && lade_verifier_is_gap(&line.text)))
			return false;
	}
	return is_whole;
}

/* From 5.18 on by its wording: whatever its number is, it has the correction. */
static bool is_corrected(const char *log)
{
	struct kernel_known known = { 0 };

	lade_kernel_guess_log(log, &known);
	return known.low >= SINCE_CORRECTION;
}

/* Also where nothing is proven, and the access is one byte. */
static bool lacks_byte(const struct verifier_way *way, const struct verifier_verdict *verdict)
{
	const struct span line = { verdict->line, verdict->length };

	if (way->log && is_corrected(way->log))
		return false;
	return lade_verifier_lacks_byte(verdict) ||
	       (lade_search(line.text, line.length, " off=0 size=1,", 14) &&
		lade_search(line.text, line.length, "(id=0,", 6) && lade_search(line.text, line.length, ",r=0)", 5) &&
		!(way->log && is_without_comparison(way, verdict)));
}

/* "i < MAX && payload + i + 1 <= data_end && payload[i]": the very line has the comparison, in a form of which every
 * kernel proves all bytes, and its access is refused. */
static bool compares_itself(const struct lade_finding *finding)
{
	static const char words[] = "source: ", limit[] = "data_end";
	const char *at = NULL, *before;

	for (size_t i = 0; i < finding->evidence.count && !at; i++)
		if (strncmp(finding->evidence.items[i], words, strlen(words)) == 0)
			at = strstr(finding->evidence.items[i], limit);
	if (!at)
		return false;
	before = at;
	while (before[-1] == ' ')
		before--;
	at += strlen(limit);
	at += strspn(at, " ");
	return (before[-1] == '>' && before[-2] != '-') || (before[-1] == '=' && before[-2] == '<') ||
	       (at[0] == '<' && at[1] != '=') || (at[0] == '>' && at[1] == '=');
}

static void blame_compiler(struct lade_finding *finding)
{
	finding_cause(
		finding,
		"%s; the source line compares with data_end itself: the compiler made something of it that proves "
		"nothing of this pointer, mostly as it compares a number (the difference of the two pointers) or "
		"another register; or the source compares with fewer bytes than it reads",
		finding->cause ? finding->cause : "the comparison does not count for this pointer");
	finding_fix(
		finding,
		"compare the very pointer that is read through: p = payload + i; if (p + 1 > data_end) break; use "
		"*p; asm volatile(\"\" : \"+r\"(p)); before the comparison keeps the compiler from taking it apart. A "
		"program of others: the clang that its documentation names, as other versions make other code");
	finding_confidence(finding, LADE_LIKELY);
}

void lade_verifier_packet(const struct verifier_way *way, const struct verifier_verdict *verdict,
			  struct lade_finding *finding)
{
	if (name_metadata(way, verdict, finding) || name_packet_key(way, verdict, finding) ||
	    name_wide_offset(way, verdict, finding))
		return;
	doubt_comparison(way, verdict, finding);
	if (compares_itself(finding)) {
		blame_compiler(finding);
		return;
	}
	if (lacks_byte(way, verdict) && !is_counted_alike(way, verdict)) {
		finding_evidence(finding,
				 "exactly one byte is lacking: kernels before 5.16 that lack its correction (5.10 has "
				 "it) prove one byte less than \"pointer >= data_end\" does; pointer + 1 > data_end "
				 "is taken by all");
		if (lade_verifier_lacks_byte(verdict))
			finding_confidence(finding, LADE_LIKELY);
	}
	name_whole(verdict, finding);
	struct span name = way->count ? lade_verifier_step_variable(&way->steps[0]) : (struct span){ "", 0 };

	if (name.length && lade_search(verdict->line, verdict->length, "(id=", 4) &&
	    !lade_search(verdict->line, verdict->length, "(id=0,", 6))
		finding_fix(
			finding,
			"compare the sum itself, right before the access: if ((void *)(%.*s + 1) > data_end) return …; "
			"and "
			"bound the variable before it is added, so that it and the bytes behind it stay below 65535: "
			"offset &= 0x7fff",
			(int)name.length, name.text);
}
