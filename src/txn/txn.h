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
	bool replace;        /* what has the name already is replaced by the commit; without: pin.name-taken */
};

/*
 * Mounts bpffs if needed and allowed (only when named, or when a directory is needed later), takes the
 * lock, makes the directory. Findings: pin.bpffs-missing, pin.not-bpffs, pin.name-taken (-EEXIST: names
 * --name, --replace and lade unload), environment.permission, pin.mkdir.
 */
int lade_txn_begin(struct lade_context *context, const struct txn_options *options, struct txn **ret_txn,
		   struct lade_error **error);

/* What a link or an effect is, in the words that list and show print, and for attaching it anew. */
struct txn_link {
	const char *program, *method, *target;
	const char *request; /* what the user gave as target; NULL: nothing */
};

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
 * Pins a link as links/PROGRAM/N and journals what it is. No-op for a transaction without a name. *ret_path: final, to
 * be freed.
 */
int lade_txn_pin_link(struct txn *txn, int fd, const struct txn_link *what, char **ret_path, struct lade_error **error);

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

struct pin_place; /* object/pin_place.h */

/* A map or program at a place outside. */
struct txn_outside {
	bool is_program;
	int fd;      /* to be pinned */
	uint32_t id; /* the kernel's */
	const char *name;
	const char *path;              /* absolute; below a bpffs, without symbolic links: outside.c */
	const char *first;             /* pinned there first, then renamed; NULL: no */
	const struct pin_place *place; /* owner and mode; NULL: what the kernel gives */
	bool aside;                    /* it stays at first until lade_txn_repin() */
};
/*
 * Pins it: journalled first, directories on the way are made (0755), mode and owner are set, what has a first place is
 * renamed from it without replacing. -EEXIST without a finding when something is there. Findings: pin.path,
 * pin.outside, pin.not-bpffs, pin.chmod, pin.chown, pin.refused …
 */
int lade_txn_pin_outside(struct txn *txn, const struct txn_outside *what, struct lade_error **error);
/* Journals that this instance uses what it found at a place. As lade_txn_use_shared(). */
int lade_txn_use_outside(struct txn *txn, const struct txn_outside *what, struct lade_error **error);
/*
 * Opens what is pinned at a place, if root, we or the owner of the place own it. -ENOENT without a finding: nothing.
 * Read-only where its mode allows no more. Findings: pin.owner, pin.not-a-pin, pin.not-a-map, pin.not-a-program …
 */
int lade_outside_find(struct lade_context *context, struct kernel *kernel, const struct txn_outside *what,
		      struct lade_error **error);

/* Registers how to take back something else (old values of a reused map's slot, a socket option …). */
typedef void txn_undo_fn(void *data); /* also frees data */
int lade_txn_undo(struct txn *txn, txn_undo_fn *undo, txn_undo_fn *forget, void *data);

/*
 * Renames into place; a named directory that appeared meanwhile is pin.name-taken. After it rollback does
 * nothing and undo data is forgotten.
 */
int lade_txn_commit(struct txn *txn, struct lade_error **error);

const char *lade_txn_name(const struct txn *txn);
/* Absolute directory: the building one before commit, the final one after; NULL when there is none. */
const char *lade_txn_directory(const struct txn *txn);
/* The path that fd was pinned at, final (as after commit); NULL: not pinned. */
const char *lade_txn_pin_path(const struct txn *txn, enum txn_pin_kind kind, const char *name);

/* ---- replacing (replace.c) ---- */

/* Directory of the instance that the commit replaces, locked until then; NULL: there is none. */
const char *lade_txn_replaced(const struct txn *txn);
int lade_txn_replaced_lock(const struct txn *txn); /* descriptor; borrowed */

struct txn_swap {
	int link_fd, old_fd, new_fd; /* programs, or maps of tables of kernel operations */
	uint32_t link_id, old_id, new_id;
	bool is_table;
};
/* BPF_LINK_UPDATE, journalled so that rollback and recovery take it back. replace.refused. */
int lade_txn_swap_link(struct txn *txn, const struct txn_swap *swap, const struct txn_link *what,
		       struct lade_error **error);
/* The same for an effect that can be replaced (effect.h): entry is the old instance's. */
int lade_txn_swap_effect(struct txn *txn, const struct journal_entry *entry, int program_fd, uint32_t program_id,
			 unsigned *ret_number, struct lade_error **error);
/* The old instance's effect becomes one of this transaction as it is (program_id 0), or with another program. */
int lade_txn_copy_effect(struct txn *txn, const struct journal_entry *entry, uint32_t program_id, unsigned *ret_number,
			 struct lade_error **error);
/*
 * what, pinned at its first place, is renamed over what the old instance has pinned at its path (old_id), journalled so
 * that rollback and recovery take it back. replace.refused, pin.taken.
 */
int lade_txn_repin(struct txn *txn, const struct txn_outside *what, uint32_t old_id, struct lade_error **error);
/* A name beside path for pins that are on their way; to be freed. NULL: no memory. */
char *lade_outside_beside(const char *path);
/* After commit: removes what was replaced. Findings as unloading; what is left is listed as unfinished. */
int lade_txn_finish_replacing(struct txn *txn, struct lade_error **error);

/* ---- an instance that is there already (open.c) ---- */

/*
 * The committed transaction of the instance in this directory (absolute), locked: let go with lade_txn_unlock().
 * held: descriptor of a lock that the caller has already, which is duplicated; -1: none.
 * Findings: state.not-found, state.not-lade, state.read.
 */
int lade_txn_open(struct lade_context *context, const char *directory, int held, struct txn **ret_txn,
		  struct lade_error **error);
/*
 * Before a committed instance is changed: waits for others who do, and looks what they have made of it. state.changed
 * (-ESTALE): it was unloaded or replaced. Nothing to do without a name or before commit.
 */
int lade_txn_lock(struct txn *txn, struct lade_error **error);
void lade_txn_unlock(struct txn *txn);
/* Removes the pin of a link and its journal entry; 0 also when it is gone. The caller holds the lock. */
int lade_txn_unpin_link(struct txn *txn, const char *path);
/* Writes an entry of the caller's words: "program", "data". No-op for a transaction without a name. */
int lade_txn_note(struct txn *txn, const char *kind, const char *const *pairs, struct lade_error **error);
/* The journal as it is now; to be cleared. -ENOENT: there is none. */
int lade_txn_read_journal(const struct txn *txn, struct journal *ret_journal);

/* Undoes everything of an uncommitted transaction; only frees a committed one. */
struct txn *lade_txn_end(struct txn *txn);
/* For an unnamed, committed transaction: removes what it journalled (shared pins it made, its directory). */
int lade_txn_dissolve(struct txn *txn, struct lade_error **error);

DEFINE_CLEANUP(struct txn, txn, lade_txn_end)

#endif
