/* SPDX-License-Identifier: BSD-2-Clause */
/* Where kernels and distributions keep a kernel's types, in the order in which they are tried. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "btf/kernel.h"
#include "btf/kernel_file.h"

#define RELEASE_MOST 256u

struct search {
	const struct kernel_types_options *options;
	char release[RELEASE_MOST]; /* of the kernel meant */
	bool is_running;            /* which is the one that runs */
	struct strings tried;       /* each place, and why it did not do */
	struct lade_btf *found;
};

/* A place is said with '*' for the release. */
static const char *const usual_places[] = {
	"/boot/vmlinux-*",
	"/lib/modules/*/vmlinux-*",
	"/lib/modules/*/build/vmlinux",
	"/usr/lib/modules/*/kernel/vmlinux",
	"/usr/lib/debug/boot/vmlinux-*",
	"/usr/lib/debug/lib/modules/*/vmlinux",
};
static const char *const names_in_directory[] = { "vmlinux-*", "btf-*", "*.btf", "*" };
static const char *const suffixes[] = { "", ".gz", ".xz", ".zst" };

static char *place(const struct search *search, const char *directory, const char *pattern, const char *suffix)
{
	struct strbuf path = { 0 };
	if (directory) {
		lade_strbuf_add(&path, directory);
		lade_strbuf_add(&path, "/");
	}
	for (; *pattern; pattern++)
		if (*pattern == '*')
			lade_strbuf_add(&path, search->release);
		else
			lade_strbuf_add_bytes(&path, pattern, 1);
	lade_strbuf_add(&path, suffix);
	return lade_strbuf_take(&path);
}

static int try_file(struct search *search, const char *path)
{
	CLEANUP(cleanup_lade_error) struct lade_error *reason = NULL;
	/* With an index, little is looked at. */
	struct lade_kernel_file file = { .path = path,
					 .never_map = search->options->never_map,
					 .map_late = search->options->cache };
	if (!path)
		return -ENOMEM;
	if (lade_kernel_file_open(&file, &search->found, &reason) == 0)
		return 0;
	const char *message = reason ? lade_error_message(reason) : NULL;
	return lade_strings_add(&search->tried, message ? message : path);
}

static bool exists(const char *path)
{
	struct stat status;
	return path && stat(path, &status) == 0;
}

static int try_in_directory(struct search *search, const char *directory, const char *pattern)
{
	int result = 0;
	for (size_t i = 0; i < ELEMENTS(suffixes) && !result && !search->found; i++) {
		CLEANUP(cleanup_free) char *path = place(search, directory, pattern, suffixes[i]);
		if (!path || exists(path))
			result = try_file(search, path);
	}
	return result;
}

static int try_directory(struct search *search, const char *directory)
{
	size_t before = search->tried.count;
	int result = 0;
	if (!exists(directory))
		return lade_strings_addf(&search->tried, "%s: %s", directory, strerror(errno));
	for (size_t i = 0; i < ELEMENTS(names_in_directory) && !result && !search->found; i++)
		result = try_in_directory(search, directory, names_in_directory[i]);
	if (result || search->found || search->tried.count > before)
		return result;
	return lade_strings_addf(&search->tried,
				 "%s: has no vmlinux-%s, btf-%s, %s.btf or %s, nor one packed as .gz, .xz or .zst",
				 directory, search->release, search->release, search->release, search->release);
}

static int try_sysfs(struct search *search, const char *sysfs)
{
	CLEANUP(cleanup_free) char *path = place(search, sysfs, "vmlinux", "");
	if (!search->is_running)
		return lade_strings_addf(&search->tried, "%s/vmlinux: is another kernel's than %s", sysfs,
					 search->release);
	return path ? try_file(search, path) : -ENOMEM;
}

static int try_path(struct search *search)
{
	CLEANUP(cleanup_free) char *copy = search->options->path ? strdup(search->options->path) : NULL;
	int result = search->options->path && !copy ? -ENOMEM : 0;
	char *rest = NULL;
	for (char *directory = copy ? strtok_r(copy, ":", &rest) : NULL; directory && !result && !search->found;
	     directory = strtok_r(NULL, ":", &rest))
		result = try_directory(search, directory);
	return result;
}

static int try_usual_places(struct search *search)
{
	int result = 0;
	for (size_t i = 0; i < ELEMENTS(usual_places) && !result && !search->found; i++) {
		CLEANUP(cleanup_free) char *path = place(search, NULL, usual_places[i], "");
		result = try_file(search, path);
	}
	return result;
}

static int fail_absent(struct search *search, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, "btf.kernel.absent",
			       "the types (BTF) of kernel %s are needed, and were not found", search->release);
	array_foreach(reason, &search->tried)
		finding_evidence(finding, "%s", *reason);
	if (search->options->file) {
		finding_cause(finding, "the directory that was given has none that could be read for this kernel");
		finding_fix(finding, "put them there under one of these names, or give the file itself: --btf FILE");
	}
	return -ENOENT;
}

static int name_release(struct search *search)
{
	struct utsname own;
	const char *wanted = search->options->release;
	if (uname(&own) < 0)
		return -errno;
	search->is_running = !wanted || !strcmp(wanted, own.release);
	wanted = wanted ? wanted : own.release;
	if (strlen(wanted) >= sizeof search->release || strchr(wanted, '/') || !*wanted)
		return -EINVAL;
	(void)strcpy(search->release, wanted);
	return 0;
}

static int run(struct search *search, const char *sysfs, bool *ret_is_sysfs)
{
	const char *file = search->options->file;
	int result = 0;
	if (file)
		return try_directory(search, file);
	result = try_sysfs(search, sysfs);
	*ret_is_sysfs = search->found;
	if (!result && !search->found)
		result = try_path(search);
	if (!result && !search->found)
		result = try_usual_places(search);
	return result;
}

static bool is_directory(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int lade_kernel_search(const struct kernel_types_options *options, const char *sysfs, struct lade_btf **ret_btf,
		       bool *ret_is_sysfs, struct lade_error **error)
{
	struct search search = { .options = options };
	bool is_sysfs = false;
	if (options->file && !is_directory(options->file)) {
		struct lade_kernel_file file = { .path = options->file, .never_map = options->never_map };
		return lade_kernel_file_open(&file, ret_btf, error);
	}
	int result = name_release(&search);
	if (result == -EINVAL)
		return lade_fail(error, EINVAL, "btf.kernel.absent", "\"%s\" cannot be the release of a kernel",
				 options->release);
	if (!result)
		result = run(&search, sysfs, &is_sysfs);
	if (result)
		result = lade_fail_memory(error);
	else if (!search.found)
		result = fail_absent(&search, error);
	lade_strings_clear(&search.tried);
	if (result)
		return result;
	*ret_btf = search.found;
	*ret_is_sysfs = is_sysfs;
	return 0;
}
