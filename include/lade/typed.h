/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps with the types that a program was compiled with: their sizes are checked once, when the map is opened, and by
 * the compiler from then on.
 *
 *     LADE_TYPED_MAP(totals, uint64_t, uint64_t);
 *
 *     static int print(void *userdata, const uint64_t *key, const uint64_t *value)
 *     {
 *             return printf("%u: %llu\n", (unsigned)*key, (unsigned long long)*value) < 0 ? -EIO : 0;
 *     }
 *
 *     struct totals totals = { NULL };
 *     if (totals_open(context, "map_gpuMem_gpu_mem_total_map", LADE_MAP_READ, &totals, &error) == 0)
 *             (void)totals_each(&totals, print, NULL, &error);
 *     totals_close(&totals);
 *
 * What each of them does, returns and finds is said in <lade/map.h> at the function that it calls. Maps with a value
 * per CPU are refused (map.shape): read those with lade_map_lookup() into lade_live_map_info.value_bytes bytes.
 */
#ifndef LADE_TYPED_H
#define LADE_TYPED_H

#include <string.h>

#include <lade/map.h>

#define LADE_TYPED_UNUSED_ __attribute__((unused))

/* A map that may be read and not written with `access` LADE_MAP_READ still has NAME_set(): it then fails. */
#define LADE_TYPED_MAP(NAME, KEY, VALUE)                                                                               \
	struct NAME {                                                                                                  \
		struct lade_live_map *map;                                                                             \
	};                                                                                                             \
	LADE_TYPED_UNUSED_ static int NAME##_open_locked(struct lade_context *context, const char *which,              \
							 enum lade_map_access access, enum lade_map_lock lock,         \
							 struct NAME *ret_map, struct lade_error **error)              \
	{                                                                                                              \
		struct lade_map_shape shape;                                                                           \
		struct lade_map_open_opts opts;                                                                        \
		memset(&shape, 0, sizeof shape);                                                                       \
		memset(&opts, 0, sizeof opts);                                                                         \
		shape.size = sizeof shape;                                                                             \
		shape.key_size = sizeof(KEY);                                                                          \
		shape.value_size = sizeof(VALUE);                                                                      \
		shape.value_bytes = sizeof(VALUE);                                                                     \
		opts.size = sizeof opts;                                                                               \
		opts.access = access;                                                                                  \
		opts.lock = lock;                                                                                      \
		opts.shape = &shape;                                                                                   \
		return lade_map_open(context, which, &opts, &ret_map->map, error);                                     \
	}                                                                                                              \
	LADE_TYPED_UNUSED_ static int NAME##_open(struct lade_context *context, const char *which,                     \
						  enum lade_map_access access, struct NAME *ret_map,                   \
						  struct lade_error **error)                                           \
	{                                                                                                              \
		return NAME##_open_locked(context, which, access, LADE_MAP_UNLOCKED, ret_map, error);                  \
	}                                                                                                              \
	LADE_TYPED_UNUSED_ static int NAME##_get(const struct NAME *map, KEY key, VALUE *ret_value,                    \
						 struct lade_error **error)                                            \
	{                                                                                                              \
		return lade_map_lookup(map->map, &key, ret_value, error);                                              \
	}                                                                                                              \
	LADE_TYPED_UNUSED_ static int NAME##_set(const struct NAME *map, KEY key, VALUE value, uint64_t flags,         \
						 struct lade_error **error)                                            \
	{                                                                                                              \
		return lade_map_update(map->map, &key, &value, flags, error);                                          \
	}                                                                                                              \
	LADE_TYPED_UNUSED_ static int NAME##_delete(const struct NAME *map, KEY key, struct lade_error **error)        \
	{                                                                                                              \
		return lade_map_delete(map->map, &key, error);                                                         \
	}                                                                                                              \
	struct NAME##_visit {                                                                                          \
		int (*fn)(void *userdata, const KEY *key, const VALUE *value);                                         \
		void *userdata;                                                                                        \
	};                                                                                                             \
	LADE_TYPED_UNUSED_ static int NAME##_visit_one(void *visit, const void *key, const void *value)                \
	{                                                                                                              \
		const struct NAME##_visit *self = (const struct NAME##_visit *)visit;                                  \
		return self->fn(self->userdata, (const KEY *)key, (const VALUE *)value);                               \
	}                                                                                                              \
	/* fn may delete the element it was given, and any other. */                                                   \
	LADE_TYPED_UNUSED_ static int64_t NAME##_each(const struct NAME *map,                                          \
						      int (*fn)(void *userdata, const KEY *key, const VALUE *value),   \
						      void *userdata, struct lade_error **error)                       \
	{                                                                                                              \
		struct NAME##_visit visit;                                                                             \
		visit.fn = fn;                                                                                         \
		visit.userdata = userdata;                                                                             \
		return lade_map_iterate(map->map, NULL, NAME##_visit_one, &visit, error);                              \
	}                                                                                                              \
	LADE_TYPED_UNUSED_ static int64_t NAME##_clear(const struct NAME *map, struct lade_error **error)              \
	{                                                                                                              \
		return lade_map_clear(map->map, error);                                                                \
	}                                                                                                              \
	LADE_TYPED_UNUSED_ static void NAME##_close(struct NAME *map)                                                  \
	{                                                                                                              \
		map->map = lade_map_close(map->map);                                                                   \
	}                                                                                                              \
	struct NAME

#endif
