/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * swap: what a replacement puts into the place of a running program, one entry for each place. Undone while the new
 * instance is being built: the old program comes back. The commit makes it void.
 *
 *     swap program=cls method=xdp target=dev:lo link-id=3 old-id=12 new-id=17           a link
 *     swap program=cc method=struct_ops target=cc link-id=4 old-id=5 new-id=9 maps=yes  … of a table
 *     swap program=cls method=tc target=… effect=filter old-id=12 prog-id=17 …          the fields of an effect
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "txn/internal.h"

static uint32_t number_of(const struct journal_entry *entry, const char *key)
{
	const char *text = lade_journal_value(entry, key);
	return text ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

static int open_by_id(struct kernel *kernel, const struct journal_entry *entry, uint32_t id)
{
	return lade_journal_value(entry, "maps") ? lade_bpf_map_by_id(kernel, id) : lade_bpf_prog_by_id(kernel, id);
}

/* What the link runs now: a program or a table. */
static uint32_t current_id(const struct journal_entry *entry, const struct bpf_link_info *info)
{
	uint32_t id = info->prog_id;
	if (lade_journal_value(entry, "maps")) /* first field of the kernel's struct_ops part */
		memcpy(&id, &info->xdp.ifindex, sizeof id);
	return id;
}

static int undo_link(struct kernel *kernel, const struct journal_entry *entry, int old)
{
	struct bpf_link_info info;
	CLEANUP(cleanup_fd) int link = lade_bpf_link_by_id(kernel, number_of(entry, "link-id"));
	if (link < 0)
		return link;
	int result = lade_bpf_link_info(kernel, link, &info);
	if (result < 0)
		return result;
	if (current_id(entry, &info) != number_of(entry, "new-id"))
		return 0;
	CLEANUP(cleanup_fd) int current = open_by_id(kernel, entry, number_of(entry, "new-id"));
	return current < 0 ? current : lade_bpf_link_update(kernel, link, old, current);
}

static int undo_effect(struct kernel *kernel, const struct journal_entry *entry, const char *name, int old)
{
	const struct effect_kind *kind = lade_effect_kind(name);
	int result = kind && kind->replace ? kind->replace(kernel, entry, old) : 0;
	return result == -ESTALE ? 0 : result;
}

/* Gone, the link or the old program: there is nothing to go back to. */
int lade_undo_swap(struct kernel *kernel, const struct journal_entry *entry)
{
	const char *effect = lade_journal_value(entry, "effect");
	CLEANUP(cleanup_fd) int old = open_by_id(kernel, entry, number_of(entry, "old-id"));
	if (old < 0)
		return old == -ENOENT ? 0 : old;
	int result = effect ? undo_effect(kernel, entry, effect, old) : undo_link(kernel, entry, old);
	return result == -ENOENT ? 0 : result;
}
