/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bcc adds advice to verdicts, and rewrites the source of its tools, but not within explicit calls: what is to be done
 * is another thing there than in a program of libbpf's.
 */
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)

static bool is_generic(const struct explained *item)
{
	static const char cause[] = "the register holds a plain ";

	return item->finding && item->role == LADE_EXPLAINED_ERROR &&
	       strcmp(item->finding->code, "verifier.deref") == 0 && item->finding->cause &&
	       strncmp(item->finding->cause, cause, strlen(cause)) == 0;
}

void lade_explanation_bcc_hint(struct lade_explanation *explanation, const char *text, size_t length)
{
	static const char hint[] = "HINT: The invalid mem access 'inv' error";
	const size_t looked = length < TEXT_BYTES ? length : TEXT_BYTES;
	bool is_known = false;

	array_foreach(item, &explanation->items) {
		if (!is_generic(item))
			continue;
		if (!is_known && !lade_search_long(text, looked, hint, strlen(hint)))
			return;
		is_known = true;
		finding_fix(
			item->finding,
			"a tool that comes with bcc: a newer bcc, whose tool and rewriter fit this kernel; in an own "
			"program read each pointer into a local variable first, one step a line (struct T *q = p->b; "
			"then q->c), or bpf_probe_read(&q, sizeof(q), &p->b) and bpf_probe_read_kernel() from 5.5 on: "
			"bcc rewrites plain p->b->c, but not what stands within the arguments of an explicit "
			"bpf_probe_read(), nor what a helper function or a cast hides");
	}
}
