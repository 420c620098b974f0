/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One boot. Objects are read and judged before a kernel is entered; then, location after location, what does not depend
 * on each other is loaded in parallel. Results are told in the order of the policy, whoever was done first.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/info.h"
#include "boot/chains.h"
#include "boot/crew.h"
#include "boot/lines.h"
#include "boot/load.h"
#include "boot/prepare.h"
#include "boot/surroundings.h"
#include "kernel/until.h"

static void say(const struct boot_run *run, size_t done, const char *text)
{
	if (run->opts->status)
		run->opts->status(run->opts->userdata, done, run->boot->items.count, text);
}

/* ---- loading one location ---- */

struct loading {
	struct boot_run *run;
	struct boot_chains chains;
	struct boot_load how;
};

static void load_task(void *data, struct lade_context *context, size_t index)
{
	struct loading *loading = data;
	struct boot_chain *chain = &loading->chains.items[index];

	array_foreach(item, &chain->items) {
		atomic_store(&(*item)->tried, true);
		lade_boot_load(*item, context, &loading->how);
		lade_boot_load_lines(*item, &loading->run->boot->policy);
		(*item)->object = lade_object_free((*item)->object);
		atomic_store(&(*item)->finished, true);
	}
}

static void tell(void *data)
{
	struct loading *loading = data;
	struct boot_run *run = loading->run;
	size_t done = 0;
	char text[256];

	lade_boot_tell_lines(run);
	array_foreach(item, &run->boot->items)
		done += atomic_load(&(*item)->finished);
	(void)snprintf(text, sizeof text, "%zu of %zu objects", done, run->boot->items.count);
	say(run, done, text);
}

/* Objects of one location and order; they do not wait for each other but where they share something. */
static int load_group(struct boot_run *run, struct boot_item **items, size_t count, struct lade_error **error)
{
	struct loading loading = {
		.run = run,
		.how = { .owners = &run->owners, .replace = run->opts->replace, .timeout_ms = run->opts->timeout_ms }
	};
	struct boot_work work = { .task = load_task, .between = tell, .data = &loading };
	struct boot_item **planned = calloc(count, sizeof(struct boot_item *));
	size_t planned_count = 0;
	int r;

	if (!planned)
		return lade_fail_memory(error);
	for (size_t i = 0; i < count; i++)
		if (items[i]->outcome == LADE_BOOT_PLANNED)
			planned[planned_count++] = items[i];
	r = lade_boot_chains(planned, planned_count, &loading.chains);
	free(planned);
	if (r < 0)
		return lade_fail_memory(error);
	work.count = loading.chains.count;
	/* What is left over verifies the programs of one object in parallel. */
	loading.how.jobs = work.count && work.count < run->jobs ? run->jobs / (unsigned)work.count : 1;
	lade_boot_crew(run->context, run->jobs, &work);
	lade_boot_chains_clear(&loading.chains);
	return 0;
}

static bool same_group(const struct boot_item *a, const struct boot_item *b)
{
	return a->location == b->location && a->decision.order == b->decision.order;
}

static bool has_critical_failure(const struct lade_boot *boot, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (boot->items.items[i]->outcome == LADE_BOOT_FAILED && boot->items.items[i]->critical)
			return true;
	return false;
}

static void give_up(struct boot_item *item)
{
	if (item->outcome != LADE_BOOT_PLANNED)
		return;
	item->outcome = LADE_BOOT_NOT_TRIED;
	(void)lade_note_add(&item->notes, "boot.not-tried", "%s was not tried", item->file);
}

static int load_all(struct boot_run *run, struct lade_error **error)
{
	struct lade_boot *boot = run->boot;
	size_t start = 0, end;
	int r = 0;

	for (; r == 0 && start < boot->items.count; start = end) {
		struct boot_item **items = boot->items.items;
		bool new_location = start == 0 || items[start]->location != items[start - 1]->location;
		if (new_location && has_critical_failure(boot, start))
			break;
		for (end = start + 1; end < boot->items.count && same_group(items[start], items[end]);)
			end++;
		if (new_location)
			r = lade_boot_enter_location(run, items[start]->location, error);
		if (r == 0)
			r = load_group(run, items + start, end - start, error);
	}
	for (; start < boot->items.count; start++) {
		give_up(boot->items.items[start]);
		atomic_store(&boot->items.items[start]->finished, true);
	}
	return r;
}

/* ---- the verdict ---- */

/* The worst thing first: the findings of critical objects, then of the others. */
static void gather(const struct lade_boot *boot, bool critical, struct lade_error **error)
{
	array_foreach(place, &boot->items) {
		const struct boot_item *item = *place;
		const struct lade_finding *first = lade_error_finding(item->error, 0);
		if (item->outcome != LADE_BOOT_FAILED || (item->critical != NULL) != critical)
			continue;
		(void)lade_fail(error, critical ? ECANCELED : EIO, critical ? "boot.critical" : "boot.partly",
				"%s%s%s%s: %s", item->file, critical ? " (critical: " : "",
				critical ? item->critical : "", critical ? ")" : "",
				first && first->message ? first->message : "not loaded");
	}
}

