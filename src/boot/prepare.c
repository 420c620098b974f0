/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/prepare.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "boot/crew.h"
#include "boot/load.h"
#include "boot/scan.h"

#define POLICY_DIRECTORY "/etc/lade/boot.d"

/* ---- the policy ---- */

static int check_options(const struct lade_boot_opts *opts, struct lade_error **error)
{
	bool elsewhere = opts->root || opts->dry_run;
	const char *android_only = opts->loader_version ? "a loader version" : opts->build_type ? "a build type" : NULL;

	if (!opts->android && android_only)
		return lade_fail(error, EINVAL, "boot.options", "%s without a version of Android", android_only);
	if (!elsewhere && (opts->kernel || opts->machine))
		return lade_fail(error, EINVAL, "boot.options",
				 "another kernel or architecture than this machine's needs a root or a dry run");
	return 0;
}

/* Below the root, as the directories are. */
static char *policy_directory(const struct lade_boot_opts *opts)
{
	const char *directory = opts->policy_directory ? opts->policy_directory : POLICY_DIRECTORY;
	char *path = NULL;

	if (!opts->root || opts->policy_directory)
		return strdup(directory);
	return asprintf(&path, "%s%s", opts->root, directory) < 0 ? NULL : path;
}

static int read_policy(const struct lade_boot_opts *opts, struct boot_policy *policy, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *directory = policy_directory(opts);
	int r;

	if (!directory)
		return lade_fail_memory(error);
	CLEANUP(cleanup_lade_error) struct lade_error *problem = NULL;
	r = lade_boot_read_policy(directory, policy, &problem);
	if (r == -ENOENT && opts->directory_count && !opts->policy_directory)
		r = 0; /* a directory that is named needs no policy */
	if (r < 0)
		lade_error_merge(error, &problem);
	return r < 0 ? r : lade_boot_device(opts, &policy->device, error);
}

static int ask_config(const struct boot_run *run, struct boot_policy *policy, struct lade_error **error)
{
	struct strings names = { 0 };
	struct lade_context *context = run->context;
	int r = lade_boot_configs(policy, &names);

	if (r == 0 && names.count && !context->config) {
		context->config = lade_kernel_config_new(context->config_file);
		r = context->config ? 0 : -ENOMEM;
	}
	array_foreach(name, &names)
		r = r < 0 ? r : lade_kernel_config_ask(context->config, *name);
	if (r < 0) {
		lade_strings_clear(&names);
		return lade_fail_memory(error);
	}
	r = names.count ? lade_kernel_config_find(context->config, NULL, error) : 0;
	policy->device.config = names.count ? context->config : NULL;
	lade_strings_clear(&names);
	return r;
}

int lade_boot_choose_policy(struct boot_run *run, struct lade_error **error)
{
	const struct lade_boot_opts *opts = run->opts;
	struct lade_boot *boot = run->boot;
	int r = check_options(opts, error);

	if (r == 0)
		r = opts->android ? lade_boot_android_policy(opts, &boot->policy, error)
				  : read_policy(opts, &boot->policy, error);
	if (r == 0)
		r = ask_config(run, &boot->policy, error);
	if (r < 0)
		return r;
	lade_boot_move_findings(&boot->policy.notes, &boot->notes);
	boot->android = opts->android ? strdup(opts->android) : NULL;
	boot->kernel = strdup(boot->policy.device.release);
	boot->machine = strdup(boot->policy.device.architecture);
	boot->build_type = boot->policy.is_android ? boot->policy.device.build_type : NULL;
	return boot->kernel && boot->machine && (boot->android || !opts->android) ? 0 : lade_fail_memory(error);
}

/* ---- the directories ---- */

static void strip_slashes(char *path)
{
	for (size_t length = strlen(path); length > 1 && path[length - 1] == '/'; length--)
		path[length - 1] = '\0';
}

/* Index of the location, added when the policy has none of that name. */
static int choose_location(struct boot_run *run, const char *given, size_t *ret_index, struct lade_error **error)
{
	struct boot_policy *policy = &run->boot->policy;
	CLEANUP(cleanup_free)
	char *path = run->opts->root || *given == '/' ? strdup(given) : realpath(given, NULL);

	if (!path)
		return errno == ENOMEM
			       ? lade_fail_memory(error)
			       : lade_fail(error, errno, "boot.directory.missing", "%s: %s", given, strerror(errno));
	strip_slashes(path);
	for (size_t i = 0; i < policy->locations.count; i++)
		if (strcmp(policy->locations.items[i].directory, path) == 0) {
			*ret_index = i;
			return 0;
		}
	int r = lade_boot_add_directory(policy, path, error);
	*ret_index = policy->locations.count - 1;
	return r;
}

static struct boot_item *add_item(struct boot_run *run, size_t location, struct boot_file *file)
{
	struct boot_item **place = array_push(&run->boot->items);
	struct boot_item *item = place ? calloc(1, sizeof *item) : NULL;

	if (!place)
		return NULL;
	if (!item) {
		run->boot->items.count--;
		return NULL;
	}
	item->file = TAKE(file->path);
	item->path = TAKE(file->real);
	item->leaf = TAKE(file->leaf);
	item->absent = file->absent;
	item->location = location;
	item->outcome = LADE_BOOT_NOT_TRIED;
	item->weight = 1;
	return *place = item;
}

static bool is_named(const struct boot_item *item, const char *name)
{
	CLEANUP(cleanup_free) char *stem = lade_boot_stem(item->leaf);

	return strcmp(item->leaf, name) == 0 || strcmp(item->file, name) == 0 || (stem && strcmp(stem, name) == 0);
}

