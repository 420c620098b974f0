/* SPDX-License-Identifier: BSD-2-Clause */
/* Which capabilities a load takes there. */
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "check/check.h"

static const char *const names[] = { "CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_ADMIN" };

void lade_check_capability_words(struct judging *judging, const char *capabilities)
{
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strstr(capabilities, names[i]))
			judging->capabilities |= UINT64_C(1) << i;
}

static void list(const struct judging *judging, struct strbuf *text)
{
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (judging->capabilities >> i & 1)
			lade_strbuf_addf(text, "%s%s", text->length ? " " : "", names[i]);
}

void lade_check_capabilities(struct judging *judging)
{
	struct strbuf text = { 0 };
	CLEANUP(cleanup_free) char *wanted = NULL;

	judging->capabilities |= 1; /* CAP_BPF, for more than simple socket filters */
	if (lade_check_before(judging, 5, 8)) {
		(void)lade_check_say(judging, VERDICT_NOTE, "check.capability",
				     "the load takes CAP_SYS_ADMIN there; CAP_BPF and others came in 5.8");
		return;
	}
	list(judging, &text);
	wanted = lade_strbuf_take(&text);
	judging->failed |= !wanted;
	if (wanted)
		(void)lade_check_say(judging, VERDICT_NOTE, "check.capability", "the load takes %s there", wanted);
}
