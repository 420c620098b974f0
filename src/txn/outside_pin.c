/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps and programs pinned at places: their paths, owners and modes are the policy's. The journal has one entry for
 * each, written before anything is made, with both paths where a place has a first one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/bpf.h"
#include "object/pin_place.h"
#include "txn/internal.h"

static const char *word(const struct txn_outside *what)
{
	return what->is_program ? "program" : "map";
}

static void name_it(struct lade_finding *finding, const struct txn_outside *what)
{
	if (what->is_program)
		finding_program(finding, what->name);
	else
		finding_map(finding, what->name);
}

/* ---- making ---- */

/* What went wrong, for the finding. */
struct making {
	struct txn *txn;
	const struct txn_outside *what;
	const char *code, *doing, *path;
	struct lade_error **error;
	bool told;
};

static int failing(struct making *making, int result, const char *code, const char *doing, const char *path)
{
	if (result < 0) {
		making->code = code;
		making->doing = doing;
		making->path = path;
	}
	return result;
}

static int journal(struct making *making, const char *kind)
{
	const struct txn_outside *what = making->what;
	char id[16];
	(void)snprintf(id, sizeof id, "%u", what->id);
	const char *const pairs[] = { "path",      what->path, what->is_program ? "prog-id" : "map-id",
				      id,          "name",     what->name,
				      "place",     "yes",      what->first ? "first" : NULL,
				      what->first, NULL };
	return failing(making, lade_txn_journal(making->txn, kind, pairs), "pin.journal", "noting the pin", what->path);
}

static int add_step(struct making *making, const char *path)
{
	const struct shared_pin pin = { path, making->what->id, making->what->is_program, true };
	return lade_txn_step_shared(making->txn, &pin);
}

/* Just made, by us: with the mode and the owner of its place before anybody is told of it. */
static int change_mode(struct making *making, const char *path, const char *at)
{
	const struct pin_place *place = making->what->place;
	struct kernel *kernel = making->txn->kernel;
	int result = 0;
	if (place && place->has_mode)
		result = failing(making, kernel->calls->chmod(kernel, at, place->mode), "pin.chmod", NULL, path);
	if (result >= 0 && place && place->has_owner)
		result = failing(making, kernel->calls->chown(kernel, at, place->uid, place->gid), "pin.chown", NULL,
				 path);
	return result;
}

