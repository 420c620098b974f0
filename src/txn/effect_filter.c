/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filter: a program on a hook of clsact. What has its priority, its handle and its program is ours.
 *
 *     filter program=cls_main method=tc target=dev:eth0:ingress,prio=49152,handle=0x1,da netns=4026531840 ifindex=4
 *            parent=0xfffffff2 prio=49152 handle=0x1 protocol=3 by=direct-action prog-id=77
 *
 * by: direct-action, classid (then there is a field classid) or action.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/tc.h"
#include "txn/effect_netns.h"
#include "txn/internal.h"

/* 1: it is there; *ret_filter is what the kernel says of it. */
static int find_filter(struct kernel *kernel, const struct journal_entry *entry, struct tc_filter *ret_filter)
{
	uint32_t program_id = lade_effect_number(entry, "prog-id");
	struct tc_filters filters = { 0 };
	int result = lade_tc_filters(kernel, lade_effect_number(entry, "ifindex"), lade_effect_number(entry, "parent"),
				     &filters);
	if (result < 0)
		return result == -EINVAL || result == -ENODEV ? 0 : result; /* no such interface or qdisc */
	const struct tc_filter *found = lade_tc_find_program(&filters, lade_effect_number(entry, "prio"),
							     lade_effect_number(entry, "handle"), program_id);
	bool is_there = found && program_id;
	if (is_there)
		*ret_filter = *found;
	array_clear(&filters);
	return is_there;
}

static int undo(struct kernel *kernel, const struct effect_visit *visit)
{
	struct tc_filter filter;
	int result = find_filter(kernel, visit->entry, &filter);
	if (result <= 0)
		return result;
	result = lade_tc_delete_filter(kernel, &filter);
	return result == -ENOENT || result == -ENODEV ? 0 : result;
}

static int check(struct kernel *kernel, const struct effect_visit *visit)
{
	struct tc_filter filter;
	return find_filter(kernel, visit->entry, &filter);
}

/* The kernel changes a filter of this handle in one step. */
static int replace(struct kernel *kernel, const struct effect_visit *visit)
{
	const char *program = lade_journal_value(visit->entry, "program");
	struct tc_filter filter;
	int result = find_filter(kernel, visit->entry, &filter);
	if (result <= 0)
		return result < 0 ? result : -ESTALE;
	(void)snprintf(filter.name, sizeof filter.name, "%s", program ? program : "");
	return lade_tc_put_filter(kernel, &filter, visit->program_fd, 0, NULL);
}

int lade_undo_filter(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, undo);
}

int lade_check_filter(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, check);
}

int lade_replace_filter(struct kernel *kernel, const struct journal_entry *entry, int program_fd)
{
	int result = lade_effect_visit(kernel, entry, program_fd, replace);
	return result == -ENXIO ? -ESTALE : result;
}
