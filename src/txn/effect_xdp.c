/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xdp: a program that an interface got by rtnetlink, where the kernel has no links of this type (before 5.9).
 *
 *     xdp program=drop method=xdp target=dev:eth0,mode=generic netns=4026531840 ifindex=4 prog-id=77
 */
#include <errno.h>

#include "kernel/xdp.h"
#include "txn/effect_netns.h"
#include "txn/internal.h"

static int undo(struct kernel *kernel, const struct effect_visit *visit)
{
	int result = lade_xdp_remove(kernel, lade_effect_number(visit->entry, "ifindex"),
				     lade_effect_number(visit->entry, "prog-id"));
	return result == -ENODEV || result == -ENOENT ? 0 : result;
}

static int check(struct kernel *kernel, const struct effect_visit *visit)
{
	uint32_t program_id = lade_effect_number(visit->entry, "prog-id");
	struct xdp_state state;
	int result = lade_xdp_get(kernel, lade_effect_number(visit->entry, "ifindex"), &state);
	for (int mode = 0; result >= 0 && mode < XDP_MODES; mode++)
		if (program_id && state.program_ids[mode] == program_id)
			return 1;
	return result == -ENODEV ? 0 : result;
}

static int replace(struct kernel *kernel, const struct effect_visit *visit)
{
	return lade_xdp_replace(kernel, lade_effect_number(visit->entry, "ifindex"),
				lade_effect_number(visit->entry, "prog-id"), visit->program_fd);
}

int lade_undo_xdp(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, undo);
}

int lade_check_xdp(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, check);
}

int lade_replace_xdp(struct kernel *kernel, const struct journal_entry *entry, int program_fd)
{
	int result = lade_effect_visit(kernel, entry, program_fd, replace);
	return result == -ENXIO ? -ESTALE : result;
}
