/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this room share. */
#ifndef LADE_TXN_INTERNAL_H
#define LADE_TXN_INTERNAL_H

#include "base/array.h"
#include "txn/effect.h"
#include "txn/txn.h"

enum txn_step_kind {
	STEP_UNLINK, /* a pin or journal entry in our own directory */
	STEP_RMDIR,
	STEP_SHARED, /* a shared pin that we made: released, not just unlinked */
	STEP_OUTSIDE_DIRECTORY,
	STEP_CALL,   /* what the caller registered */
	STEP_EFFECT, /* by its number in the journal */
};

struct txn_step {
	enum txn_step_kind kind;
	char *path;
	uint32_t id;     /* of what is pinned there: a map, */
	bool is_program; /* or a program */
	bool is_place;   /* shared_pin.is_place */
	unsigned number; /* of an effect */
	txn_undo_fn *undo, *forget;
	void *data;
};

struct txn_pinned {
	enum txn_pin_kind kind;
	char *full;  /* the object's name for it */
	char *owner; /* safe; "" for maps and programs */
	char *safe;
	char *path; /* as after commit; NULL while only the name is taken */
};

struct txn {
	struct lade_context *context;
	struct kernel *kernel;
	char *name, *file;
	char *root;      /* <bpffs>/lade: its lock serialises who takes names and shared pins */
	char *base;      /* final directory; NULL: not named */
	char *directory; /* NULL: not made */
	int lock;        /* on directory; -1: none */
	dev_t device;    /* of the committed directory, */
	ino_t inode;     /* which another one of the same name is not */
	bool replace;             /* what has the name already is replaced */
	int replaced_lock;        /* on it; -1: there is none */
	char *replaced_directory; /* where it is after the commit */
	bool committed;
	bool stuck;          /* an effect could not be undone: its journal stays */
	bool root_touched;   /* it may be for us to remove */
	unsigned next_entry; /* free number in the journal */
	unsigned made;       /* bits by enum txn_pin_kind: maps/, progs/, links/ exist */
	ARRAY_OF(struct txn_step) steps;
	ARRAY_OF(struct txn_pinned) pins;
};

/* ---- place.c: names and paths; nothing here changes anything ---- */

