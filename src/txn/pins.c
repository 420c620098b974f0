/* SPDX-License-Identifier: BSD-2-Clause */
/* Pins inside the instance's directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "txn/internal.h"

static const struct {
	const char *directory, *word;
} kinds[] = {
	[TXN_PIN_MAP] = { "maps", "map" },
	[TXN_PIN_PROGRAM] = { "progs", "program" },
	[TXN_PIN_LINK] = { "links", "link" },
};

static bool is_taken(const struct txn *txn, enum txn_pin_kind kind, const char *owner, const char *safe)
{
	array_foreach(pin, &txn->pins)
		if (pin->kind == kind && strcmp(pin->safe, safe) == 0 && strcmp(pin->owner, owner) == 0)
			return true;
	return false;
}

/* "name", or the first of name_2, name_3 … that is free. */
static char *free_name(const struct txn *txn, enum txn_pin_kind kind, const char *owner, const char *name)
{
	char *safe = lade_safe_name(name);
	if (!safe || !is_taken(txn, kind, owner, safe))
		return safe;
	for (unsigned i = 2; i; i++) {
		CLEANUP(cleanup_free) char *candidate = lade_path("%s_%u", safe, i);
		if (candidate && is_taken(txn, kind, owner, candidate))
			continue;
		free(safe);
		return TAKE(candidate);
	}
	free(safe);
	return NULL;
}

static unsigned count_of_owner(const struct txn *txn, const char *owner)
{
	unsigned count = 0;
	array_foreach(pin, &txn->pins)
		count += pin->kind == TXN_PIN_LINK && strcmp(pin->owner, owner) == 0;
	return count;
}

/* The first that is free: of an instance that was opened any may have been detached. */
static void free_number(const struct txn *txn, const char *owner, char number[16])
{
	unsigned i = 0;
	do
		(void)snprintf(number, 16, "%u", i++);
	while (is_taken(txn, TXN_PIN_LINK, owner, number));
}

/* The pin's names; its path stays NULL until it is pinned. */
static int add_pinned(struct txn *txn, enum txn_pin_kind kind, const char *name, const char *owner)
{
	char number[16];
	CLEANUP(cleanup_free) char *safe_owner = owner ? lade_safe_name(owner) : strdup("");
	if (!safe_owner)
		return -ENOMEM;
	if (!name)
		free_number(txn, safe_owner, number);
	name = name ? name : number;
	CLEANUP(cleanup_free) char *safe = free_name(txn, kind, safe_owner, name);
	CLEANUP(cleanup_free) char *full = strdup(name);
	struct txn_pinned *pin = safe && full ? array_push(&txn->pins) : NULL;
	if (!pin)
		return -ENOMEM;
	*pin = (struct txn_pinned){ .kind = kind, .full = TAKE(full), .owner = TAKE(safe_owner), .safe = TAKE(safe) };
	return 0;
}

static void drop_pinned(struct txn *txn)
{
	struct txn_pinned *pin = &txn->pins.items[--txn->pins.count];
	char *owned[] = { pin->full, pin->owner, pin->safe, pin->path };
	for (size_t i = 0; i < ELEMENTS(owned); i++)
		free(owned[i]);
}

/* After commit the directory may be there already: from before it, or from another attach of this instance. */
static int make_directory(struct txn *txn, const char *relative)
{
	CLEANUP(cleanup_free) char *path = lade_path("%s/%s", txn->directory, relative);
	int result = path ? lade_txn_mkdir(txn, path) : -ENOMEM;
	return result == -EEXIST && txn->committed ? 0 : result;
}

static int make_directories(struct txn *txn, const struct txn_pinned *pin)
{
	int result = 0;
	if (!(txn->made & 1U << pin->kind))
		result = make_directory(txn, kinds[pin->kind].directory);
	if (result < 0)
		return result;
	txn->made |= 1U << pin->kind;
	if (pin->kind != TXN_PIN_LINK || count_of_owner(txn, pin->owner) > 1)
		return 0;
	CLEANUP(cleanup_free) char *relative = lade_path("links/%s", pin->owner);
	return relative ? make_directory(txn, relative) : -ENOMEM;
}

