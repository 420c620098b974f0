/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of maps in the kernel share. */
#ifndef LADE_TESTS_MAPS_H
#define LADE_TESTS_MAPS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/loaded.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "map/live.h"

static bool is_live;

static inline int setup(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

static inline void need_live(void)
{
	if (!is_live)
		skip();
}

static inline struct lade_live_map *must_open(struct loaded *loaded, const char *name)
{
	struct lade_live_map *map = NULL;
	struct lade_error *error = NULL;
	if (lade_map_open(loaded->context, name, NULL, &map, &error) < 0)
		fail_msg("%s: %s", name, lade_error_message(error));
	return map;
}

static inline void must_set(struct lade_live_map *map, const char *key, const char *value, int cpu)
{
	struct lade_error *error = NULL;
	if (lade_map_set(map, key, value, cpu, &error) < 0)
		fail_msg("%s: %s: %s", key ? key : "", value, lade_error_message(error));
}

/* A map of its own, not from an object. */
static inline struct lade_live_map *make_map(struct loaded *loaded, uint32_t type, uint32_t key_size,
					     uint32_t value_size, uint32_t entries)
{
	struct kernel *kernel = NULL;
	assert_int_equal(lade_context_kernel(loaded->context, &kernel, NULL), 0);
	struct attr_map_create attr = {
		.map_type = type, .key_size = key_size, .value_size = value_size, .max_entries = entries
	};
	if (type == BPF_MAP_TYPE_LPM_TRIE)
		attr.map_flags = BPF_F_NO_PREALLOC;
	struct found found = { .fd = lade_bpf_map_create(kernel, &attr) };
	if (found.fd == -EINVAL) /* the kernel has no such type */
		return NULL;
	assert_true(found.fd >= 0);
	struct lade_live_map *map = NULL;
	assert_int_equal(lade_map_from_found(loaded->context, &found, LADE_MAP_READ_WRITE, &map, NULL), 0);
	return map;
}

static inline struct loaded only_context(void)
{
	struct loaded loaded = { .before = live_before(LIVE_BPFFS) };
	loaded.context = new_context(NULL);
	return loaded;
}

static inline void must_show(struct lade_live_map *map, const char *key, int cpu, const char *wanted)
{
	uint8_t key_bytes[64], value[1024];
	char *text = NULL;
	assert_int_equal(lade_map_read_key(map, key, key_bytes, NULL), 0);
	assert_int_equal(lade_map_lookup(map, key_bytes, value, NULL), 0);
	assert_int_equal(lade_map_print_value(map, value, cpu, LADE_MAP_JSON, &text), 0);
	assert_string_equal(text, wanted);
	free(text);
}

static inline void fill(struct lade_live_map *map, uint32_t entries, size_t value_size)
{
	uint32_t *keys = calloc(entries, sizeof *keys);
	uint8_t *values = calloc(entries, value_size);
	size_t done = 0;
	for (uint32_t i = 0; i < entries; i++)
		keys[i] = i;
	assert_int_equal(lade_map_update_many(map, keys, values, entries, 0, &done, NULL), 0);
	assert_int_equal(done, entries);
	free(keys);
	free(values);
}

#endif
