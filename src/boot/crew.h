/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks that do not depend on each other, on the calling thread and helpers, each with a context of its own. */
#ifndef LADE_BOOT_CREW_H
#define LADE_BOOT_CREW_H

#include "kernel/context.h"

struct boot_work {
	size_t count; /* of tasks, started in their order */
	void (*task)(void *data, struct lade_context *context, size_t index);
	void (*between)(void *data); /* on the calling thread, after each of its tasks, and at the end; may be NULL */
	void *data;
};

/*
 * Runs all tasks; the calling thread, which uses `context`, is one of at most `threads`. Helpers that cannot be
 * started are done without.
 */
void lade_boot_crew(struct lade_context *context, unsigned threads, const struct boot_work *work);

#endif
