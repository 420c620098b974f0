/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps and programs that somebody else pinned: who may open them how, what they must be like, locks, clearing. */
#include <grp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lade/typed.h>

#include "base/account.h"
#include "map/maps.h"

enum { SOMEBODY = 4711, THEIR_GROUP = 4712, OTHER_GROUP = 4713 };

LADE_TYPED_MAP(counters, uint32_t, uint64_t);

static char *pin_of(struct loaded *loaded, struct lade_live_map *map, const char *name)
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

static void unpin(char *path)
{
	assert_int_equal(unlink(path), 0);
	free(path);
}

static void assert_evidence(const struct lade_error *error, const char *wanted)
{
	struct lade_finding_info info = finding_of(error);
	for (size_t i = 0; i < info.evidence_count; i++)
		if (strstr(info.evidence[i], wanted))
			return;
	for (size_t i = 0; i < info.evidence_count; i++)
		print_error("evidence: %s\n", info.evidence[i]);
	fail_msg("no evidence says \"%s\"", wanted);
}

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

/* ---- who may ---- */

struct visitor {
	uid_t uid;
	gid_t gid;
	const char *path;
	enum lade_map_access access;
	bool is_program;
};

static int visit(const struct visitor *visitor, char *text, size_t size)
{
	struct lade_context *context = new_context(NULL);
	struct lade_map_open_opts opts = { .size = sizeof opts, .access = visitor->access };
	struct lade_live_map *map = NULL;
	struct lade_error *error = NULL;
	int result = visitor->is_program ? lade_program_get(context, visitor->path, &error)
					 : lade_map_open(context, visitor->path, &opts, &map, &error);
	int length = 0;
	if (result < 0) {
		struct lade_finding_info info = finding_of(error);
		length = snprintf(text, size, "%s|%s|%s", info.code, info.cause, info.fix);
		for (size_t i = 0; i < info.evidence_count; i++)
			length += snprintf(text + length, size - (size_t)length, "|%s", info.evidence[i]);
	}
	lade_map_close(map);
	lade_error_free(error);
	lade_context_free(context);
	return result < 0 ? result : 0;
}

/* As somebody without privilege, in a child: what came back, and the finding's text. */
static int visit_as(const struct visitor *visitor, char *text, size_t size)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char answer[2048] = "";
		int result = -ENOSYS;
		if (setgroups(0, NULL) == 0 && setresgid(visitor->gid, visitor->gid, visitor->gid) == 0 &&
		    setresuid(visitor->uid, visitor->uid, visitor->uid) == 0)
			result = visit(visitor, answer, sizeof answer);
		(void)!write(ends[1], answer, strlen(answer));
		_exit(-result);
	}
	(void)close(ends[1]);
	ssize_t length = 0, got;
	while ((got = read(ends[0], text + length, size - 1 - (size_t)length)) > 0)
		length += got;
	text[length] = '\0';
	(void)close(ends[0]);
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

/* Kernels before 5.19 let nobody without privilege ask anything where unprivileged bpf is off. */
static bool may_ask(void)
{
	char text[2048];
	const struct visitor nobody = { SOMEBODY, OTHER_GROUP, LIVE_BPFFS "/nothing-is-here", LADE_MAP_READ, false };
	assert_int_equal(chmod(LIVE_BPFFS, 0755), 0);
	bool may = visit_as(&nobody, text, sizeof text) == -ENOENT;
	if (!may)
		print_error("this kernel lets nobody without privilege open pins: %s\n", text);
	return may;
}

static void mode_of_a_pin_decides_who_opens_it_how(void **state)
{
	(void)state;
	need_live();
	if (!may_ask())
		skip();
	struct loaded loaded = only_context();
	struct lade_live_map *made = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 4);
	char *pin = pin_of(&loaded, made, "moded"), text[2048];
	assert_int_equal(chown(pin, 0, THEIR_GROUP), 0);
	static const struct {
		mode_t mode;
		gid_t gid;
		enum lade_map_access access;
		int result;
		const char *cause, *fix;
	} rows[] = {
		{ 0640, THEIR_GROUP, LADE_MAP_READ, 0, NULL, NULL },
		{ 0640, THEIR_GROUP, LADE_MAP_WRITE, -EACCES, "the right to write", "only to read (LADE_MAP_READ)" },
		{ 0640, THEIR_GROUP, LADE_MAP_READ_WRITE, -EACCES, "the right to write",
		  "only to read (LADE_MAP_READ)" },
		{ 0620, THEIR_GROUP, LADE_MAP_WRITE, 0, NULL, NULL },
		{ 0620, THEIR_GROUP, LADE_MAP_READ, -EACCES, "the right to read", "only to write (LADE_MAP_WRITE)" },
		{ 0660, THEIR_GROUP, LADE_MAP_READ_WRITE, 0, NULL, NULL },
		{ 0660, OTHER_GROUP, LADE_MAP_READ, -EACCES, "the right to read", "member of group 4712 (4712)" },
		{ 0600, OTHER_GROUP, LADE_MAP_READ, -EACCES, "the right to read", "as its owner or as root" },
		{ 0664, OTHER_GROUP, LADE_MAP_READ, 0, NULL, NULL },
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct visitor visitor = { SOMEBODY, rows[i].gid, pin, rows[i].access, false };
		char owner[256], root[16];
		assert_int_equal(chmod(pin, rows[i].mode), 0);
		assert_int_equal(visit_as(&visitor, text, sizeof text), rows[i].result);
		if (rows[i].result == 0)
			continue;
		(void)snprintf(owner, sizeof owner, "%s belongs to %s:4712 (0:4712), mode %04o", pin,
			       lade_account_name(ACCOUNT_USER, 0, root, sizeof root), rows[i].mode);
		assert_non_null(strstr(text, "map.open|"));
		assert_non_null(strstr(text, rows[i].cause));
		assert_non_null(strstr(text, rows[i].fix));
		assert_non_null(strstr(text, owner));
		assert_non_null(strstr(text, "runs as 4711 (4711)"));
	}
	unpin(pin);
	lade_map_close(made);
	assert_leaves_nothing(&loaded);
}

