/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A refused map made again with one suspect taken away at a time. Whatever is accepted is closed at once: nothing
 * stays but the answer.
 */
#ifndef LADE_DIAGNOSE_MAP_TRIAL_H
#define LADE_DIAGNOSE_MAP_TRIAL_H

#include "diagnose/diagnose.h"

/* The smallest map of a type that any kernel which knows the type accepts. NULL: none is known. */
struct smallest_map {
	uint32_t type, key_size, value_size, max_entries, flags;
};
const struct smallest_map *lade_smallest_map(uint32_t type);

/* 1: this kernel makes maps of the type; 0: it does not; -1: nothing was learnt. */
int lade_map_type_is_known(struct kernel *kernel, uint32_t type);

/* The same map with one entry. The data is its struct attr_map_create; for struct denied_call. */
int lade_map_try_smaller(struct kernel *kernel, const void *data);

/*
 * Which part of attr made the kernel answer errnum? Cause, fix and evidence go to the finding, which is certain only
 * where taking away just that part made the map. False: none did. At most 9 calls.
 */
bool lade_map_find_culprit(struct kernel *kernel, const struct attr_map_create *attr, int errnum,
			   struct lade_finding *finding);

/* Bytes that kernels before 5.11 charge for a map, which they count in 64 bits and limit to 32. 0: not known. */
uint64_t lade_map_charge(const struct map_definition *map, unsigned cpus);

#endif
