/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over maps: a million elements, while others write, without batches, and what changed between two. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/attr.h"
#include "map/maps.h"

/* ---- many, and concurrent ---- */

struct count {
	struct lade_live_map *map;
	uint8_t *seen; /* by key; NULL: not counted */
	uint32_t most, twice, foreign;
	bool deletes;
};

static int count_entry(void *userdata, const void *key, const void *value)
{
	struct count *count = userdata;
	uint32_t number;
	memcpy(&number, key, sizeof number);
	assert_non_null(value);
	if (number >= count->most)
		count->foreign++;
	else if (count->seen[number]++)
		count->twice++;
	if (count->deletes)
		assert_int_equal(lade_map_delete(count->map, key, NULL), 0);
	return 0;
}

static struct count new_count(struct lade_live_map *map, uint32_t most)
{
	return (struct count){ .map = map, .most = most, .seen = calloc(1, most) };
}

static void a_million_entries_come_once_and_go(void **state)
{
	(void)state;
	need_live();
	enum { MANY = 1000000 };
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, MANY);
	fill(map, MANY, 8);
	struct count count = new_count(map, MANY);
	assert_int_equal(lade_map_iterate(map, NULL, count_entry, &count, NULL), MANY);
	assert_int_equal(count.twice, 0);
	uint32_t *keys = calloc(MANY, sizeof *keys), more = MANY;
	uint64_t value = 0;
	for (uint32_t i = 0; i < MANY; i++)
		keys[i] = i;
	struct lade_error *error = NULL;
	assert_int_equal(lade_map_update(map, &more, &value, 0, &error), -E2BIG);
	assert_string_equal(finding_of(error).code, "map.full");
	lade_error_free(error);
	size_t done;
	assert_int_equal(lade_map_delete(map, &keys[5], NULL), 0); /* what is not there does not stop it */
	assert_int_equal(lade_map_delete_many(map, keys, MANY, &done, NULL), 0);
	assert_int_equal(done, MANY);
	assert_int_equal(lade_map_iterate(map, NULL, count_entry, &count, NULL), 0);
	free(keys);
	free(count.seen);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

static const struct lade_iterate_opts one_by_one = { .size = sizeof one_by_one, .batch = 1 };

static void deleting_what_comes_is_no_loop(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	for (int stepped = 0; stepped < 2; stepped++) {
		struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 5000);
		fill(map, 5000, 8);
		struct count count = new_count(map, 5000);
		count.deletes = true;
		assert_int_equal(lade_map_iterate(map, stepped ? &one_by_one : NULL, count_entry, &count, NULL), 5000);
		assert_int_equal(count.twice, 0);
		count.deletes = false;
		assert_int_equal(lade_map_iterate(map, NULL, count_entry, &count, NULL), 0);
		free(count.seen);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
}

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

static int count_any(void *userdata, const void *key, const void *value)
{
	(void)key;
	*(int *)userdata += value != NULL;
	return 0;
}

/* With room for a few of them only. */
static int walk_in_little_memory(struct lade_live_map *map, rlim_t room)
{
	long pages = 0;
	int count = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file || fscanf(file, "%ld", &pages) != 1)
		return 1;
	(void)fclose(file);
	rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + room;
	struct rlimit limit = { most, most };
	return setrlimit(RLIMIT_AS, &limit) < 0 || lade_map_iterate(map, NULL, count_any, &count, NULL) != 1 ||
	       count != 1;
}

static void values_of_many_megabytes_are_read_one_at_a_time(void **state)
{
	(void)state;
	need_live();
	if (IS_SANITIZED) {
		(void)fputs("the sanitizer needs its address space\n", stderr);
		skip();
	}
	enum { LARGE = 32 << 20 };
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, LARGE, 1, NULL);
	if (fd == -E2BIG) {
		(void)fputs("# this kernel takes values of 4 MiB at most (5.10 does)\n", stderr);
		skip();
	}
	(void)close(fd);
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_ARRAY, 4, LARGE, 1);
	pid_t child = fork();
	if (child == 0)
		_exit(walk_in_little_memory(map, (rlim_t)4 * LARGE));
	int status = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* Another process adds and deletes keys above 1000 all the time. */
static pid_t start_writer(struct lade_live_map *map)
{
	pid_t writer = fork();
	assert_true(writer >= 0);
	if (writer)
		return writer;
	uint32_t random = 3;
	uint64_t value = 1;
	for (;;) {
		random = random * 1664525 + 1013904223;
		uint32_t key = 1000 + (random >> 20);
		if (random & 1 << 12)
			(void)lade_bpf_map_update(map->kernel, map->fd, &key, &value, 0);
		else
			(void)lade_bpf_map_delete(map->kernel, map->fd, &key);
	}
}

