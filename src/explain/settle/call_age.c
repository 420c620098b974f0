/* SPDX-License-Identifier: BSD-2-Clause */
/* What a system call asks for that is newer than the kernel, or may be. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "explain/settle/settlers.h"

static bool is_of_call(const struct explained *item, const char *operation)
{
	return item->traced && item->finding && item->role == LADE_EXPLAINED_ERROR &&
	       strcmp(item->traced, operation) == 0;
}

/* Does nothing better explain it? */
static bool is_unsettled(const struct explained *item)
{
	return item->newest.since && item->finding->confidence == LADE_POSSIBLE &&
	       (item->errnum == EINVAL || item->errnum == E2BIG || !item->errnum);
}

static void blame_age(const struct explained *item, const char *kernel)
{
	char since[KERNEL_VERSION_BYTES];

	lade_kernel_spell(item->newest.since, since);
	finding_cause(item->finding, "%s is older than %s, with which %s came, that the call asks for%s", kernel, since,
		      item->newest.name, item->errnum ? "" : " (with which error it failed is cut away here)");
	finding_fix(item->finding,
		    "a newer kernel, or a loader that tries again without it: lade load, libbpf; uname -r tells");
}

void lade_explanation_call_age(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct kernel_known *kernel = &explanation->kernel;
	char own[KERNEL_VERSION_BYTES];

	(void)text;
	(void)length;
	lade_kernel_spell(kernel->high, own);
	array_foreach(item, &explanation->items) {
		bool is_map = is_of_call(item, "map_create");
		if ((!is_map && !is_of_call(item, "prog_load")) || !is_unsettled(item))
			continue;
		if (kernel->high && kernel->high < item->newest.since) {
			CLEANUP(cleanup_free) char *words = NULL;
			if (asprintf(&words, "this kernel (%s)", own) > 0)
				blame_age(item, words);
			finding_confidence(item->finding, LADE_LIKELY);
		} else if (kernel->low >= item->newest.since) {
			finding_evidence(item->finding,
					 "mainline kernels have all that the call asks for since %u.%u (%s)",
					 item->newest.since >> 8, item->newest.since & 0xffU, item->newest.name);
		} else if (is_map && item->errnum != E2BIG) {
			blame_age(item, "the kernel");
		}
	}
}
