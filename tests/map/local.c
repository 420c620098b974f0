/* SPDX-License-Identifier: BSD-2-Clause */
/* Elements whose keys or values are opened: storage of tasks, cgroups, files and sockets; maps of sockets, programs. */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "harness/cgroups.h"
#include "map/maps.h"

/* Of an object with this program; NULL: the kernel has no such storage. */
static struct lade_live_map *open_storage(struct loaded *loaded, const char *program, const char *name)
{
	load_only(loaded->object, program);
	if (lade_object_load(loaded->object, NULL, &loaded->instance, &loaded->error) < 0) {
		(void)fprintf(stderr, "%s\n", lade_error_message(loaded->error));
		return NULL;
	}
	struct lade_live_map *map = NULL;
	assert_int_equal(lade_instance_open_map(loaded->instance, name, &map, NULL), 0);
	return map;
}

static void must_be_refused(int result, int wanted, const char *code, struct lade_error **error)
{
	assert_int_equal(result, wanted);
	assert_string_equal(finding_of(*error).code, code);
	*error = lade_error_free(*error);
}

/* Set, got and deleted by text; each time a program that reads it says what it found. */
static void must_serve(struct loaded *loaded, struct lade_live_map *map, const char *key,
		       uint32_t (*run)(const struct lade_instance *instance))
{
	uint32_t note[2] = { 0 };
	struct lade_error *error = NULL;
	size_t descriptors = fd_count();
	assert_int_equal(run(loaded->instance), 0);
	must_be_refused(lade_map_lookup_text(map, key, note, &error), -ENOENT, "map.key.absent", &error);
	must_set(map, key, "number=42", LADE_ALL_CPUS);
	assert_int_equal(run(loaded->instance), 42);
	assert_int_equal(lade_map_lookup_text(map, key, note, NULL), 0);
	assert_int_equal(note[0], 42);
	assert_int_equal(note[1], 1); /* the program wrote it */
	must_set(map, key, "{\"number\":7}", LADE_ALL_CPUS);
	assert_int_equal(run(loaded->instance), 7);
	assert_int_equal(lade_map_delete_text(map, key, NULL), 0);
	assert_int_equal(run(loaded->instance), 0);
	int result = lade_map_delete_text(map, key, &error);
	assert_non_null(strstr(finding_of(error).evidence[0], key));
	must_be_refused(result, -ENOENT, "map.key.absent", &error);
	assert_int_equal(fd_count(), descriptors);
}

static void must_refuse_keys(struct lade_live_map *map, const char *const *keys)
{
	uint32_t note[2], bytes = 0;
	for (; *keys; keys++) {
		struct lade_error *error = NULL;
		int result = lade_map_lookup_text(map, *keys, note, &error);
		assert_true(result < 0);
		must_be_refused(result, result, "map.target", &error);
	}
	struct lade_error *error = NULL;
	char self[32];
	(void)snprintf(self, sizeof self, "pid:%d", getpid());
	if (map->kind->key == KEY_TASK) /* a number of a descriptor that is closed again would be a lie */
		must_be_refused(lade_map_read_key(map, self, &bytes, &error), -EOPNOTSUPP, "map.options", &error);
}

static uint32_t run_as_task(const struct lade_instance *instance)
{
	return must_run(instance, "task");
}