static void directory_that_lets_nobody_through_is_named(void **state)
{
	(void)state;
	need_live();
	if (!may_ask())
		skip();
	struct loaded loaded = only_context();
	struct lade_live_map *made = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 4);
	assert_int_equal(mkdir(LIVE_BPFFS "/closed", 0700), 0);
	assert_int_equal(mkdir(LIVE_BPFFS "/closed/inner", 0755), 0);
	char *pin = pin_of(&loaded, made, "closed/inner/map"), text[2048], user[16], group[16], owner[128];
	assert_int_equal(chmod(pin, 0666), 0);
	const struct visitor visitor = { SOMEBODY, OTHER_GROUP, pin, LADE_MAP_READ, false };
	assert_int_equal(visit_as(&visitor, text, sizeof text), -EACCES);
	assert_non_null(strstr(text, "may not enter the directory " LIVE_BPFFS "/closed|"));
	(void)snprintf(owner, sizeof owner, "%s belongs to %s:%s (0:0), mode 0700", LIVE_BPFFS "/closed",
		       lade_account_name(ACCOUNT_USER, 0, user, sizeof user), /* a small machine has no names */
		       lade_account_name(ACCOUNT_GROUP, 0, group, sizeof group));
	assert_non_null(strstr(text, owner));
	unpin(pin);
	assert_int_equal(rmdir(LIVE_BPFFS "/closed/inner"), 0);
	assert_int_equal(rmdir(LIVE_BPFFS "/closed"), 0);
	lade_map_close(made);
	assert_leaves_nothing(&loaded);
}

static void program_pin_that_may_only_be_read_is_enough(void **state)
{
	(void)state;
	need_live();
	if (!may_ask())
		skip();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "readable");
	static const char pin[] = LIVE_BPFFS "/lade/readable/progs/drop";
	char text[2048];
	assert_int_equal(chown(pin, 0, THEIR_GROUP), 0);
	assert_int_equal(chmod(pin, 0440), 0);
	assert_int_equal(chmod(LIVE_BPFFS "/lade", 0755), 0);
	assert_int_equal(chmod(LIVE_BPFFS "/lade/readable", 0755), 0);
	assert_int_equal(chmod(LIVE_BPFFS "/lade/readable/progs", 0755), 0);
	struct visitor visitor = { SOMEBODY, THEIR_GROUP, pin, LADE_MAP_READ, true };
	assert_int_equal(visit_as(&visitor, text, sizeof text), 0);
	visitor.gid = OTHER_GROUP;
	assert_int_equal(visit_as(&visitor, text, sizeof text), -EACCES);
	assert_non_null(strstr(text, "program.open|"));
	assert_non_null(strstr(text, "member of group 4712"));
	assert_leaves_nothing(&loaded);
}

static void program_of_another_type_is_refused_by_name(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "typed");
	struct lade_program_get_opts opts = { .size = sizeof opts, .type = "tracepoint" };
	struct lade_live_program_info info = { .size = sizeof info };
	struct lade_error *error = NULL;
	int fd = lade_program_get(loaded.context, "typed/drop", NULL);
	assert_true(fd >= 3);
	assert_int_equal(lade_live_program_describe(loaded.context, fd, &info, NULL), 0);
	assert_string_equal(info.name, "drop");
	assert_non_null(info.type_name);
	assert_true(info.id > 0 && info.instructions > 0);
	(void)close(fd);
	assert_int_equal(lade_program_get_with(loaded.context, "typed/drop", &opts, &error), -EINVAL);
	assert_string_equal(finding_of(error).code, "program.type");
	assert_evidence(error, info.type_name);
	lade_error_free(error);
	error = NULL;
	opts.type = info.type_name;
	fd = lade_program_get_with(loaded.context, "typed/drop", &opts, NULL);
	assert_true(fd >= 3);
	(void)close(fd);
	int map_fd = lade_map_get(loaded.context, "typed/numbers", NULL);
	assert_int_equal(lade_live_program_describe(loaded.context, map_fd, &info, &error), -EINVAL);
	assert_string_equal(finding_of(error).code, "program.open");
	lade_error_free(error);
	(void)close(map_fd);
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
		cmocka_unit_test(mode_of_a_pin_decides_who_opens_it_how),
		cmocka_unit_test(directory_that_lets_nobody_through_is_named),
		cmocka_unit_test(program_pin_that_may_only_be_read_is_enough),
		cmocka_unit_test(program_of_another_type_is_refused_by_name),
	};
	return cmocka_run_group_tests_name("map/service", tests, setup, NULL);
}
