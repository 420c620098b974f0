/* SPDX-License-Identifier: BSD-2-Clause */
/* One walk over the elements of a map, in batches (iterate.c) or from key to key (walk_keys.c). */
#ifndef LADE_MAP_WALK_H
#define LADE_MAP_WALK_H

#include "map/live.h"

struct walk {
	struct lade_live_map *map;
	lade_entry_fn *fn;
	void *userdata;
	int64_t count;
	bool is_over; /* fn said so */
	int result;
	struct lade_error **error;
};

/* To fn; value NULL: it cannot be read. */
void lade_walk_deliver(struct walk *walk, const void *key, const void *value);
int lade_walk_keys(struct walk *walk);

#endif
