/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_DIAGNOSE_MAP_RULES_H
#define LADE_DIAGNOSE_MAP_RULES_H

#include "diagnose/diagnose.h"

struct map_rule {
	uint64_t types; /* bit n: holds for type n */
	bool (*broken)(const struct map_definition *map);
	const char *cause, *fix;
	int errnum; /* with which the kernel refuses it; 0: EINVAL */
};

/* The first rule that a definition breaks; NULL: none. */
const struct map_rule *lade_map_broken_rule(const struct map_definition *map);

#endif
