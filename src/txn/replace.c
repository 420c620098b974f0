/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replacing an instance. The new one is built beside it as any load is, then takes the places of the old one's programs
 * (a swap entry each, effect_swap.c), then the two directories change names in one step. Until then everything goes
 * back by the journal, whoever reads it; from then on the old one is what is unfinished.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "txn/internal.h"

/* ---- taking ---- */

static int try_lock(struct txn *txn)
{
	int lock = txn->kernel->calls->lock(txn->kernel, txn->base, false);
	if (lock < 0)
		return lock;
	txn->replaced_lock = lock;
	return 0;
}

/* 0: locked. -EAGAIN with *ret_busy: somebody is at work there. -EMEDIUMTYPE: it is not Lade's. */
int lade_txn_replaced_take(struct txn *txn, char **ret_busy)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	int result = try_lock(txn);
	if (result == -EWOULDBLOCK) {
		*ret_busy = strdup(txn->base);
		return *ret_busy ? -EAGAIN : -ENOMEM;
	}
	if (result < 0)
		return result == -ENOENT ? -EAGAIN : result;
	if (lade_is_instance(txn->base, &journal))
		return 0;
	txn->replaced_lock = fd_close(txn->replaced_lock);
	return -EMEDIUMTYPE;
}

const char *lade_txn_replaced(const struct txn *txn)
{
	return txn->replaced_lock >= 0 && !txn->committed ? txn->base : NULL;
}

int lade_txn_replaced_lock(const struct txn *txn)
{
	return txn->replaced_lock;
}

/* ---- swapping ---- */

#define MOST_FIELDS ((size_t)28)

static const char *field(const struct journal_entry *entry, const char *key)
{
	const char *value = lade_journal_value(entry, key);
	return value ? value : "";
}

static bool is_common(const char *key)
{
	static const char *const common[] = { "program", "method", "target", "request", "prog-id" };
	for (size_t i = 0; i < ELEMENTS(common); i++)
		if (strcmp(key, common[i]) == 0)
			return true;
	return false;
}

/* The entry's own fields behind what stands there already; the rest goes to every entry. */
static int copy_fields(const struct journal_entry *entry, const char *pairs[], size_t count)
{
	array_foreach(item, &entry->fields) {
		if (is_common(item->key))
			continue;
		if (count + 3 > 2 * MOST_FIELDS)
			return -E2BIG;
		pairs[count++] = item->key;
		pairs[count++] = item->value;
	}
	pairs[count] = NULL;
	return 0;
}

static struct txn_link words_of(const struct journal_entry *entry)
{
	return (struct txn_link){ field(entry, "program"), field(entry, "method"), field(entry, "target"),
				  lade_journal_value(entry, "request") };
}

int lade_txn_copy_effect(struct txn *txn, const struct journal_entry *entry, uint32_t program_id, unsigned *ret_number,
			 struct lade_error **error)
{
	const char *pairs[2 * MOST_FIELDS + 1] = { 0 };
	const struct txn_link what = words_of(entry);
	char id[16];
	(void)snprintf(id, sizeof id, "%u", program_id);
	size_t count = 0;
	if (program_id) {
		pairs[count++] = "prog-id";
		pairs[count++] = id;
	}
	if (copy_fields(entry, pairs, count) < 0)
		return lade_fail(error, E2BIG, "pin.journal", "the entry of %s has too many fields", what.target);
	return lade_txn_effect(txn, entry->kind, &what, pairs, ret_number, error);
}

static int journal_swap(struct txn *txn, const struct journal_entry *entry, const char *new_id, const char *old_id,
			struct lade_error **error)
{
	const char *pairs[2 * MOST_FIELDS + 1] = { "effect", entry->kind, "old-id", old_id, "prog-id", new_id };
	const struct txn_link what = words_of(entry);
	unsigned number;
	if (copy_fields(entry, pairs, 6) < 0)
		return lade_fail(error, E2BIG, "pin.journal", "the entry of %s has too many fields", what.target);
	return lade_txn_effect(txn, "swap", &what, pairs, &number, error);
}

int lade_txn_swap_effect(struct txn *txn, const struct journal_entry *entry, int program_fd, uint32_t program_id,
			 unsigned *ret_number, struct lade_error **error)
{
	char id[16];
	(void)snprintf(id, sizeof id, "%u", program_id);
	int result = lade_txn_copy_effect(txn, entry, program_id, ret_number, error);
	if (result == 0)
		result = journal_swap(txn, entry, id, field(entry, "prog-id"), error);
	if (result < 0)
		return result;
	result = lade_effect_kind(entry->kind)->replace(txn->kernel, entry, program_fd);
	if (result >= 0)
		return 0;
	struct lade_finding *finding = lade_error_add(
		error, -result, "replace.refused", "replacing %s at %s: %s", field(entry, "program"),
		field(entry, "target"), result == -ESTALE ? "another program is there by now" : strerror(-result));
	finding_program(finding, field(entry, "program"));
	return result;
}

