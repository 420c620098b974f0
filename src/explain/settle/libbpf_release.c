/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several things of libbpf that a source wants are not there: the newest says which release it wants at least. Who
 * reads the first alone would install the release that has that one, and be where he was.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/settle/settlers.h"

#define RELEASE(major, minor) ((major) << 8 | (minor))

/* The rule knows: "bpf_xdp_attach() came with libbpf 0.7"; 0: it does not say. */
static unsigned release_of(const struct explained *item)
{
	static const char mark[] = "came with libbpf ";
	const char *at = item->finding->cause ? strstr(item->finding->cause, mark) : NULL;
	unsigned major, minor;

	return at && sscanf(at + strlen(mark), "%2u.%2u", &major, &minor) == 2 ? RELEASE(major, minor) : 0;
}

static bool is_missing(const struct explained *item)
{
	return item->finding && (item->role == LADE_EXPLAINED_ERROR || item->role == LADE_EXPLAINED_CONSEQUENCE) &&
	       !item->is_settled && strcmp(item->finding->code, "compile.source") == 0;
}

/* Of an older libbpf, as its own words have it. */
static bool is_of_libbpf(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR &&
	       (release_of(item) || (item->finding->cause && strstr(item->finding->cause, "headers of libbpf")));
}

void lade_explanation_libbpf_release(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct explained *newest = NULL;
	struct explained *first = NULL;

	(void)text;
	(void)length;
	array_foreach(item, &explanation->items) {
		if (!is_missing(item))
			continue;
		if (is_of_libbpf(item) && (!first || item->first_line < first->first_line))
			first = item;
		if (release_of(item) && (!newest || release_of(item) > release_of(newest)))
			newest = item;
	}
	if (first && newest && first != newest && release_of(newest) > release_of(first))
		finding_evidence(first->finding, "what line %zu wants came with libbpf %u.%u: that release at least",
				 newest->first_line, release_of(newest) >> 8, release_of(newest) & 0xff);
}
