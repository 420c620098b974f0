/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that is refused without a log, and a source beside it that reserves a record of a ring buffer and never
 * submits nor discards one: the verifier takes no program that ends while it holds one.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)

static bool has(const char *text, size_t length, const char *word)
{
	return lade_search_long(text, length, word, strlen(word)) != NULL;
}

/* A comment, and Aya's entry.submit(), count as well: this is about sources that do not think of it. */
static bool keeps_record(const char *text, size_t length)
{
	return has(text, length, "bpf_ringbuf_reserve(") && !has(text, length, "submit") &&
	       !has(text, length, "discard");
}

static bool is_refused(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->errnum == EINVAL && !item->is_settled &&
	       item->finding->confidence == LADE_POSSIBLE && strcmp(item->finding->code, "program.load.refused") == 0;
}

static bool has_verdict(const struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items)
		if (item->finding && (item->finding->log || strncmp(item->finding->code, "verifier.", 9) == 0))
			return true;
	return lade_cut_log(explanation, 0) != NULL;
}

void lade_explanation_unreleased(struct lade_explanation *explanation, const char *text, size_t length)
{
	const size_t looked = length < TEXT_BYTES ? length : TEXT_BYTES;

	array_foreach(item, &explanation->items) {
		if (!is_refused(item))
			continue;
		if (has_verdict(explanation) || !keeps_record(text, looked))
			return;
		lade_drop_others(&item->finding->evidence, NULL);
		finding_cause(
			item->finding,
			"the source that the text shows takes a record of a ring buffer (bpf_ringbuf_reserve()) and "
			"neither submits nor discards one: the verifier refuses a program that can end while it "
			"holds a record (Unreleased reference, EINVAL). If that is only a part of the source: the "
			"kernel is older than 5.8, which has neither ring buffers nor their helpers; or another "
			"reason, which the verifier's log names");
		finding_fix(
			item->finding,
			"if (!record) return 0; and on every path behind it bpf_ringbuf_submit(record, 0) or "
			"bpf_ringbuf_discard(record, 0); the loader's log (libbpf_set_print(), -v) or lade load shows "
			"the verifier's last line, uname -r the kernel");
		finding_confidence(item->finding, LADE_LIKELY);
		item->is_settled = true;
	}
}
