/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A transaction: all of it or none of it. Effects are registered as they happen and undone in reverse
 * order by rollback.
 *
 * On bpffs a load builds in <base>~<id>/ and commits by renaming that directory to <base>, where base is
 * <bpffs>/lade/<name> or what --pin says. Inside: maps/, progs/, links/<program>/<n> and journal/. A
 * symbolic link in journal/ is made before every effect outside the directory; its text describes the
 * effect (journal.h). What has no entry is not Lade's.
 *
 * A transaction without a name pins nothing of its own; its directory is made only if an effect outside
 * needs a journal entry, and goes away with the instance.
 */
#ifndef LADE_TXN_TXN_H
#define LADE_TXN_TXN_H

#include "kernel/context.h"
#include "txn/journal.h"

struct txn;

struct txn_options {
	const char *name;    /* object name, for messages and for the directory of an unnamed transaction */
	const char *pin_dir; /* NULL: lade/<name>; else absolute or relative to bpffs */
	bool named;          /* false: see above */
	const char *file;    /* object file, kept in the journal for lade list */
};

/*
 * Mounts bpffs if needed and allowed (only when named, or when a directory is needed later), takes the
 * lock, makes the directory. Findings: pin.bpffs-missing, pin.not-bpffs, pin.name-taken (-EEXIST: names
 * --name, --replace and lade unload), environment.permission, pin.mkdir.
 */
int lade_txn_begin(struct lade_context *context, const struct txn_options *options, struct txn **ret_txn,
		   struct lade_error **error);

enum txn_pin_kind { TXN_PIN_MAP, TXN_PIN_PROGRAM, TXN_PIN_LINK };

/*
 * Pins inside the directory: maps/NAME, progs/NAME, links/OWNER/N. Names are made safe as CONTRACT.md
 * says ([A-Za-z0-9_-], others become _, collisions get _2 …) and the full name is kept in the journal
 * when it differs. `detail` of a link (its target) is kept too; its name may be NULL: the next number.
 * No-op for a transaction without a name. After commit it pins into the committed directory.
 */
int lade_txn_pin(struct txn *txn, enum txn_pin_kind kind, int fd, const char *name, const char *owner,
		 const char *detail, struct lade_error **error);

/*
 * Pins a map outside, at an absolute path: journal entry first, directories on the way are made (and
 * removed again by rollback if this transaction made them). -EEXIST without a finding when something is
 * pinned there already: the caller then reuses it. map_id identifies the map in the journal.
 */
int lade_txn_pin_shared(struct txn *txn, int fd, uint32_t map_id, const char *name, const char *path,
			struct lade_error **error);
/* Journals that this instance uses a shared pin it did not make. pin.vanished (-ESTALE) when another command
 * removed it meanwhile. No-op without a directory. */
int lade_txn_use_shared(struct txn *txn, uint32_t map_id, const char *name, const char *path,
			struct lade_error **error);

/* Registers how to take back something else (old values of a reused map's slot, a socket option …). */
typedef void txn_undo_fn(void *data); /* also frees data */
int lade_txn_undo(struct txn *txn, txn_undo_fn *undo, txn_undo_fn *forget, void *data);

/*
 * Renames into place; a named directory that appeared meanwhile is pin.name-taken. After it rollback does
 * nothing and undo data is forgotten.
 */
int lade_txn_commit(struct txn *txn, struct lade_error **error);

/* Absolute directory: the building one before commit, the final one after; NULL when there is none. */
const char *lade_txn_directory(const struct txn *txn);
/* The path that fd was pinned at, final (as after commit); NULL: not pinned. */
const char *lade_txn_pin_path(const struct txn *txn, enum txn_pin_kind kind, const char *name);

/* Undoes everything of an uncommitted transaction; only frees a committed one. */
struct txn *lade_txn_end(struct txn *txn);
/* For an unnamed, committed transaction: removes what it journalled (shared pins it made, its directory). */
int lade_txn_dissolve(struct txn *txn, struct lade_error **error);

DEFINE_CLEANUP(struct txn, txn, lade_txn_end)

#endif
