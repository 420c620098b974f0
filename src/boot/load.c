/* SPDX-License-Identifier: BSD-2-Clause */
/* Carries out one decision: the object gets its places and owners, and is loaded as a transaction of its own. */
#include "boot/load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/until.h"
#include "load/instance.h"
#include "load/places.h"
#include "txn/internal.h"

/* ---- attaching ---- */

struct requests {
	struct lade_attach_request *items; /* strings are borrowed */
	size_t count, capacity;
};

static int add_request(struct requests *requests, const char *program, const char *target)
{
	struct lade_attach_request *request = array_push(requests);

	if (!request)
		return -ENOMEM;
	*request = (struct lade_attach_request){ program, target };
	return 0;
}

static int list_requests(const struct boot_item *item, struct requests *requests)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < item->decision.program_count && i < item->object->programs.count; i++) {
		const struct boot_part *part = &item->decision.programs[i];
		const struct lade_program *program = item->object->programs.items[i];
		if (program->skip || !program->autoload)
			continue;
		for (size_t j = 0; r == 0 && j < part->targets.count; j++)
			r = add_request(requests, program->name, part->targets.items[j]);
		if (r == 0 && part->attach && !part->targets.count)
			r = add_request(requests, program->name, NULL);
	}
	return r;
}

/* An attachment that no pin can hold is left to a service that stays; true: the load is worth trying without it. */
static bool leave_to_holder(struct boot_item *item, struct requests *requests)
{
	const struct lade_finding *finding = lade_error_finding(item->error, 0);
	struct boot_report_part *told;

	if (!finding || !finding->program || strcmp(finding->code, "attach.not-pinnable") != 0)
		return false;
	for (size_t i = 0; i < requests->count; i++) {
		const struct lade_attach_request *request = &requests->items[i];
		if (strcmp(request->program, finding->program) != 0)
			continue;
		told = lade_boot_told_part(item, LADE_BOOT_PROGRAM, request->program);
		if (told && !told->held)
			told->held = strdup(request->target ? request->target : "");
		requests->items[i] = requests->items[--requests->count];
		return told && told->held;
	}
	return false;
}

/* ---- what is there already ---- */

static void note_newer(struct boot_item *item, const char *directory)
{
	struct stat file, pins;
	struct lade_finding *finding;

	if (stat(item->path ? item->path : item->file, &file) < 0 || stat(directory, &pins) < 0)
		return;
	if (file.st_mtim.tv_sec <= pins.st_ctim.tv_sec)
		return;
	finding = lade_note_add(&item->notes, "boot.object.newer",
				"%s is newer than what runs: it is still the old one", item->file);
	finding_fix(finding, "lade boot --only %s --replace", item->leaf);
}

/* Something of it is missing, or somebody exchanged it: *ret_replace, it is made anew. */
static int ask(struct boot_item *item, const struct lade_context *context, bool *ret_loaded, bool *ret_replace)
{
	CLEANUP(cleanup_free) char *safe = lade_safe_name(item->name);
	CLEANUP(cleanup_free) char *directory = safe ? lade_path("%s/lade/%s", context->bpffs, safe) : NULL;
	CLEANUP(cleanup_free) char *missing = NULL;
	const struct lade_object_loaded_opts opts = { .name = item->name };
	enum lade_object_loaded loaded;
	int r = directory ? lade_object_is_loaded(item->object, &opts, &loaded, &missing, &item->error)
			  : lade_fail_memory(&item->error);

	if (r < 0)
		return r;
	*ret_loaded = loaded == OBJECT_LOADED;
	*ret_replace = missing != NULL;
	if (missing)
		(void)lade_note_add(&item->notes, "boot.pin.gone",
				    "%s was loaded, but %s is gone or something else: loaded anew", item->name,
				    missing);
	else if (*ret_loaded)
		note_newer(item, directory);
	return 0;
}

static void mark_unchanged(struct boot_item *item)
{
	item->outcome = LADE_BOOT_UNCHANGED;
	array_foreach(part, &item->parts) {
		part->reused = !part->skip;
		if (part->pin && !part->skip && !lade_path_exists(part->pin)) {
			part->skip = strdup("was left out when it was loaded");
			part->reused = false;
		}
	}
}

static void note_attached(struct boot_item *item, const struct lade_attach_request *request)
{
	const char *target = request->target;

	(void)lade_note_add(&item->notes, "boot.link.gone", "%s: %s was no longer attached%s%s: attached again",
			    item->name, request->program, target ? " to " : "", target ? target : "");
}

/* Attached already, by this instance. */
static bool is_attached(const struct boot_item *item)
{
	const struct lade_finding *finding = lade_error_finding(item->error, 0);

	return !finding || strcmp(finding->code, "attach.twice") == 0;
}

static int attach_again(struct boot_item *item, struct lade_instance *instance, struct requests *requests)
{
	for (size_t i = 0; i < requests->count;) {
		const struct lade_attach_request *request = &requests->items[i];
		const struct boot_report_part *told = lade_boot_told_part(item, LADE_BOOT_PROGRAM, request->program);
		int r = told && told->skip
				? -EEXIST
				: lade_instance_attach(instance, request->program, request->target, &item->error);
		if (r == 0)
			note_attached(item, request);
		else if (r == -EEXIST && is_attached(item))
			item->error = lade_error_free(item->error);
		else if (!leave_to_holder(item, requests))
			return r;
		else {
			item->error = lade_error_free(item->error);
			continue; /* another one has its place in the list */
		}
		i++;
	}
	return 0;
}

