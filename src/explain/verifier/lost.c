/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An index without a bound that mostly has one in the source: it was read anew behind its test, or the compiler dropped
 * the test, because it knows what the verifier does not know.
 */
#include "explain/verifier/lost.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/text.h"
#include "explain/verifier/origin.h"
#include "explain/verifier/values.h"

#define SHIFT_MAX 16 /* of an index: elements have 64 KiB at most */

/* What an index is of which nothing was proven. */
static const struct {
	unsigned long long most;
	const char *words;
} wholes[] = {
	{ 0xff, "a whole byte" },
	{ 0xffff, "a whole number of 16 bits" },
};

/* ---- how much is known ---- */

/* "umax=2040", "umax_value=2040" within the register's own brackets; 0: it has none. */
static unsigned long long most_of(const struct span *value)
{
	const char *end = value->length ? memchr(value->text, '(', value->length) : NULL, *at;

	end = end ? memchr(end, '\n', value->length - (size_t)(end - value->text)) : NULL;
	end = end ? end : value->text + value->length;
	const char *blank = memchr(value->text, ' ', (size_t)(end - value->text));
	while (blank && blank > value->text && blank[-1] == ';') /* "var_off=(0x0; 0xff)" */
		blank = memchr(blank + 1, ' ', (size_t)(end - blank - 1));
	end = blank ? blank : end;
	at = lade_search(value->text, (size_t)(end - value->text), "umax", 4);
	at = at ? memchr(at, '=', (size_t)(end - at)) : NULL;
	while (at && at + 1 < end && isalpha((unsigned char)at[1])) /* "umax=smax32=umax32=255" */
		at = memchr(at + 1, '=', (size_t)(end - at - 1));
	return at ? strtoull(at + 1, NULL, 0) : 0;
}

/* 2040 is 255 * 8: index and size of an element; NULL: it is bounded, or nobody knows. */
static const char *whole_of(unsigned long long most, unsigned long long *ret_most, unsigned long long *ret_size)
{
	for (size_t i = 0; i < ELEMENTS(wholes); i++)
		for (unsigned shift = 0; shift <= SHIFT_MAX; shift++) {
			if (most != wholes[i].most << shift)
				continue;
			*ret_most = wholes[i].most;
			*ret_size = 1ULL << shift;
			return wholes[i].words;
		}
	return NULL;
}

/* The state tells. */
static bool tell_whole(const struct verifier_way *way, const struct verifier_verdict *verdict,
		       struct lade_finding *finding)
{
	const struct span value = way->reg >= 0 && way->reg <= 9
					  ? lade_verifier_register_above(way->log, verdict->line, way->reg)
					  : (struct span){ "", 0 };
	unsigned long long most, size;
	const char *words = value.length ? whole_of(most_of(&value), &most, &size) : NULL;

	if (!words)
		return false;
	finding_evidence(finding,
			 "the variable may add up to %llu, that is %llu * %llu: the index is %s, of which "
			 "nothing is proven: no test of it counts here, or it was changed behind one (an "
			 "unsigned 0 that is decremented becomes the greatest number)",
			 most * size, most, size, words);
	return true;
}

/* "off=2104 size=8" of a value of 192 bytes: 64 + 255 * 8. Only the message tells, and it may be by chance. */
static void tell_fitting(const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	const struct span at = lade_span_behind(&line, " off="), bytes = lade_span_behind(&line, " size="),
			  value = lade_span_behind(&line, "value_size=");

	if (!at.length || !bytes.length || !value.length)
		return;
	const long long offset = strtoll(at.text, NULL, 10), size = strtoll(bytes.text, NULL, 10),
			has = strtoll(value.text, NULL, 10);
	if (size < 2 || size > 8 || offset < 255 * size || has < size)
		return;
	const long long base = offset - 255 * size;
	if (base > has - size)
		return;
	finding_evidence(finding,
			 "%lld is %lld + 255 * %lld: it fits an index that is a whole byte, of which nothing is "
			 "proven, into elements of %lld bytes from offset %lld on",
			 offset, base, size, size, base);
}

void lade_verifier_lost_bound(const struct verifier_way *way, const struct verifier_verdict *verdict,
			      struct lade_finding *finding)
{
	const bool is_max = verdict->after && lade_search(verdict->after, verdict->after_length, "max value is outside",
							  strlen("max value is outside"));

