/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leftovers that are provably Lade's: instances whose making or removing was interrupted and that nobody works on any
 * more, with all that their journals name; and tracing events in Lade's group that no journal names. Where a
 * replacement was interrupted between its two renames, the old instance gets its name back.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/functions.h"
#include "txn/state.h"

struct hunt {
	struct lade_context *context;
	struct kernel *kernel;
	bool remove;
	lade_orphan_fn *tell;
	void *userdata;
	struct strings directories;
	struct strings events; /* that journals name: "lade/open_91c7…" */
	int result;            /* the first failure */
	struct lade_error **error;
};

static void tell(struct hunt *hunt, const char *kind, const char *name, const char *place, const char *why, int result)
{
	const struct lade_orphan_info orphan = {
		.size = sizeof orphan,
		.kind = kind,
		.name = name,
		.place = place,
		.why = why,
		.removed = hunt->remove && result == 0,
	};
	if (hunt->tell)
		hunt->tell(hunt->userdata, &orphan);
	hunt->result = hunt->result < 0 ? hunt->result : result;
}

/* ---- instances ---- */

static bool is_left(const char *directory)
{
	struct txn_id id;
	return lade_txn_id_parse(lade_path_leaf(directory), &id) && !lade_lock_held(directory);
}

static const struct journal_entry *find_kind(const struct journal *journal, const char *kind)
{
	array_foreach(entry, journal)
		if (strcmp(entry->kind, kind) == 0)
			return entry;
	return NULL;
}

/* 1: the old instance stands aside, and nothing has its name. */
static bool is_stranded(const char *aside, const char *base)
{
	struct txn_id id;
	return aside && base && lade_path_is_clean(aside) && lade_path_is_clean(base) &&
	       lade_txn_id_parse(lade_path_leaf(aside), &id) && lade_path_exists(aside) && !lade_path_exists(base);
}

static int restore(struct hunt *hunt, char **directory)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	const struct journal_entry *entry =
		is_left(*directory) && lade_is_instance(*directory, &journal) ? find_kind(&journal, "aside") : NULL;
	const char *aside = entry ? lade_journal_value(entry, "path") : NULL;
	const char *base = entry ? lade_journal_value(entry, "base") : NULL;
	if (!is_stranded(aside, base) || !is_left(aside))
		return 0;
	int result = hunt->remove ? hunt->kernel->calls->rename(hunt->kernel, aside, base, RENAME_NOREPLACE) : 0;
	tell(hunt, "name", lade_path_leaf(base), aside, "its replacement was interrupted: it gets its name back",
	     result);
	array_foreach(other, &hunt->directories)
		if (result == 0 && strcmp(*other, aside) == 0)
			**other = '\0'; /* it is none of what is left */
	return result;
}

static void remove_instance(struct hunt *hunt, const char *directory)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	if (!*directory || !is_left(directory) || !lade_is_instance(directory, &journal))
		return;
	const char *name = journal.count ? lade_journal_value(&journal.items[0], "name") : NULL;
	struct txn_id id;
	(void)lade_txn_id_parse(lade_path_leaf(directory), &id);
	int result =
		hunt->remove ? lade_state_unload_directory(hunt->context, hunt->kernel, directory, hunt->error) : 0;
	tell(hunt, "instance", name ? name : lade_path_leaf(directory), directory,
	     id.run ? "the lade run that made it is gone" : "the command that made, replaced or removed it is gone",
	     result);
}

/* A replacement that was killed right after its commit: what had kept the old pins alive. */
static void settle(struct hunt *hunt, const char *directory)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	struct txn_id id;
	if (!*directory || lade_txn_id_parse(lade_path_leaf(directory), &id) || lade_lock_held(directory) ||
	    lade_journal_read(directory, &journal) < 0)
		return;
	const struct journal_entry *entry = find_kind(&journal, "repin");
	const char *keep = entry ? lade_journal_value(entry, "keep") : NULL;
	if (!keep)
		return;
	int result = hunt->remove ? lade_instance_settle(hunt->kernel, directory) : 0;
	tell(hunt, "pin", lade_path_leaf(directory), keep, "the command that replaced it is gone",
	     result < 0 ? result : 0);
}

/* ---- tracing events ---- */

