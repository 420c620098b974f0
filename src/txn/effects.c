/* SPDX-License-Identifier: BSD-2-Clause */
#include "txn/effect.h"

#include <errno.h>
#include <string.h>

#include "txn/internal.h"

/* One line a kind; see effect.h. */
static const struct effect_kind kinds[] = {
	{ "event", lade_undo_event, .check = lade_check_event, .replacing = EFFECT_OVERLAPS },
	{ "cgroup", lade_undo_cgroup, lade_replace_cgroup, lade_check_cgroup },
	{ "sockmap", lade_undo_sockmap, lade_replace_sockmap, lade_check_sockmap },
	{ "dissector", lade_undo_dissector, lade_replace_dissector, lade_check_dissector },
	{ "lirc", lade_undo_lirc, .check = lade_check_lirc, .replacing = EFFECT_OVERLAPS },
	{ "socket", lade_undo_socket, lade_replace_socket, lade_check_socket },
	{ "table", lade_undo_table },
	{ "swap", lade_undo_swap, .hidden = true },
	{ "repin", lade_undo_repin, .hidden = true },
	{ "filter", lade_undo_filter, lade_replace_filter, lade_check_filter },
	{ "qdisc", lade_undo_qdisc, NULL, lade_check_qdisc, EFFECT_COMPANION },
	{ "xdp", lade_undo_xdp, lade_replace_xdp, lade_check_xdp },
	{ "route", lade_undo_route, lade_replace_route, lade_check_route },
	{ "entry", lade_undo_entry, lade_replace_entry, lade_check_entry },
};

const struct effect_kind *lade_effect_kind(const char *kind)
{
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- making ---- */

enum { MOST_PAIRS = 24 }; /* of one kind's own fields */

static int journal_effect(struct txn *txn, const char *kind, const struct txn_link *what, const char *const *pairs,
			  unsigned *ret_number)
{
	const char *all[8 + 2 * MOST_PAIRS + 1] = { "program", what->program, "method",  what->method,
						    "target",  what->target,  "request", what->request };
	size_t count = what->request ? 8 : 6;

	for (; pairs && pairs[0]; pairs += 2) {
		if (count + 2 >= ELEMENTS(all))
			return -E2BIG;
		all[count++] = pairs[0];
		all[count++] = pairs[1];
	}
	all[count] = NULL;
	return lade_txn_journal_effect(txn, kind, all, ret_number);
}

int lade_txn_effect(struct txn *txn, const char *kind, const struct txn_link *what, const char *const *pairs,
		    unsigned *ret_number, struct lade_error **error)
{
	int result = lade_txn_directory_need(txn, error);
	if (result < 0)
		return result;
	size_t mark = txn->steps.count;
	result = journal_effect(txn, kind, what, pairs, ret_number);
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

int lade_txn_effect_drop(struct txn *txn, unsigned number)
{
	CLEANUP(cleanup_free) char *path = txn->directory ? lade_path("%s/journal/%04u", txn->directory, number) : NULL;
	return path ? txn->kernel->calls->unlink(txn->kernel, path) : -ENOMEM;
}

static bool journal_has(const struct journal *journal, const char *kind, const char *const *pairs)
{
	array_foreach(entry, journal) {
		bool same = strcmp(entry->kind, kind) == 0;
		for (const char *const *pair = pairs; same && pair[0]; pair += 2) {
			const char *value = lade_journal_value(entry, pair[0]);
			same = value && strcmp(value, pair[1]) == 0;
		}
		if (same)
			return true;
	}
	return false;
}

bool lade_txn_has_effect(const struct txn *txn, const char *kind, const char *const *pairs)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	return txn->directory && lade_journal_read(txn->directory, &journal) >= 0 && journal_has(&journal, kind, pairs);
}

bool lade_effect_is_journalled(const struct lade_context *context, const char *kind, const char *const *pairs)
{
	struct strings directories = { 0 };
	bool found = false;
	if (lade_instances_scan(context->bpffs, &directories) < 0)
		return false;
	array_foreach(directory, &directories) {
		CLEANUP(cleanup_journal) struct journal journal = { 0 };
		if (!found && lade_journal_read(*directory, &journal) >= 0)
			found = journal_has(&journal, kind, pairs);
	}
	lade_strings_clear(&directories);
	return found;
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
