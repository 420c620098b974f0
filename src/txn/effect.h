/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An effect is a change outside bpffs that no descriptor and no pin holds: a filter, a qdisc, a program attached the
 * old way, a tracing event. Its journal entry is written before it is made and says all that undoing it takes, to any
 * later process:
 *
 *     filter program=cls_main method=tc target=dev:eth0:ingress ifindex=4 netns=4026531840 prog-id=77 …
 *
 * program, method and target are in every entry, and request (what the user gave as target) where there was one; the
 * other fields are its kind's. prog-id proves that what is there now is still ours: the kernel hands ids out once.
 */
#ifndef LADE_TXN_EFFECT_H
#define LADE_TXN_EFFECT_H

#include "txn/txn.h"

struct effect_kind {
	const char *kind; /* first word of the entry; also its row in journal.h's list */
	/*
	 * Takes it back through the kernel's calls. 0 also when it is gone already, was never made, or is somebody
	 * else's by now; negative only when it is there, is ours and does not go: the entry then stays.
	 */
	int (*undo)(struct kernel *kernel, const struct journal_entry *entry);

	/* ---- lade load --replace and lade list; all may be left out ---- */

	/*
	 * Puts program_fd in the place of the program that the entry's prog-id names, in one step, so that nothing
	 * passes unseen (NLM_F_REPLACE of the same handle, BPF_PROG_ATTACH with BPF_F_REPLACE …). The caller journals
	 * the same entry with the new program's id as prog-id before it (every other field stays true), and to take it
	 * back calls this again with that entry and the old program. -ESTALE: what is there is not the entry's program.
	 */
	int (*replace)(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
	/* Is it there and still ours? 1: yes, 0: gone, negative: it cannot be told. */
	int (*check)(struct kernel *kernel, const struct journal_entry *entry);
	/* What becomes of it when its instance is replaced and there is no replace(). */
	enum effect_replacing {
		EFFECT_EXCLUSIVE, /* it cannot be replaced without a gap: --replace is refused before anything is done */
		EFFECT_OVERLAPS,  /* the new program is attached anew before this is undone: events are seen twice, not lost */
		/* No program of its own, others of the instance need it (a qdisc): the new instance's journal takes the entry
		   over as it is. Its undo must leave it when it is in use (0). */
		EFFECT_COMPANION,
	} replacing;
	bool hidden; /* bookkeeping that list and show leave out */
};

/* NULL: not a kind of effect. The table of kinds is in effects.c, each kind's code in effect_<kind>.c. */
const struct effect_kind *lade_effect_kind(const char *kind);

/*
 * Journals an effect that is about to be made; *ret_number names it. pairs: key, value, …, NULL. Then make it; when
 * that fails call lade_txn_effect_undo(). Rollback, dissolving and unloading undo it. A transaction without a
 * directory gets one for its journal. Findings: pin.journal, those of a directory (txn.h).
 */
int lade_txn_effect(struct txn *txn, const char *kind, const struct txn_link *what, const char *const *pairs,
		    unsigned *ret_number, struct lade_error **error);

/* Undoes one and removes its entry, before or after commit. 0 also when that was done already. */
int lade_txn_effect_undo(struct txn *txn, unsigned number);

/* Removes the entry of an effect that was not made, because somebody else has made the same: nothing is undone. */
int lade_txn_effect_drop(struct txn *txn, unsigned number);

/* Has this transaction's instance, or any, an effect of this kind with all of these fields (key, value, …, NULL)? */
bool lade_txn_has_effect(const struct txn *txn, const char *kind, const char *const *pairs);
bool lade_effect_is_journalled(const struct lade_context *context, const char *kind, const char *const *pairs);

/* lade_txn_effect_undo() of an instance that this process did not load; the caller holds its lock. */
int lade_effect_undo(struct kernel *kernel, const char *directory, const struct journal_entry *entry);

#endif
