/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding instances: there is no index that could go stale, a journal is what makes a directory one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "txn/internal.h"

enum { DEPTH = 16 };

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A killed load leaves an empty directory, or one with an empty journal, before its first entry is written. */
static bool is_stillborn(const char *directory)
{
	struct txn_id id;
	if (!lade_txn_id_parse(lade_path_leaf(directory), &id))
		return false;
	DIR *stream = opendir(directory);
	if (!stream)
		return false;
	bool bare = true;
	for (struct dirent *entry; bare && (entry = readdir(stream));)
		bare = is_dots(entry->d_name) || strcmp(entry->d_name, "journal") == 0;
	(void)closedir(stream);
	return bare;
}

bool lade_is_instance(const char *directory, struct journal *ret_journal)
{
	struct journal journal = { 0 };
	(void)lade_journal_read(directory, &journal);
	bool proven = journal.count && strcmp(journal.items[0].kind, "object") == 0 &&
		      lade_journal_value(&journal.items[0], "name");
	if (!proven && (journal.count || !is_stillborn(directory))) {
		lade_journal_clear(&journal);
		return false;
	}
	*ret_journal = journal;
	return true;
}

static bool is_directory(int parent, const struct dirent *entry)
{
	struct stat status;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(parent, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/* One level; directories inside an instance are its own and are not looked into. */
static int scan(const char *path, unsigned depth, struct strings *found)
{
	DIR *stream = opendir(path);
	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	int result = 0;
	for (struct dirent *entry; result >= 0 && (entry = readdir(stream));) {
		struct journal journal = { 0 };
		if (is_dots(entry->d_name) || !is_directory(dirfd(stream), entry))
			continue;
		CLEANUP(cleanup_free) char *child = lade_path("%s/%s", path, entry->d_name);
		if (!child)
			result = -ENOMEM;
		else if (lade_is_instance(child, &journal))
			result = lade_strings_add(found, child);
		else if (depth < DEPTH)
			result = scan(child, depth + 1, found);
		lade_journal_clear(&journal);
	}
	(void)closedir(stream);
	return result;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

int lade_instances_scan(const char *bpffs, struct strings *ret_directories)
{
	struct strings found = { 0 };
	int result = scan(bpffs, 0, &found);
	if (result < 0) {
		lade_strings_clear(&found);
		return result;
	}
	if (found.count > 1)
		qsort(found.items, found.count, sizeof *found.items, by_name);
	*ret_directories = found;
	return 0;
}
