/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qdisc: a clsact that Lade made. It has no mark of its own, so whoever finds it in another instance's journal and puts
 * a filter there journals it too, and the last of them removes it; but only while it is empty, since others may use it.
 *
 *     qdisc program=cls_main method=tc target=dev:eth0 netns=4026531840 ifindex=4 kind=clsact
 */
#include <errno.h>
#include <string.h>

#include "kernel/tc.h"
#include "txn/effect_netns.h"
#include "txn/internal.h"

static int check(struct kernel *kernel, const struct effect_visit *visit)
{
	char kind[16];
	int result = lade_tc_get_qdisc(kernel, lade_effect_number(visit->entry, "ifindex"), kind);
	return result < 0 ? result : strcmp(kind, "clsact") == 0;
}

static int undo(struct kernel *kernel, const struct effect_visit *visit)
{
	unsigned ifindex = lade_effect_number(visit->entry, "ifindex");
	int result = check(kernel, visit);
	if (result > 0)
		result = lade_tc_is_empty(kernel, ifindex);
	if (result > 0)
		result = lade_tc_delete_clsact(kernel, ifindex);
	return result == -ENOENT || result == -EINVAL || result == -ENODEV || result > 0 ? 0 : result;
}

int lade_undo_qdisc(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, undo);
}

int lade_check_qdisc(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, check);
}
