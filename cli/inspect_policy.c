/* SPDX-License-Identifier: BSD-2-Clause */
/* What an object says of owners, places, loaders and kernels, in both forms of `lade inspect`. */
#include <inttypes.h>

#include "inspect.h"

#define NO_LOADER_END 0x10000

static const char *version_text(uint32_t version, char *buffer, size_t size)
{
	(void)snprintf(buffer, size, "%" PRIu32 ".%" PRIu32 ".%" PRIu32, version >> 24, version >> 16 & 255,
		       version & 65535);
	return buffer;
}

/* ---- JSON ---- */

static void add_number_or_null(struct json_object *json, const char *key, bool known, uint32_t number)
{
	(void)json_object_object_add(json, key, known ? json_object_new_int64(number) : NULL);
}

static void add_ignored(struct json_object *json, uint32_t bits)
{
	struct json_object *array = cli_json_array(json, "ignore_on");
	for (uint32_t bit = 1; bit && bit <= bits; bit <<= 1)
		if (bits & bit && lade_ignore_name((enum lade_ignore)bit))
			(void)json_object_array_add(array,
						    json_object_new_string(lade_ignore_name((enum lade_ignore)bit)));
}

static struct json_object *policy_json(const struct lade_policy_info *info)
{
	char text[24];
	struct json_object *json = json_object_new_object();
	add_number_or_null(json, "uid", info->has_owner, info->uid);
	add_number_or_null(json, "gid", info->has_owner, info->gid);
	(void)snprintf(text, sizeof text, "%04" PRIo32, info->mode);
	cli_json_string(json, "mode", info->has_mode ? text : NULL);
	cli_json_string(json, "selinux_context", info->selinux_context);
	cli_json_string(json, "pin_subdir", info->pin_subdir);
	cli_json_string(json, "create_location", info->create_location);
	cli_json_string(json, "pin_location", info->pin_location);
	cli_json_string(json, "pin_name", info->pin_name);
	cli_json_number(json, "min_loader", info->min_loader);
	add_number_or_null(json, "max_loader", info->max_loader < NO_LOADER_END, info->max_loader);
	cli_json_string(json, "min_kernel", version_text(info->min_kernel, text, sizeof text));
	cli_json_string(json, "max_kernel",
			info->max_kernel == UINT32_MAX ? NULL : version_text(info->max_kernel, text, sizeof text));
	cli_json_bool(json, "optional", info->optional);
	cli_json_bool(json, "shared", info->shared);
	add_ignored(json, info->ignore_on);
	return json;
}

void cli_map_policy_json(struct json_object *json, const struct lade_map *map)
{
	struct lade_policy_info info = { .size = sizeof info };
	bool known = lade_map_policy(map, &info) == 0;
	(void)json_object_object_add(json, "policy", known ? policy_json(&info) : NULL);
}

void cli_program_policy_json(struct json_object *json, const struct lade_program *program)
{
	struct lade_policy_info info = { .size = sizeof info };
	bool known = lade_program_policy(program, &info) == 0;
	(void)json_object_object_add(json, "policy", known ? policy_json(&info) : NULL);
}

void cli_object_policy_json(struct json_object *document, const struct lade_object *object)
{
	char text[24];
	struct lade_object_policy_info info = { .size = sizeof info };
	if (lade_object_policy(object, &info) < 0) {
		(void)json_object_object_add(document, "policy", NULL);
		return;
	}
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "critical", info.critical);
	cli_json_number(json, "min_loader", info.min_loader);
	add_number_or_null(json, "max_loader", info.max_loader < NO_LOADER_END, info.max_loader);
	cli_json_number(json, "required_loader", info.required_loader);
	cli_json_number(json, "network_loader", info.network_loader);
	cli_json_number(json, "btf_loader", info.btf_loader);
	cli_json_number(json, "btf_user_loader", info.btf_user_loader);
	cli_json_string(json, "btf_kernel", version_text(info.btf_kernel, text, sizeof text));
	cli_json_number(json, "map_bytes", info.map_bytes);
	cli_json_number(json, "program_bytes", info.program_bytes);
	cli_json_number(json, "judged_loader", info.judged_loader);
	(void)json_object_object_add(document, "policy", json);
}

/* ---- text ---- */

static void loader_cell(struct cli_table *table, size_t column, uint32_t min, uint32_t max)
{
	if (max < NO_LOADER_END)
		cli_cell(table, column, "loader %" PRIu32 " to before %" PRIu32, min, max);
	else if (min)
		cli_cell(table, column, "loader %" PRIu32 " or newer", min);
}

static void kernel_cell(struct cli_table *table, size_t column, uint32_t min, uint32_t max)
{
	char low[24], high[24];
	(void)version_text(min, low, sizeof low);
	if (max != UINT32_MAX)
		cli_cell(table, column, "kernel %s to before %s", low, version_text(max, high, sizeof high));
	else if (min)
		cli_cell(table, column, "kernel %s or newer", low);
}

static const char *place(const struct lade_policy_info *info)
{
	if (info->pin_location)
		return info->pin_location;
	return info->pin_subdir ? info->pin_subdir : "";
}

static void add_row(struct cli_table *table, const char *name, const struct lade_policy_info *info)
{
	cli_row(table, 8, table->count ? "" : "policy  ", name, "", "", "", place(info),
		info->selinux_context ? info->selinux_context : "", "");
	if (info->has_owner && info->has_mode)
		cli_cell(table, 2, "%" PRIu32 ":%" PRIu32 " %04" PRIo32, info->uid, info->gid, info->mode);
	else if (info->has_owner)
		cli_cell(table, 2, "%" PRIu32 ":%" PRIu32, info->uid, info->gid);
	loader_cell(table, 3, info->min_loader, info->max_loader);
	kernel_cell(table, 4, info->min_kernel, info->max_kernel);
	cli_cell(table, 7, "%s%s%s", info->optional ? "optional" : "", info->shared ? "shared" : "",
		 info->ignore_on ? (info->optional || info->shared ? ", not everywhere" : "not everywhere") : "");
}

static void print_whole(const struct lade_object *object)
{
	struct lade_object_policy_info info = { .size = sizeof info };
	if (lade_object_policy(object, &info) < 0)
		return;
	if (info.critical) {
		(void)fputs("  critical  ", stdout);
		cli_put_safe(stdout, info.critical);
		(void)putchar('\n');
	}
	if (info.max_loader < NO_LOADER_END)
		(void)printf("  loader    %" PRIu32 " to before %" PRIu32 "\n", info.min_loader, info.max_loader);
	else if (info.min_loader)
		(void)printf("  loader    %" PRIu32 " or newer\n", info.min_loader);
}

bool cli_print_policy(const struct lade_object *object)
{
	struct cli_table table = { .indent = 2 };
	print_whole(object);
	for (size_t i = 0; i < lade_object_map_count(object); i++) {
		struct lade_policy_info info = { .size = sizeof info };
		struct lade_map_info map = { .size = sizeof map };
		if (lade_map_policy(lade_object_map(object, i), &info) == 0 &&
		    lade_map_describe(lade_object_map(object, i), &map) == 0)
			add_row(&table, map.name, &info);
	}
	for (size_t i = 0; i < lade_object_program_count(object); i++) {
		struct lade_policy_info info = { .size = sizeof info };
		struct lade_program_info program = { .size = sizeof program };
		if (lade_program_policy(lade_object_program(object, i), &info) == 0 &&
		    lade_program_describe(lade_object_program(object, i), &program) == 0)
			add_row(&table, program.name, &info);
	}
	return cli_table_print(&table, stdout);
}
