/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file to a decision, and what is told of a decision that is not carried out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/glob.h"
#include "boot/load.h"
#include "elf/elf.h"
#include "kernel/until.h"
#include "txn/internal.h"

#define BPFFS "/sys/fs/bpf"

char *lade_boot_stem(const char *leaf)
{
	static const char *const ends[] = { ".bpf.o", ".o", ".bpf" };
	size_t length = strlen(leaf);

	for (size_t i = 0; i < ELEMENTS(ends); i++) {
		size_t end = strlen(ends[i]);
		if (length > end && strcmp(leaf + length - end, ends[i]) == 0)
			return strndup(leaf, length - end);
	}
	return strdup(leaf);
}

/* ---- opening ---- */

static int open_file(struct boot_item *item, struct lade_context *context, const struct lade_boot *boot)
{
	const struct boot_location *location = &boot->policy.locations.items[item->location];
	CLEANUP(cleanup_free) char *stem = lade_boot_stem(item->leaf);
	const struct lade_open_opts opts = {
		.size = sizeof opts,
		.name = item->path ? stem : NULL, /* a link may be called otherwise than what it leads to */
		.loader_version = location->loader,
		.build_type = boot->policy.is_android ? boot->policy.device.build_type : NULL,
	};
	int r;

	if (!stem)
		return lade_fail_memory(&item->error);
	if (item->absent)
		return lade_fail(&item->error, ENOENT, "elf.open", "%s: a link that leads nowhere below the root",
				 item->file);
	r = lade_object_open(context, item->path ? item->path : item->file, &opts, &item->object, &item->error);
	if (r == 0 && item->path) {
		char *shown = strdup(item->file);
		if (!shown)
			return lade_fail_memory(&item->error);
		free(item->object->file);
		item->object->file = shown;
	}
	return r;
}

/* Its kernel is that of whoever loads it. */
static void move_to(struct lade_object *object, struct lade_context *context)
{
	object->context = context;
	object->log = &context->log;
}

static uint64_t weigh(const struct lade_object *object)
{
	uint64_t weight = 1;

	array_foreach(function, &object->functions)
		weight += function->instruction_count;
	return weight;
}

/* ---- is it critical, though it cannot be read? ---- */

