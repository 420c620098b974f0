/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "libbpf: Error loading .BTF into kernel: -22." alone: until 2020 libbpf said no more when it went on without the
 * object's types, as it mostly does. What the kernel's log says of them is an error only where the load ended there.
 * Where the library says that it goes on ("BTF is optional"), what could not be attached later has another reason.
 */
#include <string.h>

#include "explain/reading/search.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)

static bool has_word(const struct span *text, const char *word)
{
	return lade_search_long(text->text, text->length, word, strlen(word)) != NULL;
}

/* Said by libbpf, which went on, as far as the text goes. */
static bool went_on(const struct span *text)
{
	static const char *const ends[] = { "BTF is required", "BTF is mandatory", "ailed to load", "ailed to open",
					    "rror: " };

	for (size_t i = 0; i < ELEMENTS(ends); i++)
		if (has_word(text, ends[i]))
			return false;
	return has_word(text, "Error loading .BTF into kernel: -22");
}

static bool is_refused(const struct explained *item)
{
	return item->finding && item->role == LADE_EXPLAINED_ERROR &&
	       strcmp(item->finding->code, "btf.load.refused") == 0 && item->finding->confidence != LADE_CERTAIN;
}

/* Said by the library, and nothing says that it needed them after all. */
static bool said_optional(const struct span *text)
{
	return has_word(text, "BTF is optional") && !has_word(text, "BTF is required") &&
	       !has_word(text, "BTF is mandatory");
}

static bool is_of_attaching(const struct explained *item)
{
	return item->finding && strncmp(item->finding->code, "attach.", strlen("attach.")) == 0;
}

/* Any other error may come from it; what is attached was loaded before. */
static bool has_other(const struct lade_explanation *explanation, bool is_attaching)
{
	array_foreach(item, &explanation->items)
		if (item->role == LADE_EXPLAINED_ERROR && !is_refused(item) && !(is_attaching && is_of_attaching(item)))
			return true;
	return false;
}

/* "Error loading ELF section .BTF: -22. Ignored and continue.": so until 2020. What the kernel's log says of the types
 * is then no failure, where nothing else failed. */
static bool is_ignored(const struct lade_explanation *explanation, const struct span *text)
{
	if (!has_word(text, "Error loading ELF section .BTF") || !has_word(text, "Ignored and continue"))
		return false;
	array_foreach(item, &explanation->items)
		if (item->role == LADE_EXPLAINED_ERROR &&
		    (!item->finding || strcmp(item->finding->code, "verifier.btf") != 0))
			return false;
	return true;
}

static void note_ignored(struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR)
			continue;
		finding_cause(
			item->finding,
			"%s. No failure by itself: libbpf says that it goes on without the object's types (Ignored "
			"and continue)",
			item->finding->cause ? item->finding->cause : "the kernel does not take the object's types");
		item->role = LADE_EXPLAINED_NOTE;
		item->is_settled = true;
	}
	lade_explanation_sort(explanation);
}

void lade_explanation_optional_btf(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	bool is_any = false, is_optional;

	if (is_ignored(explanation, &span))
		note_ignored(explanation);
	array_foreach(item, &explanation->items)
		is_any |= is_refused(item);
	if (!is_any)
		return;
	is_optional = said_optional(&span);
	if (has_other(explanation, is_optional) || (!is_optional && !went_on(&span)))
		return;
	array_foreach(item, &explanation->items) {
		if (!is_refused(item))
			continue;
		finding_cause(item->finding, "%s. No failure by itself: %s",
			      item->finding->cause ? item->finding->cause
						   : "the kernel does not take the object's types",
			      is_optional ? "the library says that it goes on without them"
					  : "libbpf goes on without the object's types, if nothing in it needs them, "
					    "and no line says that it did not");
		item->role = LADE_EXPLAINED_NOTE;
		item->is_settled = true;
	}
	lade_explanation_sort(explanation);
}