/* Full names, where the pin's own does not say them, and what a link is. */
static int journal_name(struct txn *txn, const struct txn_pinned *pin, const char *relative,
			const struct txn_link *link)
{
	const struct {
		const char *key, *value;
	} more[] = {
		{ "owner", link->program },
		{ "method", link->method },
		{ "detail", link->target },
		{ "request", link->request },
	};
	if (strcmp(pin->safe, pin->full) == 0 && !link->target &&
	    (!link->program || strcmp(pin->owner, link->program) == 0))
		return 0;
	const char *pairs[6 + 2 * ELEMENTS(more) + 1] = { "kind",   kinds[pin->kind].word, "pin", relative, "name",
							  pin->full };
	size_t count = 6;
	for (size_t i = 0; i < ELEMENTS(more); i++) {
		if (!more[i].value)
			continue;
		pairs[count++] = more[i].key;
		pairs[count++] = more[i].value;
	}
	return lade_txn_journal(txn, "name", pairs);
}

static int pin_it(struct txn *txn, int fd, const char *relative)
{
	CLEANUP(cleanup_free) char *path = lade_path("%s/%s", txn->directory, relative);
	if (!path || lade_txn_step_path(txn, STEP_UNLINK, path) < 0)
		return -ENOMEM;
	int result = lade_bpf_obj_pin(txn->kernel, fd, path);
	if (result < 0) /* nothing is pinned, so nothing is to be unlinked */
		free(txn->steps.items[--txn->steps.count].path);
	return result;
}

static int make_pin(struct txn *txn, int fd, const struct txn_link *link)
{
	struct txn_pinned *pin = &txn->pins.items[txn->pins.count - 1];
	CLEANUP(cleanup_free)
	char *relative =
		lade_path("%s/%s%s%s", kinds[pin->kind].directory, pin->owner, *pin->owner ? "/" : "", pin->safe);
	CLEANUP(cleanup_free) char *final = relative ? lade_path("%s/%s", txn->base, relative) : NULL;
	int result = final ? make_directories(txn, pin) : -ENOMEM;
	if (result >= 0)
		result = journal_name(txn, pin, relative, link);
	if (result >= 0)
		result = pin_it(txn, fd, relative);
	if (result >= 0)
		pin->path = TAKE(final);
	return result;
}

static int pin(struct txn *txn, enum txn_pin_kind kind, int fd, const char *name, const struct txn_link *link,
	       struct lade_error **error)
{
	const char *owner = link->program;
	if (!txn->base)
		return 0;
	size_t mark = txn->steps.count;
	unsigned made = txn->made;
	if (add_pinned(txn, kind, name, owner) < 0)
		return lade_fail_memory(error);
	int result = make_pin(txn, fd, link);
	if (result < 0) {
		lade_txn_rollback_to(txn, mark);
		txn->made = made;
		drop_pinned(txn);
		CLEANUP(cleanup_free)
		char *what = lade_path("pinning %s %s in", kinds[kind].word, owner ? owner : name ? name : "");
		return lade_pin_fail(txn->kernel, result, "pin.refused", what ? what : "pinning in", txn->base, error);
	}
	if (txn->committed)
		lade_txn_forget(txn, mark);
	return 0;
}

int lade_txn_pin(struct txn *txn, enum txn_pin_kind kind, int fd, const char *name, const char *owner,
		 const char *detail, struct lade_error **error)
{
	const struct txn_link link = { .program = kind == TXN_PIN_LINK ? owner : NULL, .target = detail };
	return pin(txn, kind, fd, name, &link, error);
}

int lade_txn_pin_link(struct txn *txn, int fd, const struct txn_link *what, char **ret_path, struct lade_error **error)
{
	if (!txn->base)
		return 0;
	int result = pin(txn, TXN_PIN_LINK, fd, NULL, what, error);
	char *path = result < 0 ? NULL : strdup(txn->pins.items[txn->pins.count - 1].path);
	if (result == 0 && !path)
		return lade_fail_memory(error);
	if (result == 0)
		*ret_path = path;
	return result;
}

int lade_txn_note(struct txn *txn, const char *kind, const char *const *pairs, struct lade_error **error)
{
	if (!txn->base)
		return 0;
	size_t mark = txn->steps.count;
	int result = lade_txn_journal(txn, kind, pairs);
	if (result < 0)
		return lade_pin_fail(txn->kernel, result, "pin.journal", "writing the journal in", txn->directory,
				     error);
	if (txn->committed)
		lade_txn_forget(txn, mark);
	return 0;
}

int lade_txn_read_journal(const struct txn *txn, struct journal *ret_journal)
{
	return txn->directory ? lade_journal_read(txn->directory, ret_journal) : -ENOENT;
}

const char *lade_txn_pin_path(const struct txn *txn, enum txn_pin_kind kind, const char *name)
{
	array_foreach(pin, &txn->pins)
		if (pin->kind == kind && strcmp(pin->full, name) == 0)
			return pin->path;
	return NULL;
}