static void entries_that_stay_come_once_while_others_come_and_go(void **state)
{
	(void)state;
	need_live();
	static const struct {
		uint32_t type;
		bool stepped;
	} forms[] = { { BPF_MAP_TYPE_HASH, false }, { BPF_MAP_TYPE_HASH, true } };
	struct loaded loaded = only_context();
	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		struct lade_live_map *map = make_map(&loaded, forms[i].type, 4, 8, 6000);
		fill(map, 1000, 8);
		pid_t writer = start_writer(map);
		for (int round = 0; round < 15; round++) {
			struct count count = new_count(map, 1000);
			int64_t came =
				lade_map_iterate(map, forms[i].stepped ? &one_by_one : NULL, count_entry, &count, NULL);
			if (came < 1000)
				fail_msg("%s: round %d: %lld came", forms[i].stepped ? "one by one" : "in batches",
					 round, (long long)came);
			assert_int_equal(count.twice, 0);
			for (uint32_t key = 0; key < 1000; key++)
				assert_int_equal(count.seen[key], 1);
			free(count.seen);
		}
		assert_int_equal(kill(writer, SIGKILL), 0);
		assert_int_equal(waitpid(writer, NULL, 0), writer);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
}

/* ---- a kernel that is told what happens between two calls ---- */

enum { STAY = 1000, ROOM = 6000 };

static struct {
	const struct kernel_calls *real;
	unsigned calls, number, lie_every, delete_every, random;
	bool replaces;
} script;

static void between(struct kernel *kernel, const struct attr_map_elem *asked)
{
	uint32_t key = 0;
	uint64_t value = 1;
	struct attr_map_elem attr = { .map_fd = asked->map_fd, .key = (uintptr_t)&key };
	if (asked->key)
		memcpy(&key, (const void *)(uintptr_t)asked->key, sizeof key);
	if (asked->key && key >= STAY && script.delete_every && script.calls % script.delete_every == 0) {
		assert_int_equal(script.real->bpf(kernel, BPF_MAP_DELETE_ELEM, &attr, sizeof attr), 0);
		key = ROOM + script.number++;
		attr.value = (uintptr_t)&value;
		assert_int_equal(script.real->bpf(kernel, BPF_MAP_UPDATE_ELEM, &attr, sizeof attr), 0);
	}
	script.random = script.random * 1664525 + 1013904223; /* each walk is to meet another order */
	key = (script.random >> 8) % STAY;
	attr.value = (uintptr_t)&value;
	if (script.replaces)
		assert_int_equal(script.real->bpf(kernel, BPF_MAP_UPDATE_ELEM, &attr, sizeof attr), 0);
}

static int scripted_bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	const struct attr_map_elem *asked = attr;
	if (command != BPF_MAP_GET_NEXT_KEY)
		return script.real->bpf(kernel, command, attr, size);
	script.calls++;
	between(kernel, asked);
	int result = script.real->bpf(kernel, command, attr, size);
	if (!script.lie_every || script.calls % script.lie_every)
		return result;
	if (script.calls / script.lie_every % 2)
		return -ENOENT;
	uint32_t other = script.calls * 104729 % STAY;
	memcpy((void *)(uintptr_t)asked->value, &other, sizeof other);
	return 0;
}

/* Walks with the script; how often it asked what follows a key. */
static unsigned walk_scripted(struct lade_live_map *map, int64_t *ret_came)
{
	struct kernel_calls calls = *map->kernel->calls;
	script.real = map->kernel->calls;
	script.calls = script.number = 0;
	calls.bpf = scripted_bpf;
	map->kernel->calls = &calls;
	struct count count = new_count(map, STAY);
	*ret_came = lade_map_iterate(map, &one_by_one, count_entry, &count, NULL);
	map->kernel->calls = script.real;
	assert_int_equal(count.twice, 0);
	for (uint32_t key = 0; key < STAY && *ret_came >= 0; key++)
		if (count.seen[key] != 1)
			fail_msg("%u was left out", key);
	free(count.seen);
	return script.calls;
}