	if (!is_max || !finding->fix ||
	    !lade_span_starts(&(struct span){ finding->fix, strlen(finding->fix) }, "test the variable right before"))
		return;
	if (!tell_whole(way, verdict, finding))
		tell_fitting(verdict, finding);
	finding_fix(
		finding,
		"%s; where the source does test it, the proof was lost (it is read from memory once more behind the "
		"test, it changed since, or the compiler dropped the test): read it once into a local unsigned "
		"long, mask that (index &= N - 1 for N elements, a power of two), or keep test and use together: "
		"asm volatile(\"\" : \"+r\"(index)); before the test; and use only that variable",
		finding->fix);
}

/* ---- remainders ---- */

/* "r9 %= 26", "w1 s/= w2" */
static bool divides(const struct span *text)
{
	static const char *const marks[] = { " %= ", " /= ", " s%= ", " s/= " };

	for (size_t i = 0; i < ELEMENTS(marks); i++)
		if (lade_search(text->text, text->length, marks[i], strlen(marks[i])))
			return true;
	return false;
}

/* "scalar()", "scalar(id=7)", "inv(id=0)", "invP(id=3)": a number of which nothing is known. */
static bool is_unknown(const struct span *value)
{
	const char *close = value->length ? memchr(value->text, ')', value->length) : NULL;

	return close && lade_verifier_is_number(value) &&
	       !lade_search(value->text, (size_t)(close - value->text), "max", 3) &&
	       !lade_search(value->text, (size_t)(close - value->text), "var_off", 7);
}

/* Behind it nothing limits the number any more: masks and tests would stand in the way. */
static bool is_limited_behind(const struct verifier_way *way, size_t step)
{
	for (size_t i = 0; i < step; i++)
		if (lade_search(way->steps[i].line.text.text, way->steps[i].line.text.length, " &= ", 4))
			return true;
	return false;
}

/* A test behind it told something of the number, and what followed lost that again. */
static bool is_known_behind(const struct verifier_way *way, size_t step)
{
	for (size_t i = 0; i < step; i++) {
		const struct span *text = &way->steps[i].line.text;
		if (!lade_verifier_is_way(&way->steps[i], "changed") || text->length < 2)
			continue;
		const struct span value = lade_verifier_register_above(
			way->log, lade_verifier_start_of(way->log, &way->steps[i].line), text->text[1] - '0');
		if (value.length && !is_unknown(&value))
			return true;
	}
	return false;
}

/* "r9 %= 26": a constant. */
static bool by_constant(const struct span *text)
{
	return text->length && isdigit((unsigned char)text->text[text->length - 1]) &&
	       !lade_search(text->text, text->length, "= r", 3) && !lade_search(text->text, text->length, "= w", 3);
}

void lade_verifier_lost_range(const struct verifier_way *way, const struct verifier_verdict *verdict,
			      struct lade_finding *finding)
{
	size_t i = 0;

	while (i < way->count && !divides(&way->steps[i].line.text))
		i++;
	if (i == way->count || is_limited_behind(way, i) || is_known_behind(way, i))
		return;
	const struct verifier_line *line = &way->steps[i].line;
	const int reg = line->text.length > 1 ? line->text.text[1] - '0' : -1;
	const struct span value =
		reg >= 0 && reg <= 9 ? lade_verifier_value_behind(line, reg, verdict->line) : (struct span){ "", 0 };
	/* Older kernels tell no state here, and know as little. */
	if (value.length && !is_unknown(&value))
		return;
	CLEANUP(cleanup_free) char *text = lade_text_of(&line->text);
	finding_cause(finding,
		      "the range of the number was lost at instruction %lld (%s): of a %s this kernel knows nothing, "
		      "whatever it is divided by%s",
		      (long long)line->number, text ? text : "",
		      lade_search(line->text.text, line->text.length, "%=", 2) ? "remainder" : "quotient",
		      by_constant(&line->text)
			      ? ", and a test behind it that it always passes is dropped by the compiler"
			      : "");
	finding_fix(finding,
		    "bound it behind that instruction by a mask (i &= 31, and the array as long: a power of two), or "
		    "by a test that the compiler cannot drop: asm volatile(\"\" : \"+r\"(i)); if (i >= MAX) return "
		    "0; with i an unsigned long");
	finding->is_shown = true;
}
