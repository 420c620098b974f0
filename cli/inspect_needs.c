/* SPDX-License-Identifier: BSD-2-Clause */
/* lade inspect --needs: what objects need of a kernel, each and all together. */
#include "inspect.h"

static bool get(const struct lade_needs *needs, size_t index, struct lade_need_info *info)
{
	*info = (struct lade_need_info){ .size = sizeof *info };
	return lade_needs_get(needs, index, info) == 0;
}

void cli_needs_json(struct json_object *document, const struct lade_needs *needs)
{
	struct lade_need_info info;
	struct json_object *array = cli_json_array(document, "needs");
	for (size_t i = 0; i < lade_needs_count(needs); i++) {
		if (!get(needs, i, &info))
			continue;
		struct json_object *json = json_object_new_object();
		cli_json_string(json, "kind", lade_need_kind_name(info.kind));
		cli_json_string(json, "name", info.name);
		cli_json_string(json, "since", info.since);
		cli_json_string(json, "reason", info.reason);
		cli_json_string(json, "to", info.to_attach ? "attach" : "load");
		cli_json_bool(json, "left_out", info.left_out);
		struct json_object *who = cli_json_array(json, "who");
		for (size_t k = 0; k < info.who_count; k++)
			(void)json_object_array_add(who, json_object_new_string(info.who[k]));
		(void)json_object_array_add(array, json);
	}
	cli_json_string(document, "needs_kernel", lade_needs_kernel(needs));
}

static void put_need(struct cli_table *table, const struct lade_need_info *info, const char *label)
{
	cli_row(table, 5, label, info->name,
		info->to_attach  ? "to attach"
		: info->left_out ? "or left out"
				 : "",
		info->reason, info->who_count ? info->who[0] : "");
	if (info->who_count > 1)
		cli_cell(table, 4, "%s and %zu more", info->who[0], info->who_count - 1);
}

bool cli_print_needs(const struct lade_needs *needs)
{
	static const char *const labels[] = {
		[LADE_NEED_CONFIG] = "options",
		[LADE_NEED_CAPABILITY] = "capabilities",
		[LADE_NEED_KERNEL] = "kernel",
		[LADE_NEED_KERNEL_BELOW] = "older than",
	};
	struct cli_table table = { .indent = 2 };
	struct lade_need_info info;
	int last = -1;
	(void)printf("  needs a kernel from %s on, by mainline's versions (distributions backport)\n",
		     lade_needs_kernel(needs));
	for (size_t i = 0; i < lade_needs_count(needs); i++) {
		if (!get(needs, i, &info))
			continue;
		put_need(&table, &info, (int)info.kind == last ? "" : labels[info.kind]);
		last = (int)info.kind;
	}
	return cli_table_print(&table, stdout);
}
