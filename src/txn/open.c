/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transaction of an instance that is there already: what is attached later is pinned and journalled into its
 * directory. Nobody holds it meanwhile; each change takes the lock and first looks whether the directory is still the
 * same one, for it may have been unloaded or replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "txn/internal.h"
#include "txn/state.h"

void lade_txn_remember_place(struct txn *txn, int lock)
{
	struct stat status;
	if (fstat(lock, &status) == 0) {
		txn->device = status.st_dev;
		txn->inode = status.st_ino;
	}
}

static bool is_same_place(const struct txn *txn, int lock)
{
	struct stat status;
	return fstat(lock, &status) == 0 && status.st_dev == txn->device && status.st_ino == txn->inode;
}

/* ---- what lies in it ---- */

static enum txn_pin_kind pin_kind(enum lade_pin_kind kind)
{
	return kind == LADE_PINNED_MAP ? TXN_PIN_MAP : kind == LADE_PINNED_PROGRAM ? TXN_PIN_PROGRAM : TXN_PIN_LINK;
}

static int add_pin(struct txn *txn, const struct state_pin *known)
{
	struct txn_pinned *pin = array_push(&txn->pins);
	if (!pin)
		return -ENOMEM;
	CLEANUP(cleanup_free) char *directory = lade_path_parent(known->path);
	pin->kind = pin_kind(known->kind);
	pin->full = strdup(known->name);
	pin->safe = strdup(lade_path_leaf(known->path));
	pin->path = strdup(known->path);
	pin->owner = strdup(known->kind == LADE_PINNED_LINK && directory ? lade_path_leaf(directory) : "");
	return directory && pin->full && pin->safe && pin->path && pin->owner ? 0 : -ENOMEM;
}

void lade_txn_clear_pins(struct txn *txn)
{
	array_foreach(pin, &txn->pins) {
		char *owned[] = { pin->full, pin->owner, pin->safe, pin->path };
		for (size_t i = 0; i < ELEMENTS(owned); i++)
			free(owned[i]);
	}
	array_clear(&txn->pins);
}

static int learn(struct txn *txn, const struct journal *journal, const struct state_instance *instance)
{
	lade_txn_clear_pins(txn);
	txn->made = 0;
	txn->next_entry = journal->count ? journal->items[journal->count - 1].number + 1 : 0;
	array_foreach(pin, &instance->pins) {
		int result = pin->path && !pin->shared ? add_pin(txn, pin) : 0;
		if (result < 0)
			return result;
	}
	return 0;
}

/* Another process may have attached or detached since we looked. */
static int look(struct txn *txn)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	struct state_instance instance = { .directory = strdup(txn->directory) };
	int result = instance.directory ? lade_journal_read(txn->directory, &journal) : -ENOMEM;
	if (result == 0)
		result = lade_state_read_pins(txn->kernel, &journal, &instance);
	if (result == 0)
		result = learn(txn, &journal, &instance);
	lade_state_instance_clear(&instance);
	return result;
}

/* ---- the lock ---- */

static int fail_changed(const struct txn *txn, struct lade_error **error)
{
	return lade_fail(error, ESTALE, "state.changed", "%s was unloaded or replaced meanwhile", txn->base);
}

static int fail_lock(struct txn *txn, int result, struct lade_error **error)
{
	if (result == -ENOENT)
		return fail_changed(txn, error);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	return lade_pin_fail(txn->kernel, result, "state.read", "locking", txn->base, error);
}

int lade_txn_lock(struct txn *txn, struct lade_error **error)
{
	if (!txn->base || !txn->committed || txn->lock >= 0)
		return 0;
	CLEANUP(cleanup_fd) int lock = txn->kernel->calls->lock(txn->kernel, txn->base, true);
	if (lock < 0)
		return fail_lock(txn, lock, error);
	if (!is_same_place(txn, lock))
		return fail_changed(txn, error);
	int result = look(txn);
	if (result < 0)
		return fail_lock(txn, result, error);
	txn->lock = take_fd(&lock);
	return 0;
}

