/* SPDX-License-Identifier: BSD-2-Clause */
#include "txn/txn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "txn/internal.h"

static int set_base(struct txn *txn, const char *pin_dir, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *safe = lade_safe_name(txn->name);
	if (!safe)
		return lade_fail_memory(error);
	if (!pin_dir) {
		txn->base = lade_path("%s/%s", txn->root, safe);
		return txn->base ? 0 : lade_fail_memory(error);
	}
	int result = lade_path_resolve(txn->context, pin_dir, &txn->base);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result < 0 || strpbrk(lade_path_leaf(txn->base), "~.") || strcmp(txn->base, txn->root) == 0)
		return lade_fail(error, EINVAL, "pin.directory-name", "\"%s\" cannot be a directory of pins", pin_dir);
	return 0;
}

/* Every load passes here, also those that pin nothing: without printf. */
static char *root_below(const char *bpffs)
{
	static const char name[] = "/lade";
	size_t length = strlen(bpffs);
	char *root = malloc(length + sizeof name);
	if (!root)
		return NULL;
	(void)strcpy(root, bpffs);
	(void)strcpy(root + length, name);
	return root;
}

static int txn_new(struct lade_context *context, struct kernel *kernel, const struct txn_options *options,
		   struct txn **ret_txn)
{
	CLEANUP(cleanup_txn) struct txn *txn = calloc(1, sizeof *txn);
	if (!txn)
		return -ENOMEM;
	txn->lock = txn->replaced_lock = -1;
	txn->replace = options->replace;
	txn->context = context;
	txn->kernel = kernel;
	txn->name = strdup(options->name ? options->name : "");
	txn->file = strdup(options->file ? options->file : "");
	txn->root = root_below(context->bpffs);
	if (!txn->name || !txn->file || !txn->root)
		return -ENOMEM;
	*ret_txn = TAKE(txn);
	return 0;
}

/* A base below the context's bpffs needs that one mounted; elsewhere what is there must be a bpffs. */
static int ensure_place(struct txn *txn, struct lade_error **error)
{
	if (lade_path_is_below(txn->base, txn->context->bpffs)) {
		int result = lade_bpffs_ensure(txn->context, txn->kernel, error);
		if (result < 0)
			return result;
	}
	return lade_bpffs_check(txn->kernel, txn->base, error);
}

int lade_txn_begin(struct lade_context *context, const struct txn_options *options, struct txn **ret_txn,
		   struct lade_error **error)
{
	struct kernel *kernel;
	CLEANUP(cleanup_txn) struct txn *txn = NULL;
	int result = lade_context_kernel(context, &kernel, error);
	if (result < 0)
		return result;
	if (txn_new(context, kernel, options, &txn) < 0)
		return lade_fail_memory(error);
	if (options->named) {
		result = set_base(txn, options->pin_dir, error);
		if (result >= 0)
			result = ensure_place(txn, error);
		if (result >= 0)
			result = lade_txn_directory_take(txn, error);
	}
	if (result < 0)
		return result;
	*ret_txn = TAKE(txn);
	return 0;
}

/* Kernels whose bpffs has no RENAME_NOREPLACE: the lock keeps everybody else away from the name. */
static int rename_in_two_steps(struct txn *txn)
{
	struct kernel *kernel = txn->kernel;
	CLEANUP(cleanup_free) char *parent = lade_path_parent(txn->base);
	CLEANUP(cleanup_fd) int lock = parent ? kernel->calls->lock(kernel, parent, true) : -ENOMEM;
	if (lock < 0)
		return lock;
	if (lade_path_exists(txn->base))
		return -EEXIST;
	return kernel->calls->rename(kernel, txn->directory, txn->base, 0);
}

static int rename_into_place(struct txn *txn)
{
	struct kernel *kernel = txn->kernel;
	if (lade_kernel_form_absent(kernel, FORM_RENAME_FLAGS))
		return rename_in_two_steps(txn);
	int result = kernel->calls->rename(kernel, txn->directory, txn->base, RENAME_NOREPLACE);
	if (result != -EINVAL && result != -ENOSYS)
		return result;
	result = rename_in_two_steps(txn);
	if (result >= 0)
		lade_kernel_form_set_absent(kernel, FORM_RENAME_FLAGS);
	return result;
}

int lade_txn_commit(struct txn *txn, struct lade_error **error)
{
	if (txn->base) {
		CLEANUP(cleanup_free) char *committed = strdup(txn->base);
		int result = !committed			   ? -ENOMEM
			     : txn->replaced_lock >= 0 ? lade_txn_exchange(txn)
						       : rename_into_place(txn);
		if (result == -EEXIST || result == -ENOTEMPTY)
			return lade_name_taken(txn->name, txn->base, error);
		if (result < 0)
			return lade_pin_fail(txn->kernel, result, "pin.commit", "renaming into place", txn->base,
					     error);
		free(txn->directory);
		txn->directory = TAKE(committed);
		lade_txn_remember_place(txn, txn->lock);
		txn->lock = fd_close(txn->lock);
	}
	lade_txn_forget(txn, 0);
	txn->committed = true;
	return 0;
}

const char *lade_txn_name(const struct txn *txn)
{
	return txn->name;
}

const char *lade_txn_directory(const struct txn *txn)
{
	return txn->directory;
}

/* lade/ is nobody's: who leaves last takes it along. Not empty is the usual answer. */
static void drop_root(struct txn *txn)
{
	if (txn->root_touched)
		(void)txn->kernel->calls->rmdir(txn->kernel, txn->root);
}

struct txn *lade_txn_end(struct txn *txn)
{
	if (!txn)
		return NULL;
	if (!txn->committed) {
		lade_txn_rollback_to(txn, 0);
		drop_root(txn);
	}
	(void)fd_close(txn->lock);
	(void)fd_close(txn->replaced_lock);
	lade_txn_forget(txn, 0);
	array_clear(&txn->steps);
	lade_txn_clear_pins(txn);
	char *owned[] = { txn->name, txn->file, txn->root, txn->base, txn->directory, txn->replaced_directory };
	for (size_t i = 0; i < ELEMENTS(owned); i++)
		free(owned[i]);
	free(txn);
	return NULL;
}

int lade_txn_dissolve(struct txn *txn, struct lade_error **error)
{
	if (!txn->directory || txn->base)
		return 0;
	int result = lade_instance_remove(txn->context, txn->kernel, txn->directory, error);
	if (result < 0)
		return result;
	drop_root(txn);
	free(txn->directory);
	txn->directory = NULL;
	txn->lock = fd_close(txn->lock);
	return 0;
}
