/* SPDX-License-Identifier: BSD-2-Clause */
/* The undo log. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "txn/internal.h"

static struct txn_step *step_new(struct txn *txn, enum txn_step_kind kind)
{
	struct txn_step *step = array_push(&txn->steps);
	if (step)
		step->kind = kind;
	return step;
}

int lade_txn_step_path(struct txn *txn, enum txn_step_kind kind, const char *path)
{
	CLEANUP(cleanup_free) char *copy = strdup(path);
	struct txn_step *step = copy ? step_new(txn, kind) : NULL;
	if (!step)
		return -ENOMEM;
	step->path = TAKE(copy);
	return 0;
}

int lade_txn_step_shared(struct txn *txn, const struct shared_pin *pin)
{
	int result = lade_txn_step_path(txn, STEP_SHARED, pin->path);
	if (result < 0)
		return result;
	struct txn_step *step = &txn->steps.items[txn->steps.count - 1];
	step->id = pin->id;
	step->is_program = pin->is_program;
	step->is_place = pin->is_place;
	return 0;
}

int lade_txn_undo(struct txn *txn, txn_undo_fn *undo, txn_undo_fn *forget, void *data)
{
	struct txn_step *step = step_new(txn, STEP_CALL);
	if (!step)
		return -ENOMEM;
	step->undo = undo;
	step->forget = forget;
	step->data = data;
	return 0;
}

static void step_drop(struct txn *txn)
{
	free(txn->steps.items[--txn->steps.count].path);
}

/* Without a descriptor to look at it, a pin cannot be proved to be ours: it stays, and its entry with it. */
static void release(struct txn *txn, const struct txn_step *step)
{
	const struct shared_pin pin = { step->path, step->id, step->is_program, step->is_place };
	if (lade_shared_release(txn->context, txn->kernel, txn->directory, &pin) < 0)
		txn->stuck = true;
}

/* What does not go stays, is journalled, and is shown by lade list as unfinished: its directory stays then too. */
static void step_undo(struct txn *txn, const struct txn_step *step)
{
	if (txn->stuck && (step->kind == STEP_UNLINK || step->kind == STEP_RMDIR))
		return;
	switch (step->kind) {
	case STEP_UNLINK:
		(void)txn->kernel->calls->unlink(txn->kernel, step->path);
		break;
	case STEP_RMDIR:
		(void)txn->kernel->calls->rmdir(txn->kernel, step->path);
		break;
	case STEP_SHARED:
		release(txn, step);
		break;
	case STEP_OUTSIDE_DIRECTORY:
		(void)lade_outside_release(txn->context, txn->kernel, txn->directory, step->path);
		break;
	case STEP_CALL:
		step->undo(step->data);
		break;
	case STEP_EFFECT:
		if (lade_txn_effect_undo(txn, step->number) < 0)
			txn->stuck = true;
		break;
	}
}

void lade_txn_rollback_to(struct txn *txn, size_t mark)
{
	while (txn->steps.count > mark) {
		step_undo(txn, &txn->steps.items[txn->steps.count - 1]);
		step_drop(txn);
	}
}

void lade_txn_forget(struct txn *txn, size_t mark)
{
	while (txn->steps.count > mark) {
		const struct txn_step *step = &txn->steps.items[txn->steps.count - 1];
		if (step->kind == STEP_CALL && step->forget)
			step->forget(step->data);
		step_drop(txn);
	}
}

/*
 * Undo is registered before the effect, so that nothing is made that cannot be undone for want of memory;
 * what failed has nothing to undo.
 */
static int drop_if_failed(struct txn *txn, int result)
{
	if (result < 0)
		step_drop(txn);
	return result;
}

/* A number can be taken: another process hands a shared pin over by writing into this journal. */
int lade_txn_journal(struct txn *txn, const char *kind, const char *const *pairs)
{
	int result;
	do {
		CLEANUP(cleanup_free) char *path = lade_path("%s/journal/%04u", txn->directory, txn->next_entry);
		if (!path || lade_txn_step_path(txn, STEP_UNLINK, path) < 0)
			return -ENOMEM;
		result = drop_if_failed(
			txn, lade_journal_write_at(txn->kernel, txn->directory, txn->next_entry++, kind, pairs));
	} while (result == -EEXIST);
	return result;
}

int lade_txn_journal_effect(struct txn *txn, const char *kind, const char *const *pairs, unsigned *ret_number)
{
	int result = lade_txn_journal(txn, kind, pairs);
	if (result < 0)
		return result;
	struct txn_step *step = &txn->steps.items[txn->steps.count - 1];
	step->kind = STEP_EFFECT; /* which also removes the entry, but only once the effect is gone */
	step->number = *ret_number = txn->next_entry - 1;
	return 0;
}

int lade_txn_mkdir(struct txn *txn, const char *path)
{
	if (lade_txn_step_path(txn, STEP_RMDIR, path) < 0)
		return -ENOMEM;
	return drop_if_failed(txn, txn->kernel->calls->mkdir(txn->kernel, path, 0700));
}
