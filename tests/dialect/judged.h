/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects as one of Android's loaders reads them. */
#ifndef TEST_DIALECT_JUDGED_H
#define TEST_DIALECT_JUDGED_H

#include "dialect/opened.h"

/* A version of a kernel as Android and plan_target write it. */
#define KVER(major, minor, patch) ((uint32_t)(major) << 24 | (uint32_t)(minor) << 16 | (uint32_t)(patch))

/* With what is left out for a loader of that version, on a build of that type (NULL: of none). */
static inline struct lade_object *open_judged(const char *file, uint32_t loader, const char *build)
{
	const struct lade_open_opts options = { .size = sizeof options, .loader_version = loader, .build_type = build };
	return open_with(file, &options);
}

#endif