/* [A-Za-z0-9_-] stay, others become _, at most 200 bytes. NULL without memory. */
char *lade_safe_name(const char *name);
/* A formatted path; NULL without memory. */
char *lade_path(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Absolute, of components that are not empty, "." or "..": safe to walk on. */
bool lade_path_is_clean(const char *path);
/* Is path directory itself or something below it? */
bool lade_path_is_below(const char *path, const char *directory);
const char *lade_path_leaf(const char *path);
char *lade_path_parent(const char *path);
bool lade_path_exists(const char *path);
/* Absolute path of what a user names: absolute already, or relative to bpffs. -EINVAL: not clean. */
int lade_path_resolve(const struct lade_context *context, const char *path, char **ret_path);

/* "demo~12-5f3a" is under construction or being taken down; "demo~run-12-5f3a" belongs to an unnamed load. */
struct txn_id {
	size_t leaf_length; /* of "demo" */
	bool run;
	long pid;
};
bool lade_txn_id_parse(const char *leaf, struct txn_id *ret_id);
/* <parent>/<leaf>~<id> with an id that nobody else has. */
char *lade_txn_id_path(const char *parent, const char *leaf, bool run);

/* ---- mount.c ---- */

/* Makes sure that the context's bpffs is one; mounts it where that is allowed. */
int lade_bpffs_ensure(struct lade_context *context, struct kernel *kernel, struct lade_error **error);
/* pin.not-bpffs unless the deepest existing directory on the way to path lies on a bpffs. */
int lade_bpffs_check(struct kernel *kernel, const char *path, struct lade_error **error);
/* -errno of an effect on path as a finding: EPERM and EACCES as environment.permission, others as code. */
int lade_pin_fail(struct kernel *kernel, int result, const char *code, const char *what, const char *path,
		  struct lade_error **error);

/* ---- lock.c ---- */

/* Is somebody at work in this directory? */
bool lade_lock_held(const char *directory);
/* Waits until nobody is. -EINTR. */
int lade_lock_wait(const char *directory);

/* ---- directory.c: the building directory ---- */
int lade_txn_directory_take(struct txn *txn, struct lade_error **error);
/* For an unnamed transaction that turns out to need a journal. */
int lade_txn_directory_need(struct txn *txn, struct lade_error **error);
int lade_name_taken(const char *name, const char *base, struct lade_error **error);

/* ---- open.c ---- */
/* The directory that was locked is ours from now on. */
void lade_txn_remember_place(struct txn *txn, int lock);
void lade_txn_clear_pins(struct txn *txn);

/* ---- replace.c ---- */
int lade_txn_replaced_take(struct txn *txn, char **ret_busy);
int lade_txn_exchange(struct txn *txn);
/* Of a committed instance: what its replacing wrote down for the case that it failed is void. */
int lade_instance_settle(struct kernel *kernel, const char *directory);

/* ---- steps.c: the undo log ---- */
int lade_txn_step_path(struct txn *txn, enum txn_step_kind kind, const char *path);
void lade_txn_rollback_to(struct txn *txn, size_t mark);
void lade_txn_forget(struct txn *txn, size_t mark);
/* Writes the next journal entry and registers its removal. */
int lade_txn_journal(struct txn *txn, const char *kind, const char *const *pairs);
/* The same for an effect, whose entry goes only with it. */
int lade_txn_journal_effect(struct txn *txn, const char *kind, const char *const *pairs, unsigned *ret_number);
/* mkdir that is undone by rollback. -EEXIST is an error. */
int lade_txn_mkdir(struct txn *txn, const char *path);

/* ---- shared.c ---- */

/* A pin outside: its id proves that it is still what the journal speaks of. */
struct shared_pin {
	const char *path; /* absolute */
	uint32_t id;
	bool is_program;
	bool is_place; /* nothing on the way to it may lead elsewhere: outside.c */
};
/* What an entry of kind "pin" or "use" speaks of; false: nothing that is clean. */
bool lade_shared_parse(const struct journal_entry *entry, struct shared_pin *ret_pin);
/* Its steps come before what they undo. */
int lade_txn_step_shared(struct txn *txn, const struct shared_pin *pin);
/* Makes the directories above path that are missing, journalled. */
int lade_txn_make_parents(struct txn *txn, const char *path);
/* Makes one, journalled as path; at: how to get there. 0 also when it is there. */
int lade_txn_make_outside(struct txn *txn, const char *path, const char *at, mode_t mode);
/* The lock of lade/, held by whoever makes, finds or removes pins outside. */
int lade_txn_lock_root(struct txn *txn);
/* The id of what is pinned at path, or a negative errno; -EINVAL: it is of another kind. */
int64_t lade_pinned_id(struct kernel *kernel, const char *path, bool is_program);
/* Hands a shared pin to another instance that uses it, else removes it if it is still what it was. */
int lade_shared_release(struct lade_context *context, struct kernel *kernel, const char *own_directory,
			const struct shared_pin *pin);

/* ---- outside.c: places that paths lead to, and nothing but these paths ---- */

/*
 * The directory of a place, opened (O_PATH) component by component: symbolic links, `..` and other file systems are
 * refused, and nobody can exchange what was looked at. maker: makes what is missing (0755), journalled; NULL: -ENOENT
 * without a finding. Findings: pin.path, pin.outside, pin.not-bpffs.
 */
int lade_outside_parent(const char *bpffs, struct kernel *kernel, struct txn *maker, const char *path,
			struct lade_error **error);
#define OUTSIDE_PATH_BYTES 320 /* "/proc/thread-self/fd/N/" and a name */
/* How system calls get to the last component of path, whose directory is open. */
void lade_outside_at(int directory, const char *path, char ret_at[OUTSIDE_PATH_BYTES]);
/* How they get to what is open (O_PATH) itself. */
void lade_outside_self(int fd, char ret_at[OUTSIDE_PATH_BYTES]);
/* Removes a directory outside if it is empty, else hands it to an instance with something in it. */
int lade_outside_release(struct lade_context *context, struct kernel *kernel, const char *own_directory,
			 const char *path);

/* ---- effect_<kind>.c: see effect.h ---- */
int lade_undo_swap(struct kernel *kernel, const struct journal_entry *entry);
int lade_undo_repin(struct kernel *kernel, const struct journal_entry *entry);
/* After the commit: what kept the old pin alive goes. */
int lade_settle_repin(struct kernel *kernel, const struct journal_entry *entry);
int lade_undo_table(struct kernel *kernel, const struct journal_entry *entry);
int lade_undo_cgroup(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_cgroup(struct kernel *kernel, const struct journal_entry *entry);
int lade_replace_cgroup(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
int lade_undo_sockmap(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_sockmap(struct kernel *kernel, const struct journal_entry *entry);
int lade_replace_sockmap(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
int lade_undo_dissector(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_dissector(struct kernel *kernel, const struct journal_entry *entry);
int lade_replace_dissector(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
int lade_undo_lirc(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_lirc(struct kernel *kernel, const struct journal_entry *entry);
int lade_undo_socket(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_socket(struct kernel *kernel, const struct journal_entry *entry);
int lade_replace_socket(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
int lade_undo_filter(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_filter(struct kernel *kernel, const struct journal_entry *entry);
int lade_replace_filter(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
int lade_undo_qdisc(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_qdisc(struct kernel *kernel, const struct journal_entry *entry);
int lade_undo_xdp(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_xdp(struct kernel *kernel, const struct journal_entry *entry);
int lade_replace_xdp(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
int lade_undo_route(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_route(struct kernel *kernel, const struct journal_entry *entry);
int lade_replace_route(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
int lade_undo_entry(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_entry(struct kernel *kernel, const struct journal_entry *entry);
int lade_replace_entry(struct kernel *kernel, const struct journal_entry *entry, int program_fd);
int lade_undo_event(struct kernel *kernel, const struct journal_entry *entry);
int lade_check_event(struct kernel *kernel, const struct journal_entry *entry);

/* ---- scan.c: every instance's directory below bpffs ---- */
int lade_instances_scan(const char *bpffs, struct strings *ret_directories);
/* An instance directory: the journal's object entry, or what a load killed in its first steps leaves. */
bool lade_is_instance(const char *directory, struct journal *ret_journal);

/* ---- remove.c ---- */

/* state.foreign when the directory holds what is not Lade's. */
int lade_instance_check_foreign(const char *directory, struct lade_error **error);
/*
 * Detaches the links of an instance that goes for good, where the kernel can (since 5.9). Without it they end when the
 * kernel gets to it, some milliseconds after their pins went: newer ones free a pin after a grace period. Not for what
 * was replaced: its links may have gone over to the new instance.
 */
void lade_instance_end_links(struct kernel *kernel, const char *directory);
/* Takes apart what directory and journal prove to be Lade's. The caller holds its lock. */
int lade_instance_remove(struct lade_context *context, struct kernel *kernel, const char *directory,
			 struct lade_error **error);

#endif
