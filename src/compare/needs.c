/* SPDX-License-Identifier: BSD-2-Clause */
/* What two objects need of a kernel: options, capabilities, the lowest version. */
#include <stdio.h>

#include "compare/compare.h"

#include <lade/needs.h>

#include "needs/needs.h"

static struct lade_needs *collect(struct lade_compare *compare, const struct lade_object *object)
{
	struct lade_needs *needs = lade_needs_new();

	compare->failed |= !needs || lade_needs_add(needs, object) < 0;
	return needs;
}

static const struct need *find(const struct lade_needs *needs, const struct need *wanted)
{
	array_foreach(need, &needs->items)
		if (need->kind == wanted->kind && strcmp(need->name, wanted->name) == 0)
			return need;
	return NULL;
}

static void put(struct lade_compare *compare, const struct need *need, bool is_new)
{
	const char *value = need->to_attach ? "to attach" : "to load";
	struct difference *item = lade_compare_add(compare, "need", need->name, lade_need_kind_name(need->kind),
						   is_new ? NULL : value, is_new ? value : NULL);
	CLEANUP(cleanup_free) char *who = NULL;

	if (!item)
		return;
	if (asprintf(&who, "%s%s%s%s", need->reason ? need->reason : "", need->who.count ? " (" : "",
		     need->who.count ? need->who.items[0] : "", need->who.count ? ")" : "") < 0) {
		who = NULL;
		compare->failed = true;
	}
	item->detail = TAKE(who);
}

/* Versions are bounds: only the lowest kernel that results is told, with what raises it. */
static bool is_version(const struct need *need)
{
	return need->kind == LADE_NEED_KERNEL || need->kind == LADE_NEED_KERNEL_BELOW;
}

static void compare_bound(struct lade_compare *compare, const struct lade_needs *before, const struct lade_needs *after)
{
	const char *old = lade_needs_kernel(before), *now = lade_needs_kernel(after);

	if (strcmp(old, now) == 0)
		return;
	struct difference *item = lade_compare_add(compare, "need", "lowest kernel", "kernel", old, now);
	const struct lade_needs *higher = lade_needs_version(old) > lade_needs_version(now) ? before : after;
	array_foreach(need, &higher->items)
		if (item && !item->detail && need->kind == LADE_NEED_KERNEL && !need->left_out &&
		    strcmp(need->name, lade_needs_kernel(higher)) == 0)
			item->detail = strdup(need->reason);
}

void lade_compare_needs(struct lade_compare *compare, const struct lade_object *before, const struct lade_object *after)
{
	CLEANUP(cleanup_lade_needs) struct lade_needs *old = collect(compare, before);
	CLEANUP(cleanup_lade_needs) struct lade_needs *now = collect(compare, after);

	if (compare->failed)
		return;
	compare_bound(compare, old, now);
	array_foreach(need, &now->items)
		if (!is_version(need) && !find(old, need))
			put(compare, need, true);
	array_foreach(need, &old->items)
		if (!is_version(need) && !find(now, need))
			put(compare, need, false);
}
