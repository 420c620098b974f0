/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps that somebody else pinned: what they must be like, locks, clearing. */
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <lade/typed.h>

#include "map/pins.h"

LADE_TYPED_MAP(counters, uint32_t, uint64_t);

/* ---- what it must be like ---- */

static void shape_that_differs_names_every_difference(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 16), *other = NULL;
	char *pin = pin_of(&loaded, map, "shaped");
	const struct lade_map_shape shape = { .size = sizeof shape,
					      .type = "array",
					      .key_size = 8,
					      .value_size = 16,
					      .flags = BPF_F_RDONLY_PROG,
					      .flags_mask = BPF_F_RDONLY_PROG,
					      .least_entries = 17 };
	struct lade_map_open_opts opts = { .size = sizeof opts, .shape = &shape };
	struct lade_error *error = NULL;
	assert_int_equal(lade_map_open(loaded.context, pin, &opts, &other, &error), -ENOTUNIQ);
	assert_null(other);
	assert_int_equal(lade_error_finding_count(error), 1);
	assert_string_equal(finding_of(error).code, "map.shape");
	assert_int_equal(lade_error_exit_code(error), 6);
	assert_evidence(error, "its type is hash, wanted: array");
	assert_evidence(error, "key_size is 4, wanted: 8");
	assert_evidence(error, "value_size is 8, wanted: 16");
	assert_evidence(error, "wanted: 0x80 of 0x80");
	assert_evidence(error, "max_entries is 16, wanted: 17 or more");
	lade_error_free(error);
	unpin(pin);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

static void shape_that_fits_opens_and_what_is_not_said_is_not_asked(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 16), *other = NULL;
	char *pin = pin_of(&loaded, map, "shaped");
	struct lade_map_shape shape = { .size = sizeof shape,
					.type = "hash",
					.key_size = 4,
					.value_size = 8,
					.value_bytes = 8,
					.flags_mask = UINT32_MAX,
					.least_entries = 16 };
	struct lade_map_open_opts opts = { .size = sizeof opts, .access = LADE_MAP_READ, .shape = &shape };
	assert_int_equal(lade_map_open(loaded.context, pin, &opts, &other, NULL), 0);
	lade_map_close(other);
	shape = (struct lade_map_shape){ .size = sizeof shape };
	assert_int_equal(lade_map_open(loaded.context, pin, &opts, &other, NULL), 0);
	lade_map_close(other);
	shape.type = "hsah";
	struct lade_error *error = NULL;
	assert_int_equal(lade_map_open(loaded.context, pin, &opts, &other, &error), -EINVAL);
	assert_string_equal(finding_of(error).code, "map.options");
	lade_error_free(error);
	unpin(pin);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* Kernels of today forget these flags when the map is made; the check is for those that keep them. */
static void map_that_was_made_read_only_is_not_opened_for_writing_by_shape(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	static const struct {
		uint32_t flags;
		enum lade_map_access access;
		int result;
	} rows[] = {
		{ BPF_F_RDONLY, LADE_MAP_READ, 0 },
		{ BPF_F_RDONLY, LADE_MAP_READ_WRITE, -EPERM },
		{ BPF_F_RDONLY, LADE_MAP_WRITE, -EPERM },
		{ BPF_F_WRONLY, LADE_MAP_WRITE, 0 },
		{ BPF_F_WRONLY, LADE_MAP_READ_WRITE, -EPERM },
		{ BPF_F_WRONLY, LADE_MAP_READ, -EPERM },
		{ 0, LADE_MAP_READ_WRITE, 0 },
	};
	const struct lade_map_shape shape = { .size = sizeof shape, .key_size = 4 };
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 16);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_error *error = NULL;
		map->info.map_flags = rows[i].flags;
		map->access = rows[i].access;
		assert_int_equal(lade_map_check_shape(map, &shape, &error), rows[i].result);
		if (rows[i].result < 0)
			assert_string_equal(finding_of(error).code, "map.access");
		lade_error_free(error);
	}
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* ---- typed ---- */

struct sum {
	const struct counters *map;
	uint64_t keys, values;
};

static int add_and_delete(void *data, const uint32_t *key, const uint64_t *value)
{
	struct sum *sum = data;
	sum->keys += *key;
	sum->values += *value;
	return counters_delete(sum->map, *key, NULL);
}

