/* SPDX-License-Identifier: BSD-2-Clause */
#include "txn/effect.h"

#include <errno.h>
#include <string.h>

#include "txn/internal.h"

/* One line a kind; see effect.h. */
static const struct effect_kind kinds[] = {
	{ "table", lade_undo_table },
};

const struct effect_kind *lade_effect_kind(const char *kind)
{
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- making ---- */

enum { MOST_PAIRS = 16 }; /* of one kind's own fields */

static int journal_effect(struct txn *txn, const char *kind, const char *const common[6], const char *const *pairs,
			  unsigned *ret_number)
{
	const char *all[6 + 2 * MOST_PAIRS + 1];
	size_t count = 6;

	memcpy(all, common, 6 * sizeof *common);
	for (; pairs && pairs[0]; pairs += 2) {
		if (count + 2 >= ELEMENTS(all))
			return -E2BIG;
		all[count++] = pairs[0];
		all[count++] = pairs[1];
	}
	all[count] = NULL;
	return lade_txn_journal_effect(txn, kind, all, ret_number);
}

int lade_txn_effect(struct txn *txn, const char *kind, const char *program, const char *method, const char *target,
		    const char *const *pairs, unsigned *ret_number, struct lade_error **error)
{
	const char *const common[6] = { "program", program, "method", method, "target", target };
	int result = lade_txn_directory_need(txn, error);
	if (result < 0)
		return result;
	size_t mark = txn->steps.count;
	result = journal_effect(txn, kind, common, pairs, ret_number);
	if (result < 0)
		return lade_pin_fail(txn->kernel, result, "pin.journal", "writing the journal in", txn->directory,
				     error);
	if (txn->committed)
		lade_txn_forget(txn, mark);
	return 0;
}

/* ---- undoing ---- */

int lade_effect_undo(struct kernel *kernel, const char *directory, const struct journal_entry *entry)
{
	const struct effect_kind *kind = lade_effect_kind(entry->kind);
	CLEANUP(cleanup_free) char *path = lade_path("%s/journal/%04u", directory, entry->number);
	if (!path)
		return -ENOMEM;
	int result = kind ? kind->undo(kernel, entry) : 0;
	return result < 0 ? result : kernel->calls->unlink(kernel, path);
}

int lade_txn_effect_undo(struct txn *txn, unsigned number)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	int result = txn->directory ? lade_journal_read(txn->directory, &journal) : -ENOENT;
	if (result < 0)
		return result;
	array_foreach(entry, &journal)
		if (entry->number == number)
			return lade_effect_undo(txn->kernel, txn->directory, entry);
	return 0;
}
