/* SPDX-License-Identifier: BSD-2-Clause */
/* Effects that live in a network namespace: looked at and undone there, wherever the command runs. */
#ifndef LADE_TXN_EFFECT_NETNS_H
#define LADE_TXN_EFFECT_NETNS_H

#include "txn/effect.h"

/* One visit to the namespace that the entry's field netns names. */
struct effect_visit {
	const struct journal_entry *entry;
	int program_fd; /* of replace(); else -1 */
};
typedef int effect_visit_fn(struct kernel *kernel, const struct effect_visit *visit);

/* What fn returns there. -ENXIO: the namespace no longer exists; -EPERM: it cannot be entered. */
int lade_effect_visit(struct kernel *kernel, const struct journal_entry *entry, int program_fd, effect_visit_fn *fn);
/* The same for undo() and check(): what was in a namespace that no longer exists is gone (0). */
int lade_effect_visit_if_there(struct kernel *kernel, const struct journal_entry *entry, effect_visit_fn *fn);
/* A field's number ("12", "0x1f"); 0 when there is none. */
uint32_t lade_effect_number(const struct journal_entry *entry, const char *key);

/* effect_route.c: the text that marks a route's program as ours. */
void lade_route_mark(const char *program, uint32_t program_id, char *mark, size_t size);

#endif