static void typed_map_is_read_written_walked_and_cleared(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *made = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 64);
	char *pin = pin_of(&loaded, made, "typed");
	struct counters map = { NULL };
	uint64_t value = 0;
	assert_int_equal(counters_open(loaded.context, "typed", LADE_MAP_READ_WRITE, &map, NULL), 0);
	for (uint32_t i = 1; i <= 10; i++)
		assert_int_equal(counters_set(&map, i, i * 100, LADE_MAP_NEW, NULL), 0);
	assert_int_equal(counters_set(&map, 1, 1, LADE_MAP_NEW, NULL), -EEXIST);
	assert_int_equal(counters_get(&map, 7, &value, NULL), 0);
	assert_int_equal(value, 700);
	struct sum sum = { .map = &map };
	assert_int_equal(counters_each(&map, add_and_delete, &sum, NULL), 10);
	assert_int_equal(sum.keys, 55);
	assert_int_equal(sum.values, 5500);
	assert_int_equal(counters_get(&map, 7, &value, NULL), -ENOENT);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(counters_set(&map, i, 1, LADE_MAP_ANY, NULL), 0);
	assert_int_equal(counters_clear(&map, NULL), 3);
	assert_int_equal(counters_each(&map, add_and_delete, &sum, NULL), 0);
	counters_close(&map);
	assert_null(map.map);
	unpin(pin);
	lade_map_close(made);
	assert_leaves_nothing(&loaded);
}

static void typed_map_refuses_other_sizes_and_values_per_cpu(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	static const struct {
		uint32_t type, key_size, value_size;
	} rows[] = { { BPF_MAP_TYPE_HASH, 8, 8 }, { BPF_MAP_TYPE_HASH, 4, 4 }, { BPF_MAP_TYPE_PERCPU_HASH, 4, 8 } };
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_live_map *made = make_map(&loaded, rows[i].type, rows[i].key_size, rows[i].value_size, 4);
		struct lade_live_map_info info = { .size = sizeof info };
		assert_int_equal(lade_live_map_describe(made, &info), 0);
		char *pin = pin_of(&loaded, made, "typed");
		struct counters map = { NULL };
		struct lade_error *error = NULL;
		if (info.value_bytes != 8 || info.key_size != 4) { /* one CPU has one value */
			assert_int_equal(counters_open(loaded.context, pin, LADE_MAP_READ, &map, &error), -ENOTUNIQ);
			assert_string_equal(finding_of(error).code, "map.shape");
			lade_error_free(error);
		}
		unpin(pin);
		lade_map_close(made);
	}
	assert_leaves_nothing(&loaded);
}

/* ---- locks ---- */

struct lock_row {
	enum lade_map_access access;
	enum lade_map_lock lock;
};

static int open_locked(struct loaded *loaded, const char *pin, struct lock_row row, struct lade_live_map **ret_map,
		       struct lade_error **error)
{
	struct lade_map_open_opts opts = { .size = sizeof opts, .access = row.access, .lock = row.lock };
	return lade_map_open(loaded->context, pin, &opts, ret_map, error);
}

static void locks_keep_out_whom_they_must(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *made = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 4);
	struct lade_live_map *neighbour = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 4);
	char *pin = pin_of(&loaded, made, "locked"), *beside = pin_of(&loaded, neighbour, "beside");
	/* Android's ways: read-only unlocked, shared, write-only exclusive, exclusive, lockless */
	static const struct lock_row rows[] = {
		{ LADE_MAP_READ, LADE_MAP_UNLOCKED },       { LADE_MAP_READ_WRITE, LADE_MAP_SHARED },
		{ LADE_MAP_WRITE, LADE_MAP_EXCLUSIVE },     { LADE_MAP_READ_WRITE, LADE_MAP_EXCLUSIVE },
		{ LADE_MAP_READ_WRITE, LADE_MAP_UNLOCKED }, { LADE_MAP_READ, LADE_MAP_SHARED }
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (size_t j = 0; j < ELEMENTS(rows); j++) {
			struct lade_live_map *first = NULL, *second = NULL, *third = NULL;
			struct lade_error *error = NULL;
			bool clashes = rows[i].lock && rows[j].lock &&
				       (rows[i].lock == LADE_MAP_EXCLUSIVE || rows[j].lock == LADE_MAP_EXCLUSIVE);
			assert_int_equal(open_locked(&loaded, pin, rows[i], &first, NULL), 0);
			int result = open_locked(&loaded, pin, rows[j], &second, &error);
			assert_int_equal(result, clashes ? -EAGAIN : 0);
			if (clashes) {
				assert_string_equal(finding_of(error).code, "map.locked");
				assert_evidence(error, "lock is held");
				lade_error_free(error);
			}
			assert_int_equal(open_locked(&loaded, beside, rows[j], &third, NULL), 0);
			lade_map_close(first);
			lade_map_close(second);
			lade_map_close(third);
			assert_int_equal(open_locked(&loaded, pin, rows[3], &second, NULL), 0);
			lade_map_close(second);
		}
	unpin(pin);
	unpin(beside);
	lade_map_close(made);
	lade_map_close(neighbour);
	assert_leaves_nothing(&loaded);
}

static void locks_that_the_kernel_cannot_give_are_refused_before(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *made = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 4), *map = NULL;
	char *pin = pin_of(&loaded, made, "locked");
	static const struct lock_row rows[] = { { LADE_MAP_READ, LADE_MAP_EXCLUSIVE },
						{ LADE_MAP_WRITE, LADE_MAP_SHARED },
						{ LADE_MAP_READ, (enum lade_map_lock)3 } };
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_error *error = NULL;
		assert_int_equal(open_locked(&loaded, pin, rows[i], &map, &error), -EINVAL);
		assert_string_equal(finding_of(error).code, "map.options");
		lade_error_free(error);
	}
	unpin(pin);
	lade_map_close(made);
	assert_leaves_nothing(&loaded);
}

