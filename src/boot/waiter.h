/* SPDX-License-Identifier: BSD-2-Clause */
/* Who waits for a boot or for pins, behind the public handle. */
#ifndef LADE_BOOT_WAITER_H
#define LADE_BOOT_WAITER_H

#include <lade/ready.h>

#include "base/array.h"
#include "boot/watched_paths.h"

struct lade_waiter {
	char *run, *token;            /* directory, and the token in it */
	struct strings pins;          /* absolute */
	struct strings missing;       /* of them, as of the last look */
	bool boot;                    /* the boot itself is waited for */
	struct lade_ready_info ready; /* as of the last look */
	struct watched_paths watched;
};

/* How long the n-th wait lasts before the next warning: 5, 10, 20, 40, 60, 60 … seconds. */
unsigned lade_wait_lap_s(unsigned number);
/* "Waited 5s for bpf.progs_loaded, still waiting..." */
void lade_wait_line(const struct lade_waiter *waiter, unsigned waited_s, char *buffer, size_t size);

#endif