/* Android reads this section before it looks at anything else. */
static char *critical_section(const char *path)
{
	struct elf_image *image = NULL;
	char *reason = NULL;

	if (lade_elf_read(path, 0, &image, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < image->section_count && !reason; i++) {
		const struct elf_section *section = &image->sections[i];
		if (strcmp(section->name, "critical") == 0)
			reason = section->bytes ? strndup((const char *)section->bytes, section->size) : strdup("");
	}
	(void)lade_elf_free(image);
	return reason;
}

/* What the policy's files say of an object that could not be read, by its file's name. */
static void judge_by_rules(struct boot_item *item, const struct boot_policy *policy)
{
	CLEANUP(cleanup_free) char *stem = lade_boot_stem(item->leaf);
	const struct boot_rule *critical = NULL, *optional = NULL;

	array_foreach(rule, &policy->rules) {
		if (!stem || rule->program ||
		    !(lade_glob_matches(rule->object, stem) || lade_glob_matches(rule->object, item->leaf)))
			continue;
		critical = rule->critical >= 0 ? rule : critical;
		optional = rule->optional >= 0 ? rule : optional;
	}
	if (critical && critical->critical == 1)
		item->critical = strdup(critical->reason ? critical->reason : "by the policy");
	if (optional && optional->optional == 1)
		lade_boot_forgive(item);
}

void lade_boot_forgive(struct boot_item *item)
{
	const struct lade_finding *first = lade_error_finding(item->error, 0);
	struct lade_finding *note = lade_note_add(&item->notes, "boot.optional", "%s is optional and is not loaded: %s",
						  item->file, first && first->message ? first->message : "it failed");

	if (first && first->cause)
		finding_cause(note, "%s", first->cause);
	if (first && first->fix)
		finding_fix(note, "%s", first->fix);
	item->outcome = LADE_BOOT_SKIPPED;
	item->error = lade_error_free(item->error);
}

static void judge_unreadable(struct boot_item *item, const struct lade_boot *boot)
{
	const struct boot_location *location = &boot->policy.locations.items[item->location];

	item->outcome = LADE_BOOT_FAILED;
	lade_error_set_object(item->error, item->file);
	if (!boot->policy.is_android) {
		judge_by_rules(item, &boot->policy);
		return;
	}
	CLEANUP(cleanup_free)
	char *said = item->absent ? NULL : critical_section(item->path ? item->path : item->file);
	const char *critical = lade_boot_android_critical(&boot->policy, said);
	item->critical = critical ? strdup(critical) : NULL;
	item->android_value = lade_boot_android_value(location, item->file, item->error, &item->log);
}

/* ---- deciding ---- */

void lade_boot_move_findings(struct findings *from, struct findings *to)
{
	array_foreach(finding, from) {
		struct lade_finding **place = array_push(to);
		if (!place)
			return; /* the rest stays and is freed where it is */
		*place = TAKE(*finding);
	}
	array_clear(from);
}

static void keep_verdict(struct boot_item *item)
{
	struct boot_decision *decision = &item->decision;

	item->android_value = decision->android_value;
	item->name = decision->instance ? strdup(decision->instance) : NULL;
	item->critical = decision->critical ? strdup(decision->critical) : NULL;
	lade_boot_move_findings(&decision->notes, &item->notes);
	if (decision->verdict == BOOT_FAIL) {
		item->outcome = LADE_BOOT_FAILED;
		item->error = TAKE(decision->error);
		if (decision->optional)
			lade_boot_forgive(item);
	} else {
		item->outcome = decision->verdict == BOOT_SKIP ? LADE_BOOT_SKIPPED : LADE_BOOT_PLANNED;
	}
}

static void decide(struct boot_item *item, const struct lade_boot *boot)
{
	int r = lade_boot_decide(&boot->policy, &boot->policy.locations.items[item->location], item->object,
				 &item->decision);

	if (r < 0) {
		(void)lade_fail_memory(&item->error);
		judge_unreadable(item, boot);
		return;
	}
	item->decided = true;
	item->weight = weigh(item->object);
	keep_verdict(item);
}

void lade_boot_read(struct boot_item *item, struct lade_context *context, struct lade_context *home,
		    const struct lade_boot *boot)
{
	uint64_t start = lade_clock_ns();

	if (open_file(item, context, boot) < 0) {
		item->object = lade_object_free(item->object);
		judge_unreadable(item, boot);
	} else {
		move_to(item->object, home);
		decide(item, boot);
	}
	item->elapsed_ns += lade_clock_ns() - start;
}

/* ---- telling ---- */

char *lade_boot_place(const struct lade_context *context, const char *pin)
{
	size_t length = strlen(BPFFS);
	bool stands_for = strncmp(pin, BPFFS "/", length + 1) == 0;
	char *path = stands_for ? lade_path("%s%s", context->bpffs, pin + length) : strdup(pin);
	char *to = path;

	for (const char *from = path; from && *from; from++)
		if (*from != '/' || from[1] != '/')
			*to++ = *from;
	if (to)
		*to = '\0';
	return path;
}

static char *own_place(const struct boot_item *item, const struct lade_context *context, bool is_map, const char *name)
{
	CLEANUP(cleanup_free) char *instance = item->name ? lade_safe_name(item->name) : NULL;
	CLEANUP(cleanup_free) char *leaf = lade_safe_name(name);

	if (!instance || !leaf)
		return NULL;
	return lade_path("%s/lade/%s/%s/%s", context->bpffs, instance, is_map ? "maps" : "progs", leaf);
}

static void tell_part(struct boot_item *item, const struct lade_context *context, const struct boot_owners *owners,
		      const struct boot_part *part, enum lade_boot_part_kind kind, const char *name, const char *skip)
{
	struct boot_report_part *told = lade_boot_add_part(item, kind, name);

	if (!told)
		return;
	if (skip) {
		told->skip = strdup(skip);
		return;
	}
	told->pin =
		part->pin ? lade_boot_place(context, part->pin) : own_place(item, context, kind == LADE_BOOT_MAP, name);
	told->wanted_uid = told->uid = part->has_owner ? part->uid : 0;
	told->wanted_gid = told->gid = part->has_owner ? part->gid : 0;
	told->mode = part->has_mode ? part->mode : 0600;
	if (part->has_owner && !part->is_local)
		lade_boot_owners_apply(owners, name, &told->uid, &told->gid, &item->notes);
}

void lade_boot_tell_plan(struct boot_item *item, const struct lade_context *context, const struct boot_owners *owners)
{
	const struct boot_decision *decision = &item->decision;
	const struct lade_object *object = item->object;

	if (!item->decided || !object || item->parts.count)
		return;
	for (size_t i = 0; i < decision->map_count && i < object->maps.count; i++) {
		const struct lade_map *map = object->maps.items[i];
		const char *skip = decision->maps[i].skip ? decision->maps[i].skip : map->skip;
		if (!map->inner_only)
			tell_part(item, context, owners, &decision->maps[i], LADE_BOOT_MAP, map->name, skip);
	}
	for (size_t i = 0; i < decision->program_count && i < object->programs.count; i++) {
		const struct lade_program *program = object->programs.items[i];
		const char *skip = decision->programs[i].skip ? decision->programs[i].skip : program->skip;
		if (!skip && !program->autoload)
			skip = "not loaded by default (SEC(\"?…\"))";
		tell_part(item, context, owners, &decision->programs[i], LADE_BOOT_PROGRAM, program->name, skip);
	}
}