static void task_storage_is_set_got_and_deleted_by_process(void **state)
{
	(void)state;
	need_live();
	static const char *const wrong[] = { "pid:0x", "pid:4194305", "1", "file:/", "pid:-1", NULL };
	struct loaded loaded = loaded_open(NULL, "map_storage.bpf.o");
	struct lade_live_map *map = open_storage(&loaded, "task", "of_tasks");
	if (map) {
		char key[32];
		(void)snprintf(key, sizeof key, "pid:%d", getpid());
		must_serve(&loaded, map, key, run_as_task);
		must_refuse_keys(map, wrong);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
	if (!map)
		skip();
}

static struct test_cgroup cgroup;

static int run_in_it(void *data)
{
	return (int)must_run(data, "cgroup");
}

static uint32_t run_in_cgroup(const struct lade_instance *instance)
{
	return (uint32_t)in_cgroup(&cgroup, run_in_it, (void *)instance);
}

static void cgroup_storage_is_set_got_and_deleted_by_directory(void **state)
{
	(void)state;
	need_live();
	static const char *const wrong[] = { "cgroup:/nowhere", "cgroup:/etc/passwd", "/", NULL };
	struct loaded loaded = loaded_open(NULL, "map_cgroups.bpf.o");
	struct lade_live_map *map = open_storage(&loaded, "cgroup", "of_cgroups");
	bool is_there = map && cgroup_make(&cgroup);
	if (is_there) {
		char key[600];
		(void)snprintf(key, sizeof key, "cgroup:%s", cgroup.path);
		must_serve(&loaded, map, key, run_in_cgroup);
		must_refuse_keys(map, wrong);
		cgroup_remove(&cgroup);
	}
	if (map)
		lade_map_close(map);
	assert_leaves_nothing(&loaded);
	if (!is_there)
		skip();
}

/* ---- without a program ---- */

/* Such maps need types of key and value: those of the object's map. */
static struct lade_live_map *make_storage(struct loaded *loaded, uint32_t type)
{
	struct lade_live_map *model = open_storage(loaded, "task", "of_tasks");
	if (!model)
		return NULL;
	int btf = bpf_btf_get_fd_by_id(model->info.btf_id);
	struct attr_map_create attr = { .map_type = type,
					.key_size = 4,
					.value_size = 8,
					.map_flags = BPF_F_NO_PREALLOC,
					.btf_fd = (uint32_t)btf,
					.btf_key_type_id = model->info.btf_key_type_id,
					.btf_value_type_id = model->info.btf_value_type_id };
	struct found found = { .fd = lade_bpf_map_create(model->kernel, &attr) };
	(void)close(btf);
	lade_map_close(model);
	if (found.fd < 0)
		return NULL;
	struct lade_live_map *map = NULL;
	assert_int_equal(lade_map_from_found(loaded->context, &found, LADE_MAP_READ_WRITE, &map, NULL), 0);
	return map;
}

/* -EBADF: the kernel has such maps, but no room for them in files (lsm= without bpf). */
static bool keeps(struct lade_live_map *map, const char *key)
{
	uint32_t note[2] = { 0 };
	struct lade_error *error = NULL;
	int result = lade_map_set(map, key, "number=9", LADE_ALL_CPUS, &error);
	error = lade_error_free(error);
	if (result == -EBADF)
		return false;
	assert_int_equal(result, 0);
	assert_int_equal(lade_map_lookup_text(map, key, note, NULL), 0);
	assert_int_equal(note[0], 9);
	assert_int_equal(lade_map_delete_text(map, key, NULL), 0);
	must_be_refused(lade_map_lookup_text(map, key, note, &error), -ENOENT, "map.key.absent", &error);
	return true;
}

static void inode_storage_is_set_got_and_deleted_by_path(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_storage.bpf.o");
	struct lade_live_map *map = make_storage(&loaded, BPF_MAP_TYPE_INODE_STORAGE);
	bool is_kept = map && keeps(map, "file:/proc/self/exe");
	if (map)
		lade_map_close(map);
	assert_leaves_nothing(&loaded);
	if (is_kept)
		return;
	(void)fputs("this kernel keeps nothing with files (lsm=bpf)\n", stderr);
	skip();
}

static void socket_storage_is_set_got_and_deleted_by_descriptor(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_storage.bpf.o");
	struct lade_live_map *map = make_storage(&loaded, BPF_MAP_TYPE_SK_STORAGE);
	if (map) {
		char key[64];
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		(void)snprintf(key, sizeof key, "pid:%d:%d", getpid(), fd);
		assert_true(keeps(map, key));
		(void)snprintf(key, sizeof key, "fd:%d", fd);
		assert_true(keeps(map, key));
		(void)close(fd);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
	if (!map)
		skip();
}

/* ---- sockets ---- */

static uint64_t cookie_of(int socket)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof cookie;
	assert_int_equal(getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size), 0);
	return cookie;
}

