/* SPDX-License-Identifier: BSD-2-Clause */
/* Which objects must keep their order, because they share a pin or a place where both attach. */
#ifndef LADE_BOOT_CHAINS_H
#define LADE_BOOT_CHAINS_H

#include "boot/boot.h"

/* Objects of one chain, in their order; independent of all others. */
struct boot_chain {
	ARRAY_OF(struct boot_item *) items;
	uint64_t weight;
};
struct boot_chains {
	struct boot_chain *items; /* most work first */
	size_t count, capacity;
};

/* Of count objects that are to be loaded. -ENOMEM. */
int lade_boot_chains(struct boot_item *const *objects, size_t count, struct boot_chains *ret_chains);
void lade_boot_chains_clear(struct boot_chains *chains);

#endif
