/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * repin: a replacement's map or program in the place of the old one's pin, which is renamed over, so that the path is
 * never missing. Until the commit the old one has another name (keep); undoing renames that back.
 *
 *     repin program=cls method=pin target=/sys/fs/bpf/vendor/prog_cls path=/sys/fs/bpf/vendor/prog_cls
 *           keep=/sys/fs/bpf/vendor/prog_cls~12-5f3a root=/sys/fs/bpf old-id=12 new-id=17 kind=program
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "txn/internal.h"

struct repin {
	const char *root, *path, *keep;
	uint32_t old_id, new_id;
	bool is_program;
	int directory; /* of both */
	char at[OUTSIDE_PATH_BYTES], keep_at[OUTSIDE_PATH_BYTES];
};

static uint32_t number_of(const struct journal_entry *entry, const char *key)
{
	const char *text = lade_journal_value(entry, key);
	return text ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

/* The caller closes the directory. -ENOENT: it is gone, or nothing of ours. */
static int open_places(struct kernel *kernel, struct repin *repin)
{
	repin->directory = lade_outside_parent(repin->root, kernel, NULL, repin->path, NULL);
	if (repin->directory < 0)
		return repin->directory == -ENOMEM || repin->directory == -EMFILE || repin->directory == -ENFILE
			       ? repin->directory
			       : -ENOENT;
	lade_outside_at(repin->directory, repin->path, repin->at);
	lade_outside_at(repin->directory, repin->keep, repin->keep_at);
	return 0;
}

static int parse(struct kernel *kernel, const struct journal_entry *entry, struct repin *ret_repin)
{
	const char *kind = lade_journal_value(entry, "kind");
	struct repin repin = { .root = lade_journal_value(entry, "root"),
			       .path = lade_journal_value(entry, "path"),
			       .keep = lade_journal_value(entry, "keep"),
			       .old_id = number_of(entry, "old-id"),
			       .new_id = number_of(entry, "new-id"),
			       .is_program = kind && strcmp(kind, "program") == 0,
			       .directory = -1 };
	if (!repin.root || !repin.path || !repin.keep || !lade_path_is_clean(repin.keep))
		return -ENOENT;
	int result = open_places(kernel, &repin);
	if (result == 0)
		*ret_repin = repin;
	return result;
}

/* Of what was never made, or is somebody else's by now, nothing is to be done. */
static int drop_keep(struct kernel *kernel, const struct repin *repin)
{
	int64_t kept = lade_pinned_id(kernel, repin->keep_at, repin->is_program);
	if (kept != repin->old_id)
		return kept < 0 && kept != -ENOENT && kept != -EINVAL ? (int)kept : 0;
	return kernel->calls->unlink(kernel, repin->keep_at);
}

static int undo(struct kernel *kernel, const struct repin *repin)
{
	int64_t there = lade_pinned_id(kernel, repin->at, repin->is_program);
	if (there < 0 && there != -ENOENT && there != -EINVAL)
		return (int)there;
	if (there != repin->new_id)
		return drop_keep(kernel, repin);
	int64_t kept = lade_pinned_id(kernel, repin->keep_at, repin->is_program);
	if (kept != repin->old_id)
		return kept < 0 && kept != -ENOENT && kept != -EINVAL ? (int)kept : 0;
	return kernel->calls->rename(kernel, repin->keep_at, repin->at, 0);
}

static int visit(struct kernel *kernel, const struct journal_entry *entry,
		 int (*fn)(struct kernel *kernel, const struct repin *repin))
{
	struct repin repin;
	int result = parse(kernel, entry, &repin);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	result = fn(kernel, &repin);
	(void)fd_close(repin.directory);
	return result == -ENOENT ? 0 : result;
}

int lade_undo_repin(struct kernel *kernel, const struct journal_entry *entry)
{
	return visit(kernel, entry, undo);
}

int lade_settle_repin(struct kernel *kernel, const struct journal_entry *entry)
{
	return visit(kernel, entry, drop_keep);
}

/* ---- doing ---- */

static int exchange(struct txn *txn, const struct txn_outside *what, const struct repin *repin)
{
	struct kernel *kernel = txn->kernel;
	char first_at[OUTSIDE_PATH_BYTES];
	int64_t there = lade_pinned_id(kernel, repin->at, repin->is_program);
	if (there != repin->old_id)
		return there < 0 && there != -ENOENT && there != -EINVAL ? (int)there : -ESTALE;
	int result = kernel->calls->link(kernel, repin->at, repin->keep_at);
	if (result < 0)
		return result;
	CLEANUP(cleanup_fd)
	int first = lade_outside_parent(txn->context->bpffs, kernel, NULL, what->first, NULL);
	if (first < 0)
		return first;
	lade_outside_at(first, what->first, first_at);
	return kernel->calls->rename(kernel, first_at, repin->at, 0);
}

static int journal(struct txn *txn, const struct txn_outside *what, const struct repin *repin,
		   struct lade_error **error)
{
	char old_id[16], new_id[16];
	unsigned number;
	(void)snprintf(old_id, sizeof old_id, "%u", repin->old_id);
	(void)snprintf(new_id, sizeof new_id, "%u", repin->new_id);
	const struct txn_link link = { .program = what->name, .method = "pin", .target = what->path };
	const char *const pairs[] = { "path",   repin->path, "keep",   repin->keep,
				      "root",   repin->root, "old-id", old_id,
				      "new-id", new_id,      "kind",   what->is_program ? "program" : "map",
				      NULL };
	return lade_txn_effect(txn, "repin", &link, pairs, &number, error);
}

static int fail(const struct txn *txn, const struct txn_outside *what, int result, struct lade_error **error)
{
	if (result == -ESTALE)
		return lade_fail(error, ESTALE, "pin.taken", "%s: what is pinned at %s was exchanged meanwhile",
				 what->name, what->path);
	return lade_pin_fail(txn->kernel, result, "replace.refused", "replacing the pin", what->path, error);
}

static int exchange_locked(struct txn *txn, const struct txn_outside *what, const struct repin *repin,
			   struct lade_error **error)
{
	int result = journal(txn, what, repin, error);
	if (result < 0)
		return result;
	CLEANUP(cleanup_fd) int lock = lade_txn_lock_root(txn);
	result = lock < 0 ? lock : exchange(txn, what, repin);
	return result < 0 ? fail(txn, what, result, error) : 0;
}

int lade_txn_repin(struct txn *txn, const struct txn_outside *what, uint32_t old_id, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *keep = lade_outside_beside(what->path);
	if (!keep)
		return lade_fail_memory(error);
	struct repin repin = { .root = txn->context->bpffs,
			       .path = what->path,
			       .keep = keep,
			       .old_id = old_id,
			       .new_id = what->id,
			       .is_program = what->is_program };
	int result = open_places(txn->kernel, &repin);
	if (result < 0)
		return fail(txn, what, result, error);
	result = exchange_locked(txn, what, &repin, error);
	(void)fd_close(repin.directory);
	return result;
}
