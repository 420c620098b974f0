/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TAG "lade" /* where there is no Android */

static const char *whole_tag(const struct boot_policy *policy)
{
	return policy->tag ? policy->tag : TAG;
}

static void say(const struct boot_run *run, enum lade_boot_level level, const char *tag, const char *line)
{
	if (run->opts->log)
		run->opts->log(run->opts->userdata, level, tag, line);
}

/* ---- one object ---- */

static const struct boot_report_part *told(const struct boot_item *item, enum lade_boot_part_kind kind, size_t nth)
{
	array_foreach(part, &item->parts)
		if (part->kind == kind && nth-- == 0)
			return part;
	return NULL;
}

static void move_lines(struct boot_log *from, struct boot_log *to)
{
	array_foreach(line, &from->lines) {
		struct boot_log_line *place = array_push(&to->lines);
		if (!place)
			return;
		*place = *line;
		line->text = NULL;
	}
	lade_boot_log_clear(from);
}

/* As far as it came: after a failure nobody knows which parts were made and taken back. */
static void add_parts(struct boot_item *item, bool whole)
{
	const struct boot_report_part *part;

	for (size_t i = 0; i < item->decision.map_count; i++) {
		move_lines(&item->decision.maps[i].log, &item->log);
		part = told(item, LADE_BOOT_MAP, i);
		if (whole && part && !part->skip)
			lade_boot_log_add(&item->log, LADE_BOOT_DEBUG,
					  part->reused ? "bpf_create_map reusing map %s, ret: %d"
						       : "bpf_create_map name %s, ret: %d",
					  part->name, 0);
	}
	for (size_t i = 0; i < item->decision.program_count; i++) {
		move_lines(&item->decision.programs[i].log, &item->log);
		part = told(item, LADE_BOOT_PROGRAM, i);
		if (whole && part && !part->skip)
			lade_boot_log_add(&item->log, LADE_BOOT_DEBUG,
					  part->reused ? "New bpf prog load reusing prog %s, ret: %d (%s)"
						       : "BPF_PROG_LOAD call for %s returned: %d (%s)",
					  part->name, 0, "no error");
	}
}

/* The verifier's own words, as Android's loader frames them. */
static void add_verifier_log(struct boot_item *item, const struct lade_finding *finding)
{
	const char *text = finding->log;

	lade_boot_log_add(&item->log, LADE_BOOT_ERROR, "BPF_PROG_LOAD - BEGIN log_buf contents:");
	while (*text) {
		size_t length = strcspn(text, "\n");
		lade_boot_log_add(&item->log, LADE_BOOT_ERROR, "%.*s", (int)(length < 4096 ? length : 4096), text);
		text += length + (text[length] == '\n');
	}
	lade_boot_log_add(&item->log, LADE_BOOT_ERROR, "BPF_PROG_LOAD - END log_buf contents.");
}

static void add_failure(struct boot_item *item)
{
	for (size_t i = 0; i < lade_error_finding_count(item->error); i++) {
		const struct lade_finding *finding = lade_error_finding(item->error, i);
		if (finding->log)
			add_verifier_log(item, finding);
		lade_boot_log_add(&item->log, LADE_BOOT_ERROR, "[%s] %s", finding->code,
				  finding->message ? finding->message : "");
		if (finding->cause)
			lade_boot_log_add(&item->log, LADE_BOOT_ERROR, "because %s", finding->cause);
		if (finding->fix)
			lade_boot_log_add(&item->log, LADE_BOOT_ERROR, "fix: %s", finding->fix);
	}
}

void lade_boot_load_lines(struct boot_item *item, const struct boot_policy *policy)
{
	const struct boot_location *location = &policy->locations.items[item->location];
	bool failed = item->outcome == LADE_BOOT_FAILED;

	add_parts(item, !failed);
	if (failed && policy->is_android)
		item->android_value = lade_boot_android_value(location, item->file, item->error, &item->log);
}

/* What the object's loader said, then what is said of the object as a whole. */
static void tell_item(const struct boot_run *run, struct boot_item *item)
{
	const struct boot_policy *policy = &run->boot->policy;
	const char *tag = policy->locations.items[item->location].tag;
	char line[512];

	if (item->outcome == LADE_BOOT_NOT_TRIED) {
		(void)snprintf(line, sizeof line, "Not tried: %s", item->file);
		say(run, LADE_BOOT_WARNING, whole_tag(policy), line);
		return;
	}
	if (item->outcome == LADE_BOOT_FAILED)
		add_failure(item);
	if (item->decided && item->decision.log)
		array_foreach(before, &item->decision.log->lines)
			say(run, before->level, tag ? tag : TAG, before->text);
	array_foreach(after, &item->log.lines)
		say(run, after->level, tag ? tag : TAG, after->text);
	if (item->outcome == LADE_BOOT_FAILED)
		(void)snprintf(line, sizeof line, "Failed to load object: %s, ret: %s", item->file,
			       item->android_value < 0 ? strerror(-item->android_value) : "Operation not permitted");
	else
		(void)snprintf(line, sizeof line, "Loaded object: %s", item->file);
	say(run, item->outcome == LADE_BOOT_FAILED ? LADE_BOOT_ERROR : LADE_BOOT_INFO, whole_tag(policy), line);
}

void lade_boot_tell_lines(struct boot_run *run)
{
	struct lade_boot *boot = run->boot;

	while (run->opts->log && boot->told < boot->items.count &&
	       atomic_load(&boot->items.items[boot->told]->finished))
		tell_item(run, boot->items.items[boot->told++]);
}

/* ---- the boot ---- */

void lade_boot_begin_lines(struct boot_run *run)
{
	const struct boot_policy *policy = &run->boot->policy;
	char line[256];

	if (policy->is_android)
		(void)snprintf(line, sizeof line,
			       "lade %s as Android %s's loader, version 0x%05" PRIx32 ", build type %s, kernel %s, %s",
			       lade_version(), run->boot->android, policy->device.loader, run->boot->build_type,
			       run->boot->kernel, run->boot->machine);
	else
		(void)snprintf(line, sizeof line, "lade %s boots %zu objects", lade_version(), run->boot->items.count);
	say(run, LADE_BOOT_INFO, whole_tag(policy), line);
}

void lade_boot_critical_lines(struct boot_run *run)
{
	const struct boot_policy *policy = &run->boot->policy;
	const char *tag = whole_tag(policy);
	char line[512];

	array_foreach(item, &run->boot->items) {
		if ((*item)->outcome != LADE_BOOT_FAILED || !(*item)->critical)
			continue;
		(void)snprintf(line, sizeof line, "=== CRITICAL FAILURE LOADING BPF PROGRAMS FROM %s ===",
			       policy->locations.items[(*item)->location].directory);
		say(run, LADE_BOOT_ERROR, tag, line);
		break;
	}
	say(run, LADE_BOOT_ERROR, tag, "Happens every time: kernel options or patches are probably missing.");
	say(run, LADE_BOOT_ERROR, tag, "Happens now and then: memory was short, or something else started too early.");
	say(run, LADE_BOOT_ERROR, tag, "--- DO NOT EXPECT SYSTEM TO BOOT SUCCESSFULLY ---");
}