static int add_events(struct hunt *hunt)
{
	array_foreach(directory, &hunt->directories) {
		CLEANUP(cleanup_journal) struct journal journal = { 0 };
		if (!**directory || lade_journal_read(*directory, &journal) < 0)
			continue;
		array_foreach(entry, &journal) {
			const char *event = lade_journal_value(entry, "event");
			if (strcmp(entry->kind, "event") == 0 && event && lade_strings_add(&hunt->events, event) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

/* A name that Lade gives: words, then 16 hexadecimal digits. */
static bool is_our_name(const char *event, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const size_t number = 16;
	if (length < strlen("lade/") + number + 2 || strncmp(event, "lade/", 5) != 0)
		return false;
	const char *start = event + length - number;
	return start[-1] == '_' && strspn(start, digits) >= number;
}

struct event_search {
	struct hunt *hunt;
	struct strings found;
};

static bool is_journalled(const struct hunt *hunt, const char *event)
{
	array_foreach(known, &hunt->events)
		if (strcmp(*known, event) == 0)
			return true;
	return false;
}

/* "p:lade/open_91c7… do_sys_open" */
static int meet_line(void *data, const char *line)
{
	struct event_search *search = data;
	const char *colon = strchr(line, ':');
	size_t length = colon ? strcspn(colon + 1, " ") : 0;
	if (!colon || !is_our_name(colon + 1, length))
		return 0;
	CLEANUP(cleanup_free) char *event = strndup(colon + 1, length);
	if (!event)
		return -ENOMEM;
	return is_journalled(search->hunt, event) ? 0 : lade_strings_add(&search->found, event);
}

/* An event that somebody uses (from another bpffs) is refused by the kernel and stays; others may be faster. */
static void remove_event(struct hunt *hunt, const char *path, const char *event)
{
	char line[160];
	(void)snprintf(line, sizeof line, "-:%.128s\n", event);
	int result = hunt->remove ? hunt->kernel->calls->append(hunt->kernel, path, line) : 0;
	if (result == -EBUSY || result == -ENOENT)
		return;
	tell(hunt, "event", event, path, "no journal names it, and nobody uses it", result < 0 ? result : 0);
	if (result < 0)
		(void)lade_fail(hunt->error, -result, "state.orphan", "removing the event %s from %s: %s", event, path,
				strerror(-result));
}

static void hunt_events(struct hunt *hunt, const char *control)
{
	struct event_search search = { .hunt = hunt };
	const char *tracefs;
	char path[PATH_MAX];
	if (lade_kernel_tracefs(hunt->kernel, false, &tracefs, NULL) < 0)
		return;
	(void)snprintf(path, sizeof path, "%s/%s", tracefs, control);
	(void)lade_lines_each(path, meet_line, &search);
	array_foreach(event, &search.found)
		remove_event(hunt, path, *event);
	lade_strings_clear(&search.found);
}

/* ---- all ---- */

static int run(struct hunt *hunt)
{
	int result = lade_instances_scan(hunt->context->bpffs, &hunt->directories);
	if (result < 0)
		return lade_pin_fail(hunt->kernel, result, "state.read", "reading", hunt->context->bpffs, hunt->error);
	array_foreach(directory, &hunt->directories)
		if (restore(hunt, directory) < 0)
			return lade_fail(hunt->error, EIO, "state.orphan", "%s cannot get its name back", *directory);
	/* What a replacement had put in place first: it hands the places back. */
	array_foreach(directory, &hunt->directories)
		remove_instance(hunt, *directory);
	array_foreach(directory, &hunt->directories)
		settle(hunt, *directory);
	if (add_events(hunt) < 0)
		return lade_fail_memory(hunt->error);
	hunt_events(hunt, "kprobe_events");
	hunt_events(hunt, "uprobe_events");
	return hunt->result;
}

LADE_API int lade_state_orphans(struct lade_context *context, bool remove, lade_orphan_fn *fn, void *userdata,
				struct lade_error **error)
{
	struct hunt hunt = { .context = context, .remove = remove, .tell = fn, .userdata = userdata, .error = error };
	int result = lade_context_kernel(context, &hunt.kernel, error);
	if (result < 0)
		return result;
	result = run(&hunt);
	lade_strings_clear(&hunt.directories);
	lade_strings_clear(&hunt.events);
	if (remove)
		lade_state_drop_root(context, hunt.kernel);
	return result;
}
