/* SPDX-License-Identifier: BSD-2-Clause */
#include "txn/effect_netns.h"

#include <errno.h>
#include <stdlib.h>

#include "kernel/netns.h"

struct call {
	struct effect_visit visit;
	effect_visit_fn *fn;
};

static int make(struct kernel *kernel, void *data)
{
	const struct call *call = data;
	return call->fn(kernel, &call->visit);
}

int lade_effect_visit(struct kernel *kernel, const struct journal_entry *entry, int program_fd, effect_visit_fn *fn)
{
	const char *text = lade_journal_value(entry, "netns");
	struct call call = { { entry, program_fd }, fn };
	uint64_t inode = text ? strtoull(text, NULL, 10) : 0;
	return inode ? lade_netns_do(kernel, inode, make, &call) : -ENXIO;
}

int lade_effect_visit_if_there(struct kernel *kernel, const struct journal_entry *entry, effect_visit_fn *fn)
{
	int result = lade_effect_visit(kernel, entry, -1, fn);
	return result == -ENXIO ? 0 : result;
}

uint32_t lade_effect_number(const struct journal_entry *entry, const char *key)
{
	const char *text = lade_journal_value(entry, key);
	return text ? (uint32_t)strtoul(text, NULL, 0) : 0;
}