static void keys_deleted_under_the_walk_cost_a_step_and_not_a_walk(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	for (unsigned every = 3; every < 12; every++) {
		int64_t came = 0;
		struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, ROOM);
		fill(map, STAY * 2, 8);
		script = (typeof(script)){ .delete_every = every };
		unsigned calls = walk_scripted(map, &came);
		assert_true(came >= STAY);
		assert_true(script.number > STAY / 10); /* it did happen */
		if (calls >= STAY * 100)                /* beginning anew each time: a million and more */
			fail_msg("%u calls for every %u", calls, every);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
}

static void answers_about_another_place_leave_nothing_out(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	for (unsigned every = 2; every < 40; every++) {
		int64_t came = 0;
		struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, ROOM);
		fill(map, STAY, 8);
		script = (typeof(script)){ .lie_every = every };
		(void)walk_scripted(map, &came);
		/* Every second answer a lie: no two agree, which must end. */
		assert_true(came == STAY || (every == 2 && came == -EAGAIN));
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
}

static void values_replaced_under_the_walk_leave_nothing_out(void **state)
{
	(void)state;
	need_live();
	int64_t came = 0;
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, STAY);
	fill(map, STAY, 8);
	script = (typeof(script)){ .replaces = true };
	(void)walk_scripted(map, &came);
	assert_int_equal(came, STAY);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* A kernel without batches answers EINVAL; what is done then must be the same. */
static void without_batches_everything_still_works(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 500);
	map->no_batch = ~0U;
	fill(map, 500, 8);
	struct count count = new_count(map, 500);
	assert_int_equal(lade_map_iterate(map, NULL, count_entry, &count, NULL), 500);
	assert_int_equal(count.twice, 0);
	free(count.seen);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

static void batch_stops_at_what_cannot_be_set_and_says_where(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_ARRAY, 4, 4, 10);
	const uint32_t keys[] = { 0, 1, 2, 10, 3 }, values[] = { 1, 2, 3, 4, 5 };
	size_t done = 99;
	struct lade_error *error = NULL;
	assert_true(lade_map_update_many(map, keys, values, 5, 0, &done, &error) < 0);
	assert_int_equal(done, 3);
	assert_non_null(error);
	lade_error_free(error);
	uint32_t value = 0;
	assert_int_equal(lade_map_lookup(map, &keys[2], &value, NULL), 0);
	assert_int_equal(value, 3);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* ---- changes ---- */

struct changes {
	int by_kind[3];
};

static int count_change(void *userdata, enum lade_change change, const void *key, const void *old, const void *value)
{
	struct changes *changes = userdata;
	assert_non_null(key);
	assert_true((change == LADE_ADDED) == (old == NULL));
	assert_true((change == LADE_REMOVED) == (value == NULL));
	changes->by_kind[change]++;
	return 0;
}

static void watching_sees_what_was_added_changed_and_removed(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 100);
	fill(map, 50, 8);
	struct lade_map_watch *watch = NULL;
	struct changes changes = { 0 };
	assert_int_equal(lade_map_watch_open(map, &watch, NULL), 0);
	assert_int_equal(lade_map_watch_look(watch, count_change, &changes, NULL), 0);
	must_set(map, "60", "1", LADE_ALL_CPUS);
	must_set(map, "61", "1", LADE_ALL_CPUS);
	must_set(map, "3", "9", LADE_ALL_CPUS);
	uint32_t key = 4;
	assert_int_equal(lade_map_delete(map, &key, NULL), 0);
	assert_int_equal(lade_map_watch_look(watch, count_change, &changes, NULL), 4);
	assert_int_equal(changes.by_kind[LADE_ADDED], 2);
	assert_int_equal(changes.by_kind[LADE_CHANGED], 1);
	assert_int_equal(changes.by_kind[LADE_REMOVED], 1);
	assert_int_equal(lade_map_watch_look(watch, count_change, &changes, NULL), 0);
	lade_map_watch_close(watch);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_entries_come_once_and_go),
		cmocka_unit_test(deleting_what_comes_is_no_loop),
		cmocka_unit_test(values_of_many_megabytes_are_read_one_at_a_time),
		cmocka_unit_test(entries_that_stay_come_once_while_others_come_and_go),
		cmocka_unit_test(keys_deleted_under_the_walk_cost_a_step_and_not_a_walk),
		cmocka_unit_test(answers_about_another_place_leave_nothing_out),
		cmocka_unit_test(values_replaced_under_the_walk_leave_nothing_out),
		cmocka_unit_test(without_batches_everything_still_works),
		cmocka_unit_test(batch_stops_at_what_cannot_be_set_and_says_where),
		cmocka_unit_test(watching_sees_what_was_added_changed_and_removed),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