int lade_txn_swap_link(struct txn *txn, const struct txn_swap *swap, const struct txn_link *what,
		       struct lade_error **error)
{
	char link_id[16], old_id[16], new_id[16];
	(void)snprintf(link_id, sizeof link_id, "%u", swap->link_id);
	(void)snprintf(old_id, sizeof old_id, "%u", swap->old_id);
	(void)snprintf(new_id, sizeof new_id, "%u", swap->new_id);
	const char *const pairs[] = {
		"link-id", link_id, "old-id", old_id, "new-id", new_id, swap->is_table ? "maps" : NULL, "yes", NULL
	};
	unsigned number;
	int result = lade_txn_effect(txn, "swap", what, pairs, &number, error);
	if (result < 0)
		return result;
	result = lade_bpf_link_update(txn->kernel, swap->link_fd, swap->new_fd, swap->old_fd);
	if (result >= 0)
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, -result, "replace.refused", "replacing %s at %s: BPF_LINK_UPDATE answers %s",
			       what->program, what->target, lade_errno_word(-result));
	finding_program(finding, what->program);
	return result;
}

/* ---- changing names ---- */

/* Kernels whose bpffs has no RENAME_EXCHANGE. What is moved aside is written down first, so that it can be found. */
static int exchange_in_two_steps(struct txn *txn, char **ret_old)
{
	struct kernel *kernel = txn->kernel;
	CLEANUP(cleanup_free) char *parent = lade_path_parent(txn->directory);
	CLEANUP(cleanup_free)
	char *aside = parent ? lade_txn_id_path(parent, lade_path_leaf(txn->base), false) : NULL;
	if (!aside)
		return -ENOMEM;
	const char *const pairs[] = { "path", aside, "base", txn->base, NULL };
	int result = lade_txn_journal(txn, "aside", pairs);
	if (result >= 0)
		result = kernel->calls->rename(kernel, txn->base, aside, 0);
	if (result < 0)
		return result;
	result = kernel->calls->rename(kernel, txn->directory, txn->base, 0);
	if (result >= 0)
		*ret_old = TAKE(aside);
	else
		(void)kernel->calls->rename(kernel, aside, txn->base, 0);
	return result;
}

int lade_txn_exchange(struct txn *txn)
{
	CLEANUP(cleanup_free) char *old = strdup(txn->directory);
	if (!old)
		return -ENOMEM;
	int result = -ENOSYS;
	if (!lade_kernel_form_absent(txn->kernel, FORM_RENAME_EXCHANGE))
		result = txn->kernel->calls->rename(txn->kernel, txn->directory, txn->base, RENAME_EXCHANGE);
	if (result == -EINVAL || result == -ENOSYS) {
		free(TAKE(old));
		result = exchange_in_two_steps(txn, &old);
		if (result >= 0)
			lade_kernel_form_set_absent(txn->kernel, FORM_RENAME_EXCHANGE);
	}
	if (result >= 0)
		txn->replaced_directory = TAKE(old);
	return result;
}

/* ---- afterwards ---- */

int lade_instance_settle(struct kernel *kernel, const char *directory)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	int result = lade_journal_read(directory, &journal);
	array_foreach(entry, &journal) {
		bool is_repin = strcmp(entry->kind, "repin") == 0;
		if (!is_repin && strcmp(entry->kind, "swap") != 0 && strcmp(entry->kind, "aside") != 0)
			continue;
		CLEANUP(cleanup_free) char *path = lade_path("%s/journal/%04u", directory, entry->number);
		int r = is_repin ? lade_settle_repin(kernel, entry) : 0;
		if (r >= 0)
			r = path ? kernel->calls->unlink(kernel, path) : -ENOMEM;
		result = result < 0 ? result : r;
	}
	return result;
}

int lade_txn_finish_replacing(struct txn *txn, struct lade_error **error)
{
	if (!txn->replaced_directory)
		return 0;
	(void)lade_instance_settle(txn->kernel, txn->directory);
	int result = lade_instance_remove(txn->context, txn->kernel, txn->replaced_directory, error);
	txn->replaced_lock = fd_close(txn->replaced_lock);
	free(txn->replaced_directory);
	txn->replaced_directory = NULL;
	return result;
}