static int verdict(struct boot_run *run, struct lade_error **error)
{
	struct lade_boot *boot = run->boot;
	struct lade_error *failures = NULL;

	boot->critical = has_critical_failure(boot, boot->items.count);
	if (boot->critical)
		gather(boot, true, &failures);
	gather(boot, false, &failures);
	if (!failures)
		return 0;
	int code = lade_error_code(failures);
	lade_error_merge(error, &failures);
	return code;
}

static bool has_failure(const struct lade_boot *boot)
{
	array_foreach(item, &boot->items)
		if ((*item)->outcome == LADE_BOOT_FAILED)
			return true;
	return false;
}

/* Everything that was tried failed for what this process may not do: that is no fault of an object. */
static bool was_refused(const struct lade_boot *boot)
{
	size_t tried = 0;

	array_foreach(item, &boot->items) {
		const struct lade_finding *first = lade_error_finding((*item)->error, 0);
		if ((*item)->outcome == LADE_BOOT_LOADED || (*item)->outcome == LADE_BOOT_UNCHANGED)
			return false;
		if ((*item)->outcome != LADE_BOOT_FAILED || !atomic_load(&(*item)->tried))
			continue;
		if (!first || lade_error_code((*item)->error) != -EPERM)
			return false;
		tried++;
	}
	return tried != 0;
}

static int refuse(struct lade_boot *boot, struct lade_error **error)
{
	array_foreach(item, &boot->items)
		if ((*item)->outcome == LADE_BOOT_FAILED && atomic_load(&(*item)->tried)) {
			lade_error_merge(error, &(*item)->error);
			return -EPERM;
		}
	return -EPERM;
}

static int dry_run(struct boot_run *run, struct lade_error **error)
{
	array_foreach(item, &run->boot->items)
		lade_boot_rehearse(*item, run->context, &run->boot->policy.device, &run->owners);
	return verdict(run, error);
}

static int boot_kernel(struct boot_run *run, struct lade_error **error)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int r = lade_boot_prepare_kernel(run, &lock, error);

	if (r < 0)
		return r;
	lade_boot_begin_lines(run);
	r = load_all(run, error);
	if (r < 0)
		return r;
	lade_boot_tell_lines(run);
	if (has_failure(run->boot))
		(void)lade_boot_remove_leftovers(run, NULL);
	if (was_refused(run->boot))
		return refuse(run->boot, error);
	r = verdict(run, error);
	if (r == -ECANCELED) {
		lade_boot_critical_lines(run);
		return r;
	}
	int finished = lade_boot_finish_kernel(run, error);
	return finished < 0 ? finished : r;
}

/* ---- the whole ---- */

static unsigned count_jobs(const struct lade_boot_opts *opts)
{
	cpu_set_t allowed;

	if (opts->jobs)
		return opts->jobs;
	CPU_ZERO(&allowed);
	return sched_getaffinity(0, sizeof allowed, &allowed) < 0 ? 1 : (unsigned)CPU_COUNT(&allowed);
}

static int run_boot(struct boot_run *run, struct lade_error **error)
{
	int r;

	say(run, 0, "reading the policy");
	r = lade_boot_choose_policy(run, error);
	if (r == 0)
		r = lade_boot_find_objects(run, error);
	if (r < 0)
		return r;
	say(run, 0, "reading objects");
	lade_boot_read_objects(run);
	return run->opts->dry_run ? dry_run(run, error) : boot_kernel(run, error);
}

static void free_objects(struct lade_boot *boot)
{
	array_foreach(item, &boot->items)
		(*item)->object = lade_object_free((*item)->object);
}

int lade_boot_run(struct lade_context *context, const struct lade_boot_opts *opts, struct lade_boot **ret_boot,
		  struct lade_error **error)
{
	struct lade_boot_opts known;
	CLEANUP(cleanup_lade_boot) struct lade_boot *boot = calloc(1, sizeof *boot);
	struct boot_run run = { .context = context, .opts = &known, .boot = boot };
	uint64_t start = lade_clock_ns();
	int r = opts_read(&known, sizeof known, opts);

	if (r < 0)
		return lade_fail(error, -r, "boot.options", "unknown options of a boot");
	if (!boot)
		return lade_fail_memory(error);
	/* A log sink wants to hear what happened in its order, on the caller's thread. */
	run.jobs = context->log.fn ? 1 : count_jobs(&known);
	lade_boot_owners_read(known.owners, "/etc", &run.owners);
	r = run_boot(&run, error);
	free_objects(boot);
	boot->elapsed_ns = lade_clock_ns() - start;
	if (!boot->android_value)
		boot->android_value = boot->critical       ? lade_boot_critical_value(&boot->policy)
				      : r < 0 && r != -EIO ? 1
							   : 0;
	if (ret_boot)
		*ret_boot = TAKE(boot);
	return r;
}