static int listener(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (void *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int add_entry(void *userdata, const void *key, const void *value)
{
	uint64_t *cookies = userdata;
	uint32_t number;
	memcpy(&number, key, sizeof number);
	assert_true(number < 4);
	assert_non_null(value);
	memcpy(&cookies[number], value, sizeof *cookies);
	return 0;
}

static void sockets_in_maps_are_shown_by_their_cookies(void **state)
{
	(void)state;
	need_live();
	static const uint32_t types[] = { BPF_MAP_TYPE_SOCKMAP, BPF_MAP_TYPE_SOCKHASH };
	struct loaded loaded = only_context();
	for (size_t i = 0; i < ELEMENTS(types); i++) {
		struct lade_live_map *map = make_map(&loaded, types[i], 4, 8, 4);
		assert_non_null(map);
		int fd = listener();
		char text[64], *shown = NULL;
		(void)snprintf(text, sizeof text, "pid:%d:%d", getpid(), fd);
		must_set(map, "1", text, LADE_ALL_CPUS);
		(void)snprintf(text, sizeof text, "fd:%d", fd);
		must_set(map, "2", text, LADE_ALL_CPUS);
		uint64_t value = 0, cookies[4] = { 0 };
		assert_int_equal(lade_map_lookup_text(map, "1", &value, NULL), 0);
		assert_true(value == cookie_of(fd));
		assert_int_equal(lade_map_print_value(map, &value, LADE_ALL_CPUS, LADE_MAP_TEXT, &shown), 0);
		assert_true(strtoull(shown, NULL, 10) == value);
		free(shown);
		assert_int_equal(lade_map_iterate(map, NULL, add_entry, cookies, NULL), 2);
		assert_true(cookies[1] == value && cookies[2] == value);
		assert_int_equal(lade_map_delete_text(map, "1", NULL), 0);
		assert_int_equal(lade_map_iterate(map, NULL, add_entry, cookies, NULL), 1);
		(void)close(fd); /* which takes it out of the map */
		assert_int_equal(lade_map_iterate(map, NULL, add_entry, cookies, NULL), 0);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
}

static int count_unreadable(void *userdata, const void *key, const void *value)
{
	(void)key;
	assert_null(value);
	++*(int *)userdata;
	return 0;
}

static void sockets_whose_values_are_too_small_come_without_them(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_SOCKMAP, 4, 4, 4);
	int fd = listener(), count = 0;
	char text[64];
	(void)snprintf(text, sizeof text, "fd:%d", fd);
	must_set(map, "3", text, LADE_ALL_CPUS);
	uint64_t value = 0;
	struct lade_error *error = NULL;
	must_be_refused(lade_map_lookup_text(map, "3", &value, &error), -ENOSPC, "map.no-values", &error);
	assert_true(lade_map_iterate(map, NULL, count_unreadable, &count, NULL) > 0);
	assert_true(count > 0);
	(void)close(fd);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* ---- many that are opened ---- */

static void import_needs_few_descriptors(void **state)
{
	(void)state;
	need_live();
	enum { MANY = 600, FEW = 256 };
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "few");
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, MANY);
	char *json = NULL;
	size_t length = 0, done = 0;
	FILE *file = open_memstream(&json, &length);
	for (int i = 0; i < MANY; i++)
		(void)fprintf(file, "{\"key\":%d,\"value\":\"few/drop\"}\n", i);
	assert_int_equal(fclose(file), 0);
	struct rlimit before, small;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	small = (struct rlimit){ FEW, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
	struct lade_error *error = NULL;
	int result = lade_map_import(map, json, length, 0, &done, &error);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	if (result < 0)
		fail_msg("after %zu: %s", done, lade_error_message(error));
	assert_int_equal(done, MANY);
	free(json);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(task_storage_is_set_got_and_deleted_by_process),
		cmocka_unit_test(cgroup_storage_is_set_got_and_deleted_by_directory),
		cmocka_unit_test(inode_storage_is_set_got_and_deleted_by_path),
		cmocka_unit_test(socket_storage_is_set_got_and_deleted_by_descriptor),
		cmocka_unit_test(sockets_in_maps_are_shown_by_their_cookies),
		cmocka_unit_test(sockets_whose_values_are_too_small_come_without_them),
		cmocka_unit_test(import_needs_few_descriptors),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
