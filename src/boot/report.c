/* SPDX-License-Identifier: BSD-2-Clause */
/* What a boot has done, as the public API tells it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"
#include "boot/boot.h"

/* ---- making and freeing ---- */

struct boot_report_part *lade_boot_add_part(struct boot_item *item, enum lade_boot_part_kind kind, const char *name)
{
	struct boot_report_part *part = array_push(&item->parts);

	if (!part)
		return NULL;
	part->kind = kind;
	part->name = strdup(name);
	return part->name ? part : NULL;
}

static void clear_part(struct boot_report_part *part)
{
	free(part->name);
	free(part->pin);
	free(part->skip);
	free(part->held);
}

struct boot_item *lade_boot_item_free(struct boot_item *item)
{
	if (!item)
		return NULL;
	if (item->decided)
		lade_boot_decision_clear(&item->decision);
	(void)lade_object_free(item->object);
	(void)lade_error_free(item->error);
	lade_findings_clear(&item->notes);
	array_foreach(part, &item->parts)
		clear_part(part);
	array_clear(&item->parts);
	lade_boot_log_clear(&item->log);
	free(item->file);
	free(item->path);
	free(item->leaf);
	free(item->name);
	free(item->critical);
	free(item);
	return NULL;
}

struct lade_boot *lade_boot_free(struct lade_boot *boot)
{
	if (!boot)
		return NULL;
	array_foreach(item, &boot->items)
		(void)lade_boot_item_free(*item);
	array_clear(&boot->items);
	lade_boot_policy_clear(&boot->policy);
	lade_findings_clear(&boot->notes);
	free(boot->root);
	free(boot->android);
	free(boot->kernel);
	free(boot->machine);
	free(boot);
	return NULL;
}

/* ---- telling ---- */

static size_t count_outcome(const struct lade_boot *boot, enum lade_boot_outcome outcome)
{
	size_t count = 0;

	array_foreach(item, &boot->items)
		count += (*item)->outcome == outcome;
	return count;
}

int lade_boot_describe(const struct lade_boot *boot, struct lade_boot_info *info)
{
	struct lade_boot_info full = {
		.is_android = boot->policy.is_android,
		.android = boot->android,
		.loader_version = boot->policy.device.loader,
		.build_type = boot->build_type,
		.kernel = boot->kernel,
		.machine = boot->machine,
		.loaded = count_outcome(boot, LADE_BOOT_LOADED),
		.unchanged = count_outcome(boot, LADE_BOOT_UNCHANGED),
		.skipped = count_outcome(boot, LADE_BOOT_SKIPPED) + count_outcome(boot, LADE_BOOT_NOT_TRIED),
		.failed = count_outcome(boot, LADE_BOOT_FAILED),
		.critical = boot->critical,
		.android_value = boot->android_value,
		.elapsed_ns = boot->elapsed_ns,
	};

	return info_fill(info, &full, sizeof full);
}

const char *lade_boot_outcome_name(enum lade_boot_outcome outcome)
{
	static const char *const names[] = {
		[LADE_BOOT_LOADED] = "loaded", [LADE_BOOT_UNCHANGED] = "unchanged", [LADE_BOOT_SKIPPED] = "skipped",
		[LADE_BOOT_FAILED] = "failed", [LADE_BOOT_PLANNED] = "planned",     [LADE_BOOT_NOT_TRIED] = "not tried",
	};

	return (size_t)outcome < ELEMENTS(names) ? names[outcome] : NULL;
}

size_t lade_boot_object_count(const struct lade_boot *boot)
{
	return boot->items.count;
}

int lade_boot_object(const struct lade_boot *boot, size_t index, struct lade_boot_object_info *info)
{
	if (index >= boot->items.count)
		return -ENOENT;
	const struct boot_item *item = boot->items.items[index];
	struct lade_boot_object_info full = {
		.file = item->file,
		.name = item->name,
		.location = boot->policy.locations.items[item->location].directory,
		.critical = item->critical,
		.outcome = item->outcome,
		.android_value = item->android_value,
		.elapsed_ns = item->elapsed_ns,
		.error = item->error,
		.note_count = item->notes.count,
		.notes = (const struct lade_finding *const *)item->notes.items,
	};

	return info_fill(info, &full, sizeof full);
}

size_t lade_boot_part_count(const struct lade_boot *boot, size_t object)
{
	return object < boot->items.count ? boot->items.items[object]->parts.count : 0;
}

int lade_boot_part(const struct lade_boot *boot, size_t object, size_t index, struct lade_boot_part_info *info)
{
	if (index >= lade_boot_part_count(boot, object))
		return -ENOENT;
	const struct boot_report_part *part = &boot->items.items[object]->parts.items[index];
	struct lade_boot_part_info full = {
		.kind = part->kind,
		.name = part->name,
		.pin = part->pin,
		.uid = part->uid,
		.gid = part->gid,
		.mode = part->mode,
		.wanted_uid = part->wanted_uid,
		.wanted_gid = part->wanted_gid,
		.skip = part->skip,
		.reused = part->reused,
		.held = part->held,
	};

	return info_fill(info, &full, sizeof full);
}

size_t lade_boot_note_count(const struct lade_boot *boot)
{
	return boot->notes.count;
}

const struct lade_finding *lade_boot_note(const struct lade_boot *boot, size_t index)
{
	return index < boot->notes.count ? boot->notes.items[index] : NULL;
}