static void stream_of_a_locked_buffer_keeps_its_lock(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *made = make_map(&loaded, BPF_MAP_TYPE_RINGBUF, 0, 0, 4096), *map = NULL, *other = NULL;
	char *pin = pin_of(&loaded, made, "ring");
	static const struct lock_row alone = { LADE_MAP_READ_WRITE, LADE_MAP_EXCLUSIVE };
	struct lade_live_map_info info = { .size = sizeof info };
	struct lade_stream *stream = NULL;
	assert_int_equal(open_locked(&loaded, pin, alone, &map, NULL), 0);
	assert_int_equal(lade_live_map_describe(map, &info), 0);
	assert_int_equal(lade_stream_new(loaded.context, NULL, &stream, NULL), 0);
	assert_int_equal(lade_stream_add_map(stream, info.fd, NULL, NULL), 0);
	lade_map_close(map);
	assert_int_equal(open_locked(&loaded, pin, alone, &other, NULL), -EAGAIN);
	lade_stream_close(stream);
	assert_int_equal(open_locked(&loaded, pin, alone, &other, NULL), 0);
	lade_map_close(other);
	unpin(pin);
	lade_map_close(made);
	assert_leaves_nothing(&loaded);
}

/* ---- clearing ---- */

static void fill_some(struct lade_live_map *map, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t key[2] = { 32, i };
		uint8_t value[8192] = { 1 };
		assert_int_equal(lade_map_update(map, map->info.key_size == 8 ? key : &key[1], value, 0, NULL), 0);
	}
}

static int count_one(void *data, const void *key, const void *value)
{
	(void)key;
	(void)value;
	++*(int *)data;
	return 0;
}

static void clear_empties_every_kind_that_has_keys(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	static const struct {
		uint32_t type, key_size;
	} rows[] = { { BPF_MAP_TYPE_HASH, 4 },
		     { BPF_MAP_TYPE_PERCPU_HASH, 4 },
		     { BPF_MAP_TYPE_LRU_HASH, 4 },
		     { BPF_MAP_TYPE_LPM_TRIE, 8 } };
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_live_map *map = make_map(&loaded, rows[i].type, rows[i].key_size, 8, 4096);
		int left = 0;
		fill_some(map, 1500);
		assert_int_equal(lade_map_clear(map, NULL), 1500);
		assert_int_equal(lade_map_iterate(map, NULL, count_one, &left, NULL), 0);
		assert_int_equal(lade_map_clear(map, NULL), 0);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
}

static void clear_pops_queues_and_says_why_arrays_and_buffers_stay(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	static const uint32_t queues[] = { BPF_MAP_TYPE_QUEUE, BPF_MAP_TYPE_STACK };
	for (size_t i = 0; i < ELEMENTS(queues); i++) {
		struct lade_live_map *map = make_map(&loaded, queues[i], 0, 8, 8);
		uint64_t value = 1;
		for (int pushed = 0; pushed < 8; pushed++)
			assert_int_equal(lade_map_push(map, &value, NULL), 0);
		assert_int_equal(lade_map_clear(map, NULL), 8);
		assert_int_equal(lade_map_pop(map, &value, NULL), -ENOENT);
		assert_int_equal(lade_map_clear(map, NULL), 0);
		lade_map_close(map);
	}
	static const struct {
		uint32_t type, key_size, value_size, entries;
		const char *code;
	} rows[] = { { BPF_MAP_TYPE_ARRAY, 4, 8, 4, "map.delete.fixed" },
		     { BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, "map.no-elements" } };
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_error *error = NULL;
		struct lade_live_map *map =
			make_map(&loaded, rows[i].type, rows[i].key_size, rows[i].value_size, rows[i].entries);
		assert_true(lade_map_clear(map, &error) < 0);
		assert_string_equal(finding_of(error).code, rows[i].code);
		lade_error_free(error);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shape_that_differs_names_every_difference),
		cmocka_unit_test(shape_that_fits_opens_and_what_is_not_said_is_not_asked),
		cmocka_unit_test(map_that_was_made_read_only_is_not_opened_for_writing_by_shape),
		cmocka_unit_test(typed_map_is_read_written_walked_and_cleared),
		cmocka_unit_test(typed_map_refuses_other_sizes_and_values_per_cpu),
		cmocka_unit_test(locks_keep_out_whom_they_must),
		cmocka_unit_test(locks_that_the_kernel_cannot_give_are_refused_before),
		cmocka_unit_test(stream_of_a_locked_buffer_keeps_its_lock),
		cmocka_unit_test(clear_empties_every_kind_that_has_keys),
		cmocka_unit_test(clear_pops_queues_and_says_why_arrays_and_buffers_stay),
	};
	return cmocka_run_group_tests_name("map/service", tests, setup, NULL);
}
