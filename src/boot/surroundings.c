/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/surroundings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot/android.h"
#include "boot/directories.h"
#include "boot/self_test.h"
#include "boot/sysctls.h"
#include "diagnose/diagnose.h"
#include "kernel/bpf.h"
#include "needs/needs.h"
#include "txn/state.h"

/* ---- is there a bpf(2)? ---- */

static struct lade_needs *needs_of_all(const struct lade_boot *boot)
{
	struct lade_needs *needs = lade_needs_new();

	array_foreach(item, &boot->items)
		if (needs && (*item)->object && (*item)->outcome == LADE_BOOT_PLANNED &&
		    lade_needs_add(needs, (*item)->object) < 0)
			needs = lade_needs_free(needs);
	return needs;
}

static const struct lade_map *first_map(const struct lade_object *object)
{
	array_foreach(map, &object->maps)
		if (!(*map)->skip && !(*map)->inner_only)
			return *map;
	return NULL;
}

/* "create map tether_error_map of offload.o (critical: tethering)": the first thing that a boot would do. */
static char *first_step(const struct lade_boot *boot)
{
	char *text = NULL;

	array_foreach(place, &boot->items) {
		const struct boot_item *item = *place;
		const struct lade_map *map = item->object ? first_map(item->object) : NULL;
		if (item->outcome != LADE_BOOT_PLANNED)
			continue;
		if (asprintf(&text, "%s%s%s%s%s%s%s", map ? "create map " : "load ", map ? map->name : "",
			     map ? " of " : "", item->file, item->critical ? " (critical: " : "",
			     item->critical ? item->critical : "", item->critical ? ")" : "") < 0)
			return NULL;
		return text;
	}
	return strdup("boot");
}

/* None of them can be loaded now. */
static bool has_critical(const struct lade_boot *boot)
{
	array_foreach(item, &boot->items)
		if ((*item)->outcome == LADE_BOOT_PLANNED && (*item)->critical)
			return true;
	return false;
}

static int check_bpf(struct boot_run *run, struct lade_error **error)
{
	CLEANUP(cleanup_lade_needs) struct lade_needs *needs = NULL;
	CLEANUP(cleanup_free) char *step = NULL;

	if (lade_bpf_map_freeze(run->kernel, -1) != -ENOSYS)
		return 0;
	needs = needs_of_all(run->boot);
	step = first_step(run->boot);
	run->boot->android_value = 2;
	run->boot->critical = has_critical(run->boot);
	return lade_diagnose_bpf(run->kernel, step ? step : "boot", needs, error);
}

/* ---- one boot at a time ---- */

static int take_lock(struct boot_run *run, int *ret_lock, struct lade_error **error)
{
	const char *bpffs = run->context->bpffs;
	int fd = run->kernel->calls->lock(run->kernel, bpffs, false);

	if (fd == -EWOULDBLOCK) {
		if (run->opts->status)
			run->opts->status(run->opts->userdata, 0, run->boot->items.count, "waiting for another boot");
		fd = run->kernel->calls->lock(run->kernel, bpffs, true);
	}
	if (fd < 0)
		return lade_pin_fail(run->kernel, fd, "boot.lock", "locking", bpffs, error);
	*ret_lock = fd;
	return 0;
}

/* ---- what was interrupted ---- */

static bool is_ours(const struct lade_boot *boot, const char *leaf)
{
	struct txn_id id;

	if (!lade_txn_id_parse(leaf, &id) || id.run)
		return false;
	array_foreach(item, &boot->items) {
		CLEANUP(cleanup_free) char *safe = (*item)->name ? lade_safe_name((*item)->name) : NULL;
		if (safe && strlen(safe) == id.leaf_length && strncmp(safe, leaf, id.leaf_length) == 0)
			return true;
	}
	return false;
}

