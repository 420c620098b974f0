/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking an instance apart: links, programs, maps, what is shared, the journal, the directory. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/bpf.h"
#include "kernel/netns.h"
#include "txn/internal.h"

/* What goes wrong does not stop the rest; the first failure is reported. */
struct removal {
	struct lade_context *context;
	struct kernel *kernel;
	const char *directory;
	int result;
	char *failed; /* path */
	char *netns;  /* inode of the network namespace that the failed effect lies in, where it is not ours */
};

static void remember(struct removal *removal, int result, const char *path)
{
	if (result >= 0 || result == -ENOENT || removal->result < 0)
		return;
	removal->result = result;
	removal->failed = strdup(path ? path : removal->directory);
}

/* Names in a directory, sorted by nothing: they are about to go. */
static int list(const char *path, struct strings *ret_names)
{
	struct strings names = { 0 };
	DIR *stream = opendir(path);
	if (!stream)
		return -errno;
	int result = 0;
	for (struct dirent *entry; result >= 0 && (entry = readdir(stream));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = lade_strings_addf(&names, "%s/%s", path, entry->d_name);
	(void)closedir(stream);
	if (result < 0)
		lade_strings_clear(&names);
	else
		*ret_names = names;
	return result;
}

static bool is_directory(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Pins at path, one level of directories (links/<program>/) below it, and path itself. */
static void remove_pins(struct removal *removal, const char *path, unsigned levels)
{
	struct strings names = { 0 };
	struct kernel *kernel = removal->kernel;
	remember(removal, list(path, &names), path);
	array_foreach(name, &names) {
		if (levels && is_directory(*name))
			remove_pins(removal, *name, levels - 1);
		else
			remember(removal, kernel->calls->unlink(kernel, *name), *name);
	}
	lade_strings_clear(&names);
	if (lade_path_exists(path))
		remember(removal, kernel->calls->rmdir(kernel, path), path);
}

static void remove_kind(struct removal *removal, const char *kind, unsigned levels)
{
	CLEANUP(cleanup_free) char *path = lade_path("%s/%s", removal->directory, kind);
	if (!path)
		remember(removal, -ENOMEM, removal->directory);
	else if (lade_path_exists(path))
		remove_pins(removal, path, levels);
}

/* Nobody's attempt is worse than none: kernels before 5.9 cannot, nor can any for what is traced. */
static void end_link(struct kernel *kernel, const char *path)
{
	CLEANUP(cleanup_fd) int fd = lade_bpf_obj_get(kernel, path);

	if (fd >= 0)
		(void)lade_bpf_link_detach(kernel, fd);
}

void lade_instance_end_links(struct kernel *kernel, const char *directory)
{
	CLEANUP(cleanup_free) char *path = lade_path("%s/links", directory);
	struct strings programs = { 0 };

	if (!path || list(path, &programs) < 0)
		return;
	array_foreach(program, &programs) {
		struct strings links = { 0 };
		if (!is_directory(*program) || list(*program, &links) < 0)
			continue;
		array_foreach(link, &links)
			end_link(kernel, *link);
		lade_strings_clear(&links);
	}
	lade_strings_clear(&programs);
}

static void release_pin(struct removal *removal, const struct shared_pin *pin)
{
	if (lade_path_is_clean(pin->path))
		remember(removal,
			 lade_shared_release(removal->context, removal->kernel, removal->directory, pin), pin->path);
}

/* Also where it was pinned first, if the load did not come to renaming it. */
static void release_pins(struct removal *removal, const struct journal *journal, bool programs)
{
	array_foreach(entry, journal) {
		struct shared_pin pin;
		if (strcmp(entry->kind, "pin") != 0 || !lade_shared_parse(entry, &pin) || pin.is_program != programs)
			continue;
		release_pin(removal, &pin);
		pin.path = lade_journal_value(entry, "first");
		if (pin.path)
			release_pin(removal, &pin);
	}
}

static void undo_effect(struct removal *removal, const struct journal_entry *entry)
{
	const char *netns = lade_journal_value(entry, "netns");
	bool is_first = removal->result == 0;
	int result = lade_effect_undo(removal->kernel, removal->directory, entry);
	remember(removal, result, lade_journal_value(entry, "target"));
	if (is_first && result == -EPERM && netns && strtoull(netns, NULL, 10) != lade_netns_inode(NULL))
		removal->netns = strdup(netns);
}

static void undo_effects(struct removal *removal, const struct journal *journal)
{
	for (size_t i = journal->count; i > 0; i--)
		if (lade_effect_kind(journal->items[i - 1].kind))
			undo_effect(removal, &journal->items[i - 1]);
}

static int longer_first(const void *left, const void *right)
{
	size_t first = strlen(*(const char *const *)left), second = strlen(*(const char *const *)right);
	return (first < second) - (first > second);
}

/* Inner directories before outer ones; handing over may have journalled them in any order. */
static void release_directories(struct removal *removal, const struct journal *journal)
{
	ARRAY_OF(const char *) paths = { 0 };
	array_foreach(entry, journal) {
		const char *path = lade_journal_value(entry, "path");
		if (strcmp(entry->kind, "dir") != 0 || !path || !lade_path_is_clean(path))
			continue;
		const char **slot = array_push(&paths);
		if (slot)
			*slot = path;
		else
			remember(removal, -ENOMEM, path);
	}
	if (paths.count > 1)
		qsort(paths.items, paths.count, sizeof *paths.items, longer_first);
	array_foreach(path, &paths)
		remember(removal, lade_outside_release(removal->context, removal->kernel, removal->directory, *path),
			 *path);
	array_clear(&paths);
}

/* Backwards: entry 0 says that all this is Lade's, so it goes last. */
static void remove_journal(struct removal *removal, const struct journal *journal)
{
	struct kernel *kernel = removal->kernel;
	for (size_t i = journal->count; i > 0; i--) {
		CLEANUP(cleanup_free)
		char *path = lade_path("%s/journal/%04u", removal->directory, journal->items[i - 1].number);
		remember(removal, path ? kernel->calls->unlink(kernel, path) : -ENOMEM, removal->directory);
	}
	remove_kind(removal, "journal", 0);
	remember(removal, kernel->calls->rmdir(kernel, removal->directory), removal->directory);
}

/* "lade/demo/mine" of somebody else's keeps the directory from being taken apart half. */
static char *find_foreign(const char *directory)
{
	static const char *const own[] = { "maps", "progs", "links", "journal" };
	struct strings names = { 0 };
	char *foreign = NULL;
	if (list(directory, &names) < 0)
		return NULL;
	array_foreach(name, &names) {
		bool known = false;
		for (size_t i = 0; i < ELEMENTS(own); i++)
			known = known || strcmp(lade_path_leaf(*name), own[i]) == 0;
		if (!known && !foreign)
			foreign = TAKE(*name);
	}
	lade_strings_clear(&names);
	return foreign;
}

int lade_instance_check_foreign(const char *directory, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *foreign = find_foreign(directory);
	if (!foreign)
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, ENOTEMPTY, "state.foreign", "%s is not Lade's: nothing was removed", foreign);
	finding_fix(finding, "move or remove %s, then unload again", foreign);
	return -ENOTEMPTY;
}

static void say_failure(const struct removal *removal, struct lade_error **error)
{
	const char *what = removal->failed ? removal->failed : removal->directory;
	if (removal->netns)
		(void)lade_fail(
			error, EPERM, "state.namespace",
			"%s lies in the network namespace net:[%s], which is hidden from this process or closed to it",
			what, removal->netns);
	else
		(void)lade_pin_fail(removal->kernel, removal->result, "state.unload-incomplete", "removing", what,
				    error);
}

int lade_instance_remove(struct lade_context *context, struct kernel *kernel, const char *directory,
			 struct lade_error **error)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	int result = lade_instance_check_foreign(directory, error);
	if (result < 0)
		return result;
	if (!lade_is_instance(directory, &journal))
		return lade_fail(error, EINVAL, "state.not-lade", "%s has no journal of Lade's", directory);
	struct removal removal = { .context = context, .kernel = kernel, .directory = directory };
	remove_kind(&removal, "links", 1);
	undo_effects(&removal, &journal);
	remove_kind(&removal, "progs", 0);
	release_pins(&removal, &journal, true);
	remove_kind(&removal, "maps", 0);
	release_pins(&removal, &journal, false);
	release_directories(&removal, &journal);
	if (removal.result == 0)
		remove_journal(&removal, &journal);
	if (removal.result < 0)
		say_failure(&removal, error);
	free(removal.failed);
	free(removal.netns);
	return removal.result;
}
