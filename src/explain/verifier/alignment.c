/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "misaligned stack access off (0x0; 0x0)+-64+11 size 2": the structure lies at -64, aligned, and offset 11 is the
 * instruction's own: no alignment of the variable helps, its members lie so, or CO-RE put the access there.
 */
#include "explain/verifier/alignment.h"

#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/verifier/numbers.h"

#define SLOT 8

struct places {
	int64_t base, inside, size;
};

/* What is not known of the offset, in one of its two wordings, must be nothing. */
static const char *skip_known(const char *at, const char *end)
{
	static const char *const words[] = { "(0x0; 0x0)+", "0+" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if ((size_t)(end - at) > strlen(words[i]) && memcmp(at, words[i], strlen(words[i])) == 0)
			return at + strlen(words[i]);
	return NULL;
}

static bool take_places(const struct span *line, struct places *ret_places)
{
	static const char mark[] = "misaligned stack access off ", size_mark[] = " size ";
	const char *end = line->text + line->length, *at = line->text + strlen(mark);
	const char *size = lade_search(line->text, line->length, size_mark, strlen(size_mark));

	if (!lade_span_starts(line, mark) || !size)
		return false;
	at = skip_known(at, end);
	size += strlen(size_mark);
	if (!at || !lade_verifier_number(&at, end, &ret_places->base) || at == end || *at++ != '+')
		return false;
	return lade_verifier_number(&at, end, &ret_places->inside) &&
	       lade_verifier_number(&size, end, &ret_places->size) && ret_places->size > 1;
}

/* The source line right above what is refused: "md.dir = direction;" */
static bool is_assignment(const struct lade_finding *finding)
{
	static const char words[] = "source: ";
	const char *source = finding->source_text;

	for (size_t i = 0; !source && i < finding->evidence.count; i++)
		if (strncmp(finding->evidence.items[i], words, strlen(words)) == 0)
			source = finding->evidence.items[i] + strlen(words);
	if (!source)
		return false;
	const char *equals = strstr(source, " = ");
	return equals && memchr(source, '.', (size_t)(equals - source)) != NULL;
}

void lade_verifier_alignment(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	struct places places;

	if (!take_places(&line, &places) || places.base >= 0 || places.base % SLOT != 0 || places.inside <= 0 ||
	    places.inside % places.size == 0)
		return;
	const bool is_load = way->refused.length && (*way->refused.text == 'r' || *way->refused.text == 'w');
	const bool is_bitfield = is_load && is_assignment(finding);
	finding_cause(finding,
		      "%s%lld bytes at offset %lld of a variable on the stack that itself is aligned (fp%lld): the "
		      "%s lies at an odd place within it (a packed structure), or CO-RE moved the access there; "
		      "accesses to the stack must be aligned to their size on every machine and kernel",
		      is_bitfield ? "the assignment first reads what it changes, as those of bitfields do: " : "",
		      (long long)places.size, (long long)places.inside, (long long)places.base,
		      is_bitfield ? "field" : "member");
	finding_fix(finding,
		    "%sleave the structure out of CO-RE (declare it yourself, without preserve_access_index and not "
		    "from vmlinux.h), so that the compiler picks the access; or access it byte by byte (memcpy, "
		    "__builtin_memcpy); aligning the variable does not help",
		    is_bitfield ? "BPF_CORE_WRITE_BITFIELD(&variable, field, value) (libbpf 1.4); or " : "");
	finding_confidence(finding, LADE_LIKELY);
}
