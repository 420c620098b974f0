/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An effect is a change outside bpffs that no descriptor and no pin holds: a filter, a qdisc, a program attached the
 * old way, a tracing event. Its journal entry is written before it is made and says all that undoing it takes, to any
 * later process:
 *
 *     filter program=cls_main method=tc target=dev:eth0:ingress ifindex=4 netns=4026531840 prog-id=77 …
 *
 * program, method and target are in every entry; the other fields are its kind's. prog-id proves that what is there
 * now is still ours: the kernel hands ids out once.
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
};

/* NULL: not a kind of effect. The table of kinds is in effects.c, each kind's code in effect_<kind>.c. */
const struct effect_kind *lade_effect_kind(const char *kind);

/*
 * Journals an effect that is about to be made; *ret_number names it. pairs: key, value, …, NULL. Then make it; when
 * that fails call lade_txn_effect_undo(). Rollback, dissolving and unloading undo it. A transaction without a
 * directory gets one for its journal. Findings: pin.journal, those of a directory (txn.h).
 */
int lade_txn_effect(struct txn *txn, const char *kind, const char *program, const char *method, const char *target,
		    const char *const *pairs, unsigned *ret_number, struct lade_error **error);

/* Undoes one and removes its entry, before or after commit. 0 also when that was done already. */
int lade_txn_effect_undo(struct txn *txn, unsigned number);

/* The same of an instance that this process did not load; the caller holds its lock. */
int lade_effect_undo(struct kernel *kernel, const char *directory, const struct journal_entry *entry);

#endif