/* A list of the policy's own decides which and in which order. */
static int add_listed(struct boot_run *run, size_t location, struct boot_files *files)
{
	for (const char *const *name = run->boot->policy.locations.items[location].files; *name; name++)
		array_foreach(file, files)
			if (file->leaf && strcmp(file->leaf, *name) == 0 && !add_item(run, location, file))
				return -ENOMEM;
	return 0;
}

static int add_files(struct boot_run *run, size_t location, struct boot_files *files)
{
	if (run->boot->policy.locations.items[location].files)
		return add_listed(run, location, files);
	array_foreach(file, files)
		if (!add_item(run, location, file))
			return -ENOMEM;
	return 0;
}

/* A directory of the policy may be missing; one that the user names may not. */
static int scan(struct boot_run *run, size_t index, bool named, struct lade_error **error)
{
	const struct boot_location *location = &run->boot->policy.locations.items[index];
	struct boot_files files = { 0 };
	int r = lade_boot_scan(run->opts->root, location->directory, location->suffix, &files, error);

	if (r == -ENOENT)
		return named ? lade_fail(error, ENOENT, "boot.directory.missing", "there is no directory %s%s",
					 run->opts->root ? run->opts->root : "", location->directory)
			     : 0;
	if (r < 0)
		return r;
	r = add_files(run, index, &files);
	lade_boot_files_clear(&files);
	return r < 0 ? lade_fail_memory(error) : 0;
}

static int scan_named(struct boot_run *run, struct lade_error **error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->opts->directory_count; i++) {
		size_t index = 0, scanned = run->boot->items.count;
		r = choose_location(run, run->opts->directories[i], &index, error);
		for (size_t j = 0; r == 0 && j < scanned; j++)
			if (run->boot->items.items[j]->location == index)
				return lade_fail(error, EINVAL, "boot.options", "the directory %s is named twice",
						 run->opts->directories[i]);
		if (r == 0)
			r = scan(run, index, true, error);
	}
	return r;
}

/* ---- only some ---- */

static bool is_wanted(const struct lade_boot_opts *opts, const struct boot_item *item, bool *found)
{
	bool wanted = false;

	for (size_t i = 0; i < opts->only_count; i++)
		if (is_named(item, opts->only[i]))
			wanted = found[i] = true;
	return wanted;
}

static int keep_only(struct boot_run *run, struct lade_error **error)
{
	const struct lade_boot_opts *opts = run->opts;
	CLEANUP(cleanup_free) bool *found = calloc(opts->only_count + 1, sizeof *found);
	size_t kept = 0;

	if (!found)
		return lade_fail_memory(error);
	if (!opts->only_count)
		return 0;
	for (size_t i = 0; i < run->boot->items.count; i++) {
		struct boot_item *item = run->boot->items.items[i];
		if (is_wanted(opts, item, found))
			run->boot->items.items[kept++] = item;
		else
			(void)lade_boot_item_free(item);
	}
	run->boot->items.count = kept;
	for (size_t i = 0; i < opts->only_count; i++)
		if (!found[i])
			return lade_fail(error, ENOENT, "boot.only", "no directory of this boot has an object \"%s\"",
					 opts->only[i]);
	return 0;
}

/* A machine whose directories are elsewhere looks like one that has nothing to do. */
static void note_nothing(struct boot_run *run)
{
	struct lade_finding *note =
		lade_note_add(&run->boot->notes, "boot.nothing", "no object lies in any directory of this policy");

	array_foreach(location, &run->boot->policy.locations)
		finding_evidence(note, "%s%s", run->boot->root ? run->boot->root : "", location->directory);
}

int lade_boot_find_objects(struct boot_run *run, struct lade_error **error)
{
	int r = 0;

	if (run->opts->directory_count)
		r = scan_named(run, error);
	for (size_t i = 0; r == 0 && !run->opts->directory_count && i < run->boot->policy.locations.count; i++)
		r = scan(run, i, false, error);
	if (r == 0 && !run->boot->items.count)
		note_nothing(run);
	return r < 0 ? r : keep_only(run, error);
}

/* ---- reading ---- */

static void read_task(void *data, struct lade_context *context, size_t index)
{
	struct boot_run *run = data;

	lade_boot_read(run->boot->items.items[index], context, run->context, run->boot);
}

/* Locations as they stand, or as the user named them; then the policy's order, then that of names. */
static void sort_items(struct lade_boot *boot)
{
	for (size_t i = 1; i < boot->items.count; i++) {
		struct boot_item *item = boot->items.items[i];
		size_t at = i;
		for (; at > 0; at--) {
			const struct boot_item *before = boot->items.items[at - 1];
			if (before->location != item->location || before->decision.order <= item->decision.order)
				break;
			boot->items.items[at] = boot->items.items[at - 1];
		}
		boot->items.items[at] = item;
	}
}

static void leave_out_uncritical(struct boot_item *item)
{
	if (item->outcome != LADE_BOOT_PLANNED || item->critical)
		return;
	item->outcome = LADE_BOOT_SKIPPED;
	(void)lade_note_add(&item->notes, "boot.uncritical", "%s is left out: it is not critical", item->file);
}

void lade_boot_read_objects(struct boot_run *run)
{
	const struct boot_work work = { .count = run->boot->items.count, .task = read_task, .data = run };

	lade_boot_crew(run->context, run->jobs, &work);
	sort_items(run->boot);
	array_foreach(item, &run->boot->items) {
		if (run->opts->critical_only)
			leave_out_uncritical(*item);
		atomic_store(&(*item)->finished, (*item)->outcome != LADE_BOOT_PLANNED);
	}
}
