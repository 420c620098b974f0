/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tracepoint takes a program once (raw ones until 6.9), and knows it by its address: whoever detached it a moment
 * ago, by removing its pin, still has it there until the kernel gets round to freeing the link. EEXIST then passes
 * by itself.
 */
#include <errno.h>
#include <time.h>

#include "attach/method.h"

#define TRIES    10
#define PAUSE_NS 20000000L /* 20 ms */

bool lade_attach_is_freeing(int result, unsigned *tries)
{
	if (result != -EEXIST || ++*tries >= TRIES)
		return false;
	(void)nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	return true;
}
