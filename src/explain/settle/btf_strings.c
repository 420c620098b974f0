/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "Invalid string section" says that the types of an object were refused, and the header above it, why: kernels before
 * 5.4 take 64 KiB of names.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES  (1U << 20)
#define LEAST_BYTES 65536 /* more than these kernels take */

/* A logger may have put the whole log into one line. */
static size_t string_bytes(const struct span *text)
{
	static const char word[] = "str_len: ", message[] = "Invalid string section";
	struct mention line = { .next = text->text };
	const char *at;

	if (!lade_search_long(text->text, text->length, message, strlen(message)) ||
	    !lade_find_mention(text, word, &line) || !(at = lade_in_mention(&line, word)))
		return 0;
	const size_t bytes = lade_number_at(at + strlen(word), line.text.text + line.text.length);
	return bytes == SIZE_MAX ? 0 : bytes;
}

static bool is_of_types(const struct explained *item)
{
	static const char *const codes[] = { "btf.load.without", "btf.load.refused", "verifier.btf" };

	for (size_t i = 0; item->finding && i < ELEMENTS(codes); i++)
		if (strcmp(item->finding->code, codes[i]) == 0)
			return true;
	return false;
}

void lade_explanation_btf_strings(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	size_t bytes = 0;
	bool is_looked = false;

	array_foreach(item, &explanation->items) {
		if (!is_of_types(item))
			continue;
		bytes = is_looked ? bytes : string_bytes(&span);
		is_looked = true;
		if (bytes <= LEAST_BYTES)
			return;
		finding_cause(
			item->finding,
			"the names in the object's types have %zu bytes (str_len), and kernels before 5.4 take 65536 "
			"at most: this kernel refuses the types%s",
			bytes,
			item->role == LADE_EXPLAINED_NOTE
				? ", and the loader goes on without: nothing in the object depends on them"
				: "");
		finding_fix(item->finding, "a kernel from 5.4 on; or fewer types in the object, where something needs "
					   "them");
		finding_confidence(item->finding, LADE_LIKELY);
		item->is_settled = true;
	}
}