static int own(struct making *making, int directory, const char *path)
{
	char at[OUTSIDE_PATH_BYTES];
	struct stat status;
	if (!making->what->place || (!making->what->place->has_mode && !making->what->place->has_owner))
		return 0;
	CLEANUP(cleanup_fd) int fd = openat(directory, lade_path_leaf(path), O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int result = fd < 0 || fstat(fd, &status) < 0 ? -errno : !S_ISREG(status.st_mode) ? -ESTALE : 0;
	if (result < 0)
		return failing(making, result, "pin.refused", "looking at the new pin", path);
	lade_outside_self(fd, at);
	return change_mode(making, path, at);
}

/* -EEXIST: something is there. The caller holds the lock that keeps other loads of Lade's away. */
static int rename_new(struct kernel *kernel, const char *from, const char *to)
{
	int result = -EINVAL;
	if (!lade_kernel_form_absent(kernel, FORM_RENAME_FLAGS))
		result = kernel->calls->rename(kernel, from, to, RENAME_NOREPLACE);
	if (result != -EINVAL && result != -ENOSYS)
		return result;
	if (lade_path_exists(to))
		return -EEXIST;
	result = kernel->calls->rename(kernel, from, to, 0);
	if (result >= 0)
		lade_kernel_form_set_absent(kernel, FORM_RENAME_FLAGS);
	return result;
}

static int open_parent(struct making *making, const char *path)
{
	int fd =
		lade_outside_parent(making->txn->context->bpffs, making->txn->kernel, making->txn, path, making->error);
	making->told = fd < 0;
	return fd;
}

static int pin_at(struct making *making, int directory, const char *path)
{
	char at[OUTSIDE_PATH_BYTES];
	lade_outside_at(directory, path, at);
	int result = lade_bpf_obj_pin(making->txn->kernel, making->what->fd, at);
	(void)failing(making, result, "pin.refused", "pinning at", path);
	return result < 0 ? result : own(making, directory, path);
}

static int move(struct making *making, int from, int to)
{
	const struct txn_outside *what = making->what;
	char at[OUTSIDE_PATH_BYTES], to_at[OUTSIDE_PATH_BYTES];
	lade_outside_at(from, what->first, at);
	lade_outside_at(to, what->path, to_at);
	return failing(making, rename_new(making->txn->kernel, at, to_at), "pin.refused", "renaming to", what->path);
}

/* *ret_taken: -EEXIST is about the place itself, and not about where it is pinned first. */
static int make(struct making *making, bool *ret_taken)
{
	const struct txn_outside *what = making->what;
	CLEANUP(cleanup_fd) int final = open_parent(making, what->path);
	CLEANUP(cleanup_fd) int first = final >= 0 && what->first ? open_parent(making, what->first) : -1;
	if (making->told)
		return final < 0 ? final : first;
	int result = journal(making, "pin");
	if (result >= 0 && what->first)
		result = add_step(making, what->first);
	if (result >= 0)
		result = add_step(making, what->path);
	if (result < 0)
		return result;
	result = pin_at(making, what->first ? first : final, what->first ? what->first : what->path);
	*ret_taken = !what->first;
	if (result < 0 || !what->first || what->aside)
		return result;
	*ret_taken = true;
	return move(making, first, final);
}

static int say(const struct making *making, int result, struct lade_error **error)
{
	const struct txn_outside *what = making->what;
	const struct pin_place *place = what->place;
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (making->doing || !place)
		return lade_pin_fail(making->txn->kernel, result, making->code ? making->code : "pin.refused",
				     making->doing ? making->doing : "pinning at",
				     making->path ? making->path : what->path, error);
	bool owner = strcmp(making->code, "pin.chown") == 0;
	struct lade_finding *finding =
		owner ? lade_error_add(error, -result, making->code, "%s %s: its pin %s cannot be given to %u:%u: %s",
				       word(what), what->name, making->path, place->uid, place->gid, strerror(-result))
		      : lade_error_add(error, -result, making->code, "%s %s: its pin %s cannot get mode %04o: %s",
				       word(what), what->name, making->path, place->mode, strerror(-result));
	name_it(finding, what);
	if (owner && result == -EPERM)
		finding_cause(finding, "only a process with CAP_CHOWN gives files away");
	return result;
}

int lade_txn_pin_outside(struct txn *txn, const struct txn_outside *what, struct lade_error **error)
{
	struct making making = { .txn = txn, .what = what, .error = error };
	bool taken = false;
	int result = lade_txn_directory_need(txn, error);
	if (result < 0)
		return result;
	size_t mark = txn->steps.count;
	CLEANUP(cleanup_fd) int lock = lade_txn_lock_root(txn);
	result = failing(&making, lock, "pin.journal", "locking", txn->root);
	if (result >= 0)
		result = make(&making, &taken);
	lock = fd_close(lock); /* undoing takes it again */
	if (result < 0)
		lade_txn_rollback_to(txn, mark);
	if (result < 0)
		return making.told || (result == -EEXIST && taken) ? result : say(&making, result, error);
	if (txn->committed)
		lade_txn_forget(txn, mark);
	return 0;
}

/* ---- using ---- */

static int use(struct making *making)
{
	const struct txn_outside *what = making->what;
	int result = journal(making, "use");
	if (result < 0)
		return result;
	int64_t found = lade_pinned_id(making->txn->kernel, what->path, what->is_program);
	return found == -ENOENT || found == -EINVAL || (found >= 0 && found != what->id) ? -ESTALE : 0;
}

int lade_txn_use_outside(struct txn *txn, const struct txn_outside *what, struct lade_error **error)
{
	struct making making = { .txn = txn, .what = what, .error = error };
	if (!txn->directory)
		return 0;
	size_t mark = txn->steps.count;
	CLEANUP(cleanup_fd) int lock = lade_txn_lock_root(txn);
	int result = failing(&making, lock, "pin.journal", "locking", txn->root);
	if (result >= 0)
		result = use(&making);
	lock = fd_close(lock);
	if (result < 0)
		lade_txn_rollback_to(txn, mark);
	if (result == -ESTALE)
		return lade_fail(error, ESTALE, "pin.vanished", "%s %s: what was pinned at %s is no longer there",
				 word(what), what->name, what->path);
	if (result < 0)
		return say(&making, result, error);
	if (txn->committed)
		lade_txn_forget(txn, mark);
	return 0;
}

/* ---- finding ---- */

struct search {
	struct lade_context *context;
	struct kernel *kernel;
	const struct txn_outside *what;
	struct lade_error **error;
};

static int refuse(const struct search *search, const char *code, const char *why, int errnum)
{
	struct lade_finding *finding = lade_error_add(search->error, errnum, code, "%s %s: %s %s", word(search->what),
						      search->what->name, search->what->path, why);
	name_it(finding, search->what);
	return -errnum;
}

static int check_owner(const struct search *search, const struct stat *status)
{
	const struct pin_place *place = search->what->place;
	if (status->st_uid == 0 || status->st_uid == geteuid() ||
	    (place && place->has_owner && status->st_uid == place->uid))
		return 0;
	struct lade_finding *finding = lade_error_add(
		search->error, EEXIST, "pin.owner", "%s %s: what is pinned at %s belongs to user %u and is not used",
		word(search->what), search->what->name, search->what->path, (unsigned)status->st_uid);
	name_it(finding, search->what);
	finding_evidence(finding, "used is what root or user %u owns",
			 place && place->has_owner ? place->uid : (unsigned)geteuid());
	finding_fix(finding, "if it is nobody's: rm %s", search->what->path);
	return -EEXIST;
}

static int fail_get(const struct search *search, int result)
{
	char why[128];
	if (result == -EINVAL || result == -ENXIO || result == -EISDIR)
		return refuse(search, "pin.not-a-pin", "is no pin of a map or program", EEXIST);
	(void)snprintf(why, sizeof why, "is pinned there and cannot be opened: %s", strerror(-result));
	return refuse(search, result == -EPERM || result == -EACCES ? "environment.permission" : "pin.open", why,
		      -result);
}

static int get(const struct search *search, int pin)
{
	char at[OUTSIDE_PATH_BYTES];
	lade_outside_self(pin, at);
	CLEANUP(cleanup_fd) int fd = lade_bpf_obj_get(search->kernel, at);
	if (fd == -EACCES || fd == -EPERM)
		fd = lade_bpf_obj_get_flags(search->kernel, at, BPF_F_RDONLY);
	if (fd < 0)
		return fail_get(search, fd);
	if (lade_bpf_is_other(fd, search->what->is_program ? "bpf-prog" : "bpf-map"))
		return refuse(search, search->what->is_program ? "pin.not-a-program" : "pin.not-a-map",
			      "is a pin of something else", EEXIST);
	return take_fd(&fd);
}

int lade_outside_find(struct lade_context *context, struct kernel *kernel, const struct txn_outside *what,
		      struct lade_error **error)
{
	const struct search search = { context, kernel, what, error };
	struct stat status;
	CLEANUP(cleanup_fd) int parent = lade_outside_parent(context->bpffs, kernel, NULL, what->path, error);
	if (parent < 0)
		return parent;
	CLEANUP(cleanup_fd) int pin = openat(parent, lade_path_leaf(what->path), O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (pin < 0 || fstat(pin, &status) < 0)
		return errno == ENOENT ? -ENOENT : fail_get(&search, -errno);
	if (!S_ISREG(status.st_mode))
		return refuse(&search, "pin.not-a-pin",
			      S_ISLNK(status.st_mode) ? "is a symbolic link" : "is a directory", EEXIST);
	int result = check_owner(&search, &status);
	return result < 0 ? result : get(&search, pin);
}