/* Attachments can go without a pin that goes: with their device, or detached by somebody. */
static int keep_attached(struct boot_item *item, struct lade_context *context)
{
	struct requests requests = { 0 };
	struct lade_instance *instance = NULL;
	int r = list_requests(item, &requests);

	if (r < 0)
		(void)lade_fail_memory(&item->error);
	if (r == 0 && requests.count)
		r = lade_instance_open(context, item->name, &instance, &item->error);
	if (r == 0 && requests.count)
		r = attach_again(item, instance, &requests);
	(void)lade_instance_close(instance);
	array_clear(&requests);
	return r;
}

/* ---- loading ---- */

static void set_text(char **place, const char *text)
{
	free(*place);
	*place = text ? strdup(text) : NULL;
}

static void keep_maps(struct boot_item *item, const struct lade_instance *instance)
{
	for (size_t i = 0; i < lade_instance_map_count(instance); i++) {
		struct lade_loaded_map_info map = { .size = sizeof map };
		(void)lade_instance_map(instance, i, &map);
		struct boot_report_part *part = lade_boot_told_part(item, LADE_BOOT_MAP, map.name);
		if (!part)
			continue;
		part->reused = map.reused;
		if (map.pin)
			set_text(&part->pin, map.pin);
	}
}

static void keep_programs(struct boot_item *item, const struct lade_instance *instance)
{
	for (size_t i = 0; i < lade_instance_program_count(instance); i++) {
		struct lade_loaded_program_info program = { .size = sizeof program };
		(void)lade_instance_program(instance, i, &program);
		struct boot_report_part *part = lade_boot_told_part(item, LADE_BOOT_PROGRAM, program.name);
		if (!part)
			continue;
		part->reused = program.reused;
		if (program.skip && !part->skip)
			part->skip = strdup(program.skip);
		if (part->skip)
			set_text(&part->pin, NULL);
		else if (program.pin)
			set_text(&part->pin, program.pin);
	}
}

static void keep_results(struct boot_item *item, struct lade_instance *instance)
{
	item->outcome = LADE_BOOT_LOADED;
	keep_maps(item, instance);
	keep_programs(item, instance);
	lade_boot_move_findings(&instance->notes, &item->notes);
}

static int load(struct boot_item *item, const struct boot_load *how, bool replace)
{
	struct requests requests = { 0 };
	struct lade_instance *instance = NULL;
	int r = list_requests(item, &requests);

	if (r < 0)
		(void)lade_fail_memory(&item->error);
	while (r == 0) {
		struct lade_load_opts opts = {
			.size = sizeof opts,
			.name = item->name,
			.jobs = how->jobs,
			.replace = replace,
			.timeout_ms = item->decision.timeout_ms ? item->decision.timeout_ms : how->timeout_ms,
			.attach_requests = requests.items,
			.attach_request_count = requests.count,
		};
		r = lade_object_load(item->object, &opts, &instance, &item->error);
		if (r == 0 || !leave_to_holder(item, &requests))
			break;
		item->error = lade_error_free(item->error);
		r = 0;
	}
	array_clear(&requests);
	if (r < 0)
		return r;
	keep_results(item, instance);
	(void)lade_instance_close(instance);
	return 0;
}

void lade_boot_fail(struct boot_item *item)
{
	item->outcome = LADE_BOOT_FAILED;
	array_foreach(part, &item->parts)
		set_text(&part->held, NULL);
	if (item->decision.optional)
		lade_boot_forgive(item);
}

/* As they are: what was there before keeps its owner. */
static void read_owners(struct boot_item *item)
{
	struct stat status;

	array_foreach(part, &item->parts) {
		if (!part->pin || part->skip || lstat(part->pin, &status) < 0)
			continue;
		part->uid = status.st_uid;
		part->gid = status.st_gid;
		part->mode = status.st_mode & 07777;
	}
}

static int load_or_keep(struct boot_item *item, struct lade_context *context, const struct boot_load *how)
{
	bool loaded = false, replace = how->replace;
	int r = lade_boot_apply(item, context);

	if (r < 0)
		return lade_fail_memory(&item->error);
	if (!replace)
		r = ask(item, context, &loaded, &replace);
	if (r < 0)
		return r;
	if (!loaded)
		return load(item, how, replace);
	mark_unchanged(item);
	return keep_attached(item, context);
}

void lade_boot_load(struct boot_item *item, struct lade_context *context, const struct boot_load *how)
{
	uint64_t start = lade_clock_ns();
	struct lade_context *home = item->object->context;

	item->object->context = context;
	item->object->log = &context->log;
	lade_boot_tell_plan(item, context, how->owners);
	if (load_or_keep(item, context, how) < 0)
		lade_boot_fail(item);
	else
		read_owners(item);
	item->object->context = home;
	item->object->log = &home->log;
	item->elapsed_ns += lade_clock_ns() - start;
}