static bool has_leftovers(const struct boot_run *run)
{
	CLEANUP(cleanup_free) char *root = lade_path("%s/lade", run->context->bpffs);
	DIR *stream = root ? opendir(root) : NULL;
	bool found = false;

	for (struct dirent *entry; stream && !found && (entry = readdir(stream));) {
		if (!strchr(entry->d_name, '~') || !is_ours(run->boot, entry->d_name))
			continue;
		CLEANUP(cleanup_free) char *directory = lade_path("%s/%s", root, entry->d_name);
		found = directory && !lade_lock_held(directory);
	}
	if (stream)
		(void)closedir(stream);
	return found;
}

static void note_leftover(void *userdata, const struct lade_orphan_info *orphan)
{
	struct boot_run *run = userdata;

	if (orphan->removed)
		(void)lade_note_add(&run->boot->notes, "boot.leftover", "%s %s: removed what an interrupted load left",
				    orphan->kind, orphan->place ? orphan->place : orphan->name);
}

/* Nobody works on these any more: who boots holds the lock. */
int lade_boot_remove_leftovers(struct boot_run *run, struct lade_error **error)
{
	if (!has_leftovers(run))
		return 0;
	return lade_state_orphans(run->context, true, note_leftover, run, error);
}

/* ---- directories ---- */

static int make_directories(struct boot_run *run, struct lade_error **error)
{
	const struct boot_policy *policy = &run->boot->policy;
	int r = 0;

	if (policy->makes_late)
		return 0;
	array_foreach(location, &policy->locations)
		if (r == 0 && *location->prefix)
			r = lade_boot_make_directory(run->kernel, run->context->bpffs, location->prefix, error);
	if (r == 0 && policy->has_loader_dir)
		r = lade_boot_make_directory(run->kernel, run->context->bpffs, "loader", error);
	return r;
}

int lade_boot_enter_location(struct boot_run *run, size_t index, struct lade_error **error)
{
	const struct boot_policy *policy = &run->boot->policy;
	const char *prefix = policy->locations.items[index].prefix;

	if (!policy->makes_late || !*prefix)
		return 0;
	return lade_boot_make_directory(run->kernel, run->context->bpffs, prefix, error);
}

/* ---- before and after ---- */

int lade_boot_prepare_kernel(struct boot_run *run, int *ret_lock, struct lade_error **error)
{
	int r = lade_context_kernel(run->context, &run->kernel, error);

	if (r == 0)
		r = check_bpf(run, error);
	if (r == 0)
		r = lade_bpffs_ensure(run->context, run->kernel, error);
	if (r == 0)
		r = take_lock(run, ret_lock, error);
	if (r == 0)
		r = lade_boot_remove_leftovers(run, error);
	if (r == 0)
		r = lade_boot_sysctls(BOOT_SYSCTLS, &run->boot->policy, run->opts->sysctls, &run->boot->notes, error);
	if (r == 0)
		r = make_directories(run, error);
	return r;
}

/* netd waits for this directory where NetBpfLoad has loaded what is the network's. */
static int mark_network(struct boot_run *run, struct lade_error **error)
{
	const struct boot_policy *policy = &run->boot->policy;
	bool is_network = false;

	array_foreach(location, &policy->locations)
		is_network |= location->is_network && strcmp(location->prefix, "netd_shared/") == 0;
	if (!policy->is_android || !is_network || run->opts->only_count || run->opts->critical_only)
		return 0;
	return lade_boot_make_directory(run->kernel, run->context->bpffs, "netd_shared/mainline_done", error);
}

int lade_boot_finish_kernel(struct boot_run *run, struct lade_error **error)
{
	int r = run->boot->policy.has_self_test ? lade_boot_self_test(run->kernel, error) : 0;

	if (r < 0)
		run->boot->android_value = 1;
	if (r == 0)
		r = mark_network(run, error);
	if (r == 0 && run->opts->lock)
		r = lade_boot_lock_down(BOOT_SYSCTLS, &run->boot->notes, error);
	return r;
}

int lade_boot_critical_value(const struct boot_policy *policy)
{
	if (!policy->is_android)
		return 0;
	if (policy->device.loader >= LOADER_NAMED && policy->device.loader != POLICY_LOADER_UNVERSIONED)
		return 38;
	return policy->android >= 15 ? 120 : 2;
}
