/* SPDX-License-Identifier: BSD-2-Clause */
/* Pins of maps that somebody else made, for the tests of services. */
#ifndef LADE_TESTS_MAP_PINS_H
#define LADE_TESTS_MAP_PINS_H

#include <unistd.h>

#include "map/maps.h"

static inline char *pin_of(struct loaded *loaded, struct lade_live_map *map, const char *name)
{
	struct lade_live_map_info info = { .size = sizeof info };
	char *path = NULL;
	struct kernel *kernel = NULL;
	assert_int_equal(lade_context_kernel(loaded->context, &kernel, NULL), 0);
	assert_true(asprintf(&path, "%s/%s", LIVE_BPFFS, name) > 0);
	assert_int_equal(lade_live_map_describe(map, &info), 0);
	assert_int_equal(lade_bpf_obj_pin(kernel, info.fd, path), 0);
	return path;
}

static inline void unpin(char *path)
{
	assert_int_equal(unlink(path), 0);
	free(path);
}

static inline void assert_evidence(const struct lade_error *error, const char *wanted)
{
	struct lade_finding_info info = finding_of(error);
	for (size_t i = 0; i < info.evidence_count; i++)
		if (strstr(info.evidence[i], wanted))
			return;
	for (size_t i = 0; i < info.evidence_count; i++)
		print_error("evidence: %s\n", info.evidence[i]);
	fail_msg("no evidence says \"%s\"", wanted);
}

#endif
