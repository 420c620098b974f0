/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of keys of one size. */
#ifndef LADE_MAP_SEEN_H
#define LADE_MAP_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen_keys {
	size_t key_size, count, capacity; /* capacity: a power of two, or 0 */
	uint8_t *keys;
	uint8_t *used; /* 0, or the key's mark */
};

enum { SEEN_BEFORE, SEEN_NEW };
/* SEEN_NEW: added; SEEN_BEFORE: it was there; -ENOMEM. */
int lade_seen_add(struct seen_keys *seen, const void *key);
/* The same; afterwards it has this mark (not 0) and no other. */
int lade_seen_mark(struct seen_keys *seen, const void *key, uint8_t mark);
bool lade_seen_has_mark(const struct seen_keys *seen, const void *key, uint8_t mark);
/* Where it lies; SIZE_MAX: it is not there. Places change when keys are added. */
size_t lade_seen_slot(const struct seen_keys *seen, const void *key);
void lade_seen_clear(struct seen_keys *seen);

#endif