void lade_txn_unlock(struct txn *txn)
{
	if (txn->base && txn->committed)
		txn->lock = fd_close(txn->lock);
}

/* ---- opening ---- */

static int fill(struct txn *txn, const char *directory, const struct journal *journal)
{
	const char *file = journal->count ? lade_journal_value(&journal->items[0], "file") : NULL;
	const char *name = journal->count ? lade_journal_value(&journal->items[0], "name") : NULL;
	txn->name = strdup(name ? name : lade_path_leaf(directory));
	txn->file = strdup(file ? file : "");
	txn->root = lade_path("%s/lade", txn->context->bpffs);
	txn->base = strdup(directory);
	txn->directory = strdup(directory);
	txn->committed = true;
	return txn->name && txn->file && txn->root && txn->base && txn->directory ? 0 : -ENOMEM;
}

static int take_lock(struct kernel *kernel, const char *directory, int held)
{
	if (held < 0)
		return kernel->calls->lock(kernel, directory, true);
	int lock = fcntl(held, F_DUPFD_CLOEXEC, 3);
	return lock < 0 ? -errno : lock;
}

int lade_txn_open(struct lade_context *context, const char *directory, int held, struct txn **ret_txn,
		  struct lade_error **error)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	CLEANUP(cleanup_txn) struct txn *txn = calloc(1, sizeof *txn);
	if (!txn)
		return lade_fail_memory(error);
	txn->lock = txn->replaced_lock = -1;
	txn->context = context;
	int result = lade_context_kernel(context, &txn->kernel, error);
	if (result < 0)
		return result;
	CLEANUP(cleanup_fd) int lock = take_lock(txn->kernel, directory, held);
	if (lock == -ENOENT)
		return lade_fail(error, ENOENT, "state.not-found", "%s is gone", directory);
	if (lock < 0)
		return lade_pin_fail(txn->kernel, lock, "state.read", "locking", directory, error);
	lade_txn_remember_place(txn, lock);
	if (!lade_is_instance(directory, &journal))
		return lade_fail(error, EINVAL, "state.not-lade", "%s has no journal of Lade's", directory);
	result = fill(txn, directory, &journal);
	if (result < 0)
		return lade_fail_memory(error);
	txn->lock = take_fd(&lock);
	result = look(txn);
	if (result < 0)
		return fail_lock(txn, result, error);
	*ret_txn = TAKE(txn);
	return 0;
}

/* ---- taking apart ---- */

static void drop_pin(struct txn *txn, const char *path)
{
	array_foreach(pin, &txn->pins)
		if (pin->path && strcmp(pin->path, path) == 0) {
			free(pin->path);
			pin->path = NULL;
			*pin->full = *pin->safe = *pin->owner = '\0'; /* its names are free again */
		}
}

static int drop_name(struct txn *txn, const char *relative)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	int result = lade_journal_read(txn->directory, &journal);
	array_foreach(entry, &journal) {
		const char *pin = lade_journal_value(entry, "pin");
		if (result < 0 || strcmp(entry->kind, "name") != 0 || !pin || strcmp(pin, relative) != 0)
			continue;
		CLEANUP(cleanup_free) char *path = lade_path("%s/journal/%04u", txn->directory, entry->number);
		result = path ? txn->kernel->calls->unlink(txn->kernel, path) : -ENOMEM;
	}
	return result == -ENOENT ? 0 : result;
}

int lade_txn_unpin_link(struct txn *txn, const char *path)
{
	if (!lade_path_is_below(path, txn->directory))
		return -EINVAL;
	CLEANUP(cleanup_free) char *directory = lade_path_parent(path);
	int result = txn->kernel->calls->unlink(txn->kernel, path);
	if (result < 0 && result != -ENOENT)
		return result;
	drop_pin(txn, path);
	result = drop_name(txn, path + strlen(txn->directory) + 1);
	if (directory) /* the program may have other links */
		(void)txn->kernel->calls->rmdir(txn->kernel, directory);
	return result;
}
