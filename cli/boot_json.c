/* SPDX-License-Identifier: BSD-2-Clause */
/* What a boot did, as one document. */
#include "boot.h"

static void add_findings(struct json_object *json, const char *key, const struct lade_error *error)
{
	struct json_object *array = cli_json_array(json, key);

	for (size_t i = 0; i < lade_error_finding_count(error); i++)
		(void)json_object_array_add(array, cli_finding_json(lade_error_finding(error, i)));
}

static struct json_object *part_json(const struct lade_boot_part_info *part)
{
	struct json_object *json = json_object_new_object();
	char mode[8];

	cli_json_string(json, "kind", part->kind == LADE_BOOT_MAP ? "map" : "program");
	cli_json_string(json, "name", part->name);
	cli_json_string(json, "pin_path", part->pin);
	cli_json_string(json, "skip", part->skip);
	cli_json_string(json, "held", part->held);
	cli_json_bool(json, "reused", part->reused);
	(void)snprintf(mode, sizeof mode, "%04o", part->mode & 07777u);
	cli_json_string(json, "mode", part->pin ? mode : NULL);
	cli_json_number(json, "uid", part->uid);
	cli_json_number(json, "gid", part->gid);
	cli_json_number(json, "wanted_uid", part->wanted_uid);
	cli_json_number(json, "wanted_gid", part->wanted_gid);
	return json;
}

static struct json_object *object_json(const struct lade_boot *boot, size_t index)
{
	struct lade_boot_object_info info = { .size = sizeof info };
	struct json_object *json = json_object_new_object(), *array;

	(void)lade_boot_object(boot, index, &info);
	cli_json_string(json, "file", info.file);
	cli_json_string(json, "name", info.name);
	cli_json_string(json, "location", info.location);
	cli_json_string(json, "critical", info.critical);
	cli_json_string(json, "outcome", lade_boot_outcome_name(info.outcome));
	cli_json_number(json, "android_value", info.android_value);
	cli_json_number(json, "elapsed_ns", (int64_t)info.elapsed_ns);
	array = cli_json_array(json, "parts");
	for (size_t i = 0; i < lade_boot_part_count(boot, index); i++) {
		struct lade_boot_part_info part = { .size = sizeof part };
		if (lade_boot_part(boot, index, i, &part) == 0)
			(void)json_object_array_add(array, part_json(&part));
	}
	add_findings(json, "findings", info.error);
	array = cli_json_array(json, "notes");
	for (size_t i = 0; i < info.note_count; i++)
		(void)json_object_array_add(array, cli_finding_json(info.notes[i]));
	return json;
}

static void add_info(struct json_object *json, const struct lade_boot_info *info)
{
	cli_json_string(json, "android", info->android);
	if (info->is_android)
		cli_json_number(json, "loader_version", info->loader_version);
	else
		cli_json_string(json, "loader_version", NULL);
	cli_json_string(json, "build_type", info->build_type);
	cli_json_string(json, "kernel", info->kernel);
	cli_json_string(json, "architecture", info->machine);
	cli_json_number(json, "android_value", info->android_value);
	cli_json_bool(json, "critical", info->critical);
	cli_json_number(json, "loaded", (int64_t)info->loaded);
	cli_json_number(json, "unchanged", (int64_t)info->unchanged);
	cli_json_number(json, "skipped", (int64_t)info->skipped);
	cli_json_number(json, "failed", (int64_t)info->failed);
	cli_json_number(json, "elapsed_ns", (int64_t)info->elapsed_ns);
}

struct json_object *boot_json(const struct lade_boot *boot, const struct lade_error *error, bool dry_run)
{
	struct lade_boot_info info = { .size = sizeof info };
	struct json_object *json = cli_json_document(error == NULL), *array;

	if (!json || lade_boot_describe(boot, &info) < 0)
		return json;
	cli_json_bool(json, "dry_run", dry_run);
	add_info(json, &info);
	array = cli_json_array(json, "objects");
	for (size_t i = 0; i < lade_boot_object_count(boot); i++)
		(void)json_object_array_add(array, object_json(boot, i));
	array = cli_json_array(json, "notes");
	for (size_t i = 0; i < lade_boot_note_count(boot); i++)
		(void)json_object_array_add(array, cli_finding_json(lade_boot_note(boot, i)));
	add_findings(json, "findings", error);
	return json;
}
