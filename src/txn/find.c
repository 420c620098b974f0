/* SPDX-License-Identifier: BSD-2-Clause */
/* Which instances a user means. */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/similar.h"
#include "txn/state.h"

static int not_found(const struct lade_context *context, const char *which, struct lade_error **error)
{
	struct strings all = { 0 };
	struct similar_names similar = { .wanted = which };
	struct lade_finding *finding = lade_error_add(error, ENOENT, "state.not-found", "nothing is loaded as %s in %s",
						      which, context->bpffs);
	if (finding && lade_instances_scan(context->bpffs, &all) >= 0)
		array_foreach(directory, &all)
			lade_similar_consider(&similar, lade_path_leaf(*directory));
	lade_similar_evidence(&similar, finding, "instance");
	lade_similar_clear(&similar);
	lade_strings_clear(&all);
	return -ENOENT;
}

struct wanted {
	const char *which;
	char *safe; /* as a directory name */
	char *path; /* which, when it is one; else NULL */
};

/* Is it the instance of this name: by its journal, else by what its directory is called? */
static bool has_name(const char *directory, const struct journal_entry *object, const struct wanted *wanted)
{
	struct txn_id id;
	const char *leaf = lade_path_leaf(directory), *name = object ? lade_journal_value(object, "name") : NULL;
	if ((name && strcmp(name, wanted->which) == 0) || strcmp(leaf, wanted->which) == 0)
		return true;
	size_t length = lade_txn_id_parse(leaf, &id) ? id.leaf_length : strlen(leaf);
	return length == strlen(wanted->safe) && strncmp(leaf, wanted->safe, length) == 0;
}

/* What was killed before commit does not lie where --pin wanted it, but says so. */
static bool has_path(const char *directory, const struct journal_entry *object, const struct wanted *wanted)
{
	const char *base = object ? lade_journal_value(object, "base") : NULL;
	return strcmp(directory, wanted->path) == 0 || (base && strcmp(base, wanted->path) == 0);
}

static bool is_wanted(const char *directory, const struct wanted *wanted)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	if (!lade_is_instance(directory, &journal))
		return false;
	const struct journal_entry *object = journal.count ? journal.items : NULL;
	return wanted->path ? has_path(directory, object, wanted) : has_name(directory, object, wanted);
}

static bool is_unfinished(const char *directory)
{
	struct txn_id id;
	return lade_txn_id_parse(lade_path_leaf(directory), &id);
}

static int ambiguous(const char *which, const struct strings *directories, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "state.ambiguous", "%s names more than one instance", which);
	array_foreach(directory, directories)
		finding_evidence(finding, "%s", *directory);
	return -EINVAL;
}

/* Of several finished instances with one name (--pin), the one in lade/ is meant. */
static int choose(struct lade_context *context, const char *which, const char *safe, struct strings *matches,
		  struct lade_error **error)
{
	CLEANUP(cleanup_free) char *usual = lade_path("%s/lade/%s", context->bpffs, safe);
	struct strings kept = { 0 };
	size_t finished = 0;
	bool has_usual = false;
	array_foreach(match, matches) {
		finished += !is_unfinished(*match);
		has_usual = has_usual || (usual && strcmp(*match, usual) == 0);
	}
	if (finished > 1 && !has_usual)
		return ambiguous(which, matches, error);
	array_foreach(match, matches) {
		bool keep = finished <= 1 || is_unfinished(*match) || strcmp(*match, usual) == 0;
		if (keep && lade_strings_add(&kept, *match) < 0)
			return lade_fail_memory(error);
	}
	lade_strings_clear(matches);
	*matches = kept;
	return 0;
}

static int find_directory(struct lade_context *context, const char *which, struct strings *directories,
			  struct lade_error **error)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	CLEANUP(cleanup_free) char *path = NULL;
	int result = lade_path_resolve(context, which, &path);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result < 0 || !lade_path_exists(path))
		return not_found(context, which, error);
	if (!lade_is_instance(path, &journal))
		return lade_fail(error, EINVAL, "state.not-lade", "%s was not made by Lade: it has no journal", path);
	return lade_strings_add(directories, path) < 0 ? lade_fail_memory(error) : 0;
}

static int find_matches(struct lade_context *context, const struct wanted *wanted, const struct strings *all,
			struct strings *matches, struct lade_error **error)
{
	array_foreach(directory, all)
		if (is_wanted(*directory, wanted) && lade_strings_add(matches, *directory) < 0)
			return lade_fail_memory(error);
	return wanted->path ? 0 : choose(context, wanted->which, wanted->safe, matches, error);
}

static int find_wanted(struct lade_context *context, const char *which, const struct strings *all,
		       struct strings *matches, struct lade_error **error)
{
	struct wanted wanted = { .which = which };
	CLEANUP(cleanup_free) char *safe = lade_safe_name(which);
	CLEANUP(cleanup_free) char *path = NULL;
	int result = strchr(which, '/') ? lade_path_resolve(context, which, &path) : 0;
	if (!safe || result == -ENOMEM)
		return lade_fail_memory(error);
	if (result < 0)
		return not_found(context, which, error);
	wanted.safe = safe;
	wanted.path = path;
	return find_matches(context, &wanted, all, matches, error);
}

static int cannot_read(struct lade_context *context, int result, struct lade_error **error)
{
	struct kernel *kernel;
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	int opened = lade_context_kernel(context, &kernel, error);
	return opened < 0 ? opened : lade_pin_fail(kernel, result, "state.read", "reading", context->bpffs, error);
}

int lade_state_find(struct lade_context *context, const char *which, struct strings *ret_directories,
		    struct lade_error **error)
{
	struct strings all = { 0 }, matches = { 0 };
	int result = lade_instances_scan(context->bpffs, &all);
	if (result < 0)
		return cannot_read(context, result, error);
	if (!which) {
		*ret_directories = all;
		return 0;
	}
	result = find_wanted(context, which, &all, &matches, error);
	lade_strings_clear(&all);
	if (result == 0 && matches.count == 0) /* elsewhere, or not Lade's, which is worth saying */
		result = find_directory(context, which, &matches, error);
	if (result < 0)
		lade_strings_clear(&matches);
	else
		*ret_directories = matches;
	return result;
}
