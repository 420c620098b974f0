/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of the running kernel: named, read and set by kind, listed, filled in bulk. */
#include "map/maps.h"

/* ---- naming ---- */

static void maps_are_found_by_pin_id_name_and_descriptor(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "naming");
	struct lade_live_map *map = must_open(&loaded, "naming/numbers");
	struct lade_live_map_info info = { .size = sizeof info }, other = { .size = sizeof other };
	assert_int_equal(lade_live_map_describe(map, &info), 0);
	assert_string_equal(info.type_name, "array");
	assert_string_equal(info.value_type, "__s64");
	char id[32], fd[32];
	(void)snprintf(id, sizeof id, "id:%u", info.id);
	(void)snprintf(fd, sizeof fd, "fd:%d", info.fd);
	const char *const names[] = { id, id + 3, fd, LIVE_BPFFS "/lade/naming/maps/numbers",
				      "lade/naming/maps/numbers" };
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct lade_live_map *again = must_open(&loaded, names[i]);
		assert_int_equal(lade_live_map_describe(again, &other), 0);
		assert_int_equal(other.id, info.id);
		lade_map_close(again);
	}
	lade_map_close(map);
	assert_int_equal(lade_instance_open_map(loaded.instance, "numbers", &map, NULL), 0);
	lade_map_close(map);
	static const char *const wrong[] = { "naming/nothing",
					     "nothing/numbers",
					     "id:4294967295",
					     "fd:1",
					     "id:x",
					     "nothing_at_all",
					     LIVE_BPFFS "/lade/naming/progs/drop",
					     "/etc/passwd" };
	for (size_t i = 0; i < ELEMENTS(wrong); i++) {
		struct lade_error *error = NULL;
		assert_true(lade_map_open(loaded.context, wrong[i], NULL, &map, &error) < 0);
		assert_int_equal(lade_error_finding_count(error), 1);
		lade_error_free(error);
	}
	assert_leaves_nothing(&loaded);
}

static void access_modes_are_kept(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "modes");
	struct lade_map_open_opts opts = { .size = sizeof opts, .access = LADE_MAP_READ };
	struct lade_live_map *map = NULL;
	struct lade_error *error = NULL;
	uint32_t key = 1;
	int64_t value = 0;
	assert_int_equal(lade_map_open(loaded.context, "modes/numbers", &opts, &map, NULL), 0);
	assert_int_equal(lade_map_lookup(map, &key, &value, NULL), 0);
	assert_int_equal(lade_map_update(map, &key, &value, 0, &error), -EPERM);
	assert_string_equal(finding_of(error).code, "map.access");
	lade_error_free(error);
	error = NULL;
	lade_map_close(map);
	opts.access = LADE_MAP_WRITE;
	assert_int_equal(lade_map_open(loaded.context, "modes/numbers", &opts, &map, NULL), 0);
	assert_int_equal(lade_map_update(map, &key, &value, 0, NULL), 0);
	assert_int_equal(lade_map_lookup(map, &key, &value, &error), -EPERM);
	assert_string_equal(finding_of(error).code, "map.access");
	lade_error_free(error);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* ---- kinds ---- */

static void values_of_one_cpu_leave_the_others(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "cpus");
	struct lade_live_map *map = must_open(&loaded, "cpus/per_cpu_hash");
	struct lade_live_map_info info = { .size = sizeof info };
	(void)lade_live_map_describe(map, &info);
	must_set(map, "3", "7", LADE_ALL_CPUS);
	must_set(map, "3", "9", 0);
	must_show(map, "3", 0, "9");
	if (info.cpus > 1)
		must_show(map, "3", 1, "7");
	must_set(map, "4", "1", (int)info.cpus - 1); /* a new element: zero elsewhere */
	must_show(map, "4", (int)info.cpus - 1, "1");
	if (info.cpus > 1)
		must_show(map, "4", 0, "0");
	struct lade_error *error = NULL;
	assert_int_equal(lade_map_set(map, "3", "1", (int)info.cpus, &error), -ERANGE);
	assert_string_equal(finding_of(error).code, "map.cpu");
	lade_error_free(error);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

static void queues_and_stacks_push_peek_and_pop(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "lines");
	static const struct {
		const char *name;
		uint32_t first;
	} kinds[] = { { "lines/line", 1 }, { "lines/pile", 3 } };
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		struct lade_live_map *map = must_open(&loaded, kinds[i].name);
		uint32_t value = 0, key = 0;
		struct lade_error *error = NULL;
		for (uint32_t pushed = 1; pushed <= 3; pushed++)
			assert_int_equal(lade_map_push(map, &pushed, NULL), 0);
		assert_int_equal(lade_map_push(map, &value, &error), -E2BIG);
		assert_string_equal(finding_of(error).code, "map.full");
		error = lade_error_free(error);
		assert_int_equal(lade_map_peek(map, &value, NULL), 0);
		assert_int_equal(value, kinds[i].first);
		for (int popped = 0; popped < 3; popped++)
			assert_int_equal(lade_map_pop(map, &value, NULL), 0);
		assert_int_equal(lade_map_pop(map, &value, &error), -ENOENT);
		assert_string_equal(finding_of(error).code, "map.empty");
		error = lade_error_free(error);
		assert_int_equal(lade_map_lookup(map, &key, &value, &error), -EINVAL);
		assert_string_equal(finding_of(error).code, "map.no-keys");
		lade_error_free(error);
		lade_map_close(map);
	}
	assert_leaves_nothing(&loaded);
}

static void bloom_filters_are_asked(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 1000);
	if (!map) {
		assert_leaves_nothing(&loaded);
		(void)fputs("this kernel has no bloom filters (since 5.16)\n", stderr);
		skip();
	}
	uint64_t in = 5, out = 6;
	struct lade_error *error = NULL;
	assert_int_equal(lade_map_push(map, &in, NULL), 0);
	assert_int_equal(lade_map_peek(map, &in, NULL), 0);
	assert_int_equal(lade_map_peek(map, &out, &error), -ENOENT);
	assert_string_equal(finding_of(error).code, "map.value.absent");
	lade_error_free(error);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

static void slots_take_programs_and_maps_by_name(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "slots");
	struct lade_live_map *map = must_open(&loaded, "slots/calls");
	int jump = lade_program_get(loaded.context, "slots/jump", NULL);
	assert_true(jump >= 0);
	assert_int_equal(must_run_packet(jump), 2); /* XDP_PASS: the slot is empty */
	must_set(map, "1", "drop", LADE_ALL_CPUS);
	assert_int_equal(must_run_packet(jump), 1);
	must_set(map, "1", "slots/bounce", LADE_ALL_CPUS);
	assert_int_equal(must_run_packet(jump), 3);
	must_set(map, "1", LIVE_BPFFS "/lade/slots/progs/drop", LADE_ALL_CPUS);
	assert_int_equal(must_run_packet(jump), 1);
	uint32_t key = 1, value;
	char *text = NULL;
	assert_int_equal(lade_map_lookup(map, &key, &value, NULL), 0);
	assert_int_equal(lade_map_print_value(map, &value, LADE_ALL_CPUS, LADE_MAP_JSON, &text), 0);
	assert_non_null(strstr(text, "\"name\":\"drop\""));
	must_set(map, "2", text, LADE_ALL_CPUS); /* what was printed */
	free(text);
	struct lade_error *error = NULL;
	assert_int_equal(lade_map_set(map, "3", "shot", LADE_ALL_CPUS, &error), -EINVAL); /* of another type */
	assert_non_null(strstr(finding_of(error).evidence[1], "xdp"));
	error = lade_error_free(error);
	assert_int_equal(lade_map_set(map, "3", "nothing", LADE_ALL_CPUS, &error), -ENOENT);
	error = lade_error_free(error);
	close(jump);
	lade_map_close(map);
	map = must_open(&loaded, "slots/outer");
	must_set(map, "7", "second_inner", LADE_ALL_CPUS);
	key = 7;
	assert_int_equal(lade_map_lookup(map, &key, &value, NULL), 0);
	struct lade_live_map *inner = must_open(&loaded, "slots/second_inner");
	assert_int_equal(value, inner->info.id);
	lade_map_close(inner);
	assert_int_equal(lade_map_set(map, "8", "numbers", LADE_ALL_CPUS, &error), -EINVAL);
	lade_error_free(error);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

static void prefixes_are_written_as_addresses(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "prefixes");
	struct lade_live_map *map = must_open(&loaded, "prefixes/routes");
	must_set(map, "10.0.0.0/8", "1", LADE_ALL_CPUS);
	must_set(map, "\"10.1.0.0/16\"", "2", LADE_ALL_CPUS);
	must_set(map, "prefixlen=0 address=0", "3", LADE_ALL_CPUS);
	must_show(map, "10.2.3.4/32", LADE_ALL_CPUS, "1");
	must_show(map, "10.1.3.4", LADE_ALL_CPUS, "2");
	must_show(map, "8.8.8.8/32", LADE_ALL_CPUS, "3");
	const uint8_t key[8] = { 16, 0, 0, 0, 10, 1, 0, 0 };
	char *text = NULL;
	assert_int_equal(lade_map_print_key(map, key, LADE_MAP_TEXT, &text), 0);
	assert_string_equal(text, "10.1.0.0/16");
	free(text);
	static const char *const wrong[] = { "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "::1/8" };
	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		assert_true(lade_map_set(map, wrong[i], "1", LADE_ALL_CPUS, NULL) < 0);
	lade_map_close(map);
	map = make_map(&loaded, BPF_MAP_TYPE_LPM_TRIE, 20, 4, 4); /* without BTF: by size */
	must_set(map, "fd00::/8", "4", LADE_ALL_CPUS);
	must_show(map, "fd00::1", LADE_ALL_CPUS, "4");
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

static void frozen_maps_say_so(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "ice");
	struct lade_live_map *map = must_open(&loaded, "ice/.rodata");
	struct lade_error *error = NULL;
	must_show(map, "0", LADE_ALL_CPUS, "{\"limit\":3}");
	assert_int_equal(lade_map_set(map, "0", "limit=4", LADE_ALL_CPUS, &error), -EPERM);
	assert_string_equal(finding_of(error).code, "map.frozen");
	lade_error_free(error);
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* ---- in bulk ---- */

static void import_takes_documents_lists_and_entries(void **state)
{
	(void)state;
	need_live();
	static const struct {
		const char *json;
		size_t done;
		bool fails;
	} texts[] = {
		{ "{\"schema\":\"lade/"
		  "1\",\"map\":{\"name\":\"x\"},\"entries\":[{\"key\":1,\"value\":2},{\"key\":2,\"value\":3}],"
		  "\"ok\":true}",
		  2, false },
		{ "[{\"value\":\"7\",\"key\":\"3\"}]", 1, false },
		{ "{\"key\":4,\"value\":1}\n{\"key\":5,\"value\":1}\n", 2, false },
		{ "", 0, false },
		{ "[{\"key\":6,\"value\":1},{\"key\":7}]", 1, true },
		{ "[{\"key\":6,\"value\":1},{\"key\":\"x\",\"value\":1}]", 1, true },
		{ "[{\"key\":6,\"value\":1}", 1, true },
		{ "[1]", 0, true },
		{ "{\"entries\":[{\"key\":{}}]}", 0, true },
		{ "]", 0, true },
	};
	struct loaded loaded = only_context();
	struct lade_live_map *map = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 100);
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		size_t done = 99;
		struct lade_error *error = NULL;
		int result = lade_map_import(map, texts[i].json, strlen(texts[i].json), 0, &done, &error);
		if ((result < 0) != texts[i].fails || done != texts[i].done || (result < 0) != (error != NULL))
			fail_msg("%s: %d, %zu done, %s", texts[i].json, result, done,
				 error ? lade_error_message(error) : "");
		lade_error_free(error);
	}
	must_show(map, "3", LADE_ALL_CPUS, "7");
	lade_map_close(map);
	assert_leaves_nothing(&loaded);
}

/* ---- the list ---- */

static void list_says_who_uses_what(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "listed");
	struct lade_map_list *list = NULL;
	assert_int_equal(lade_map_list_read(loaded.context, "listed", &list, NULL), 0);
	assert_int_equal(lade_map_list_count(list), lade_instance_map_count(loaded.instance));
	bool found = false;
	for (size_t i = 0; i < lade_map_list_count(list); i++) {
		struct lade_map_list_entry entry = { .size = sizeof entry };
		assert_int_equal(lade_map_list_entry(list, i, &entry), 0);
		assert_int_equal(entry.pin_count, 1);
		if (strcmp(entry.name, "calls") != 0)
			continue;
		found = true;
		struct lade_map_user user = { .size = sizeof user };
		assert_int_equal(lade_map_list_user(list, i, 0, &user), 0);
		assert_string_equal(user.name, "listed");
		assert_int_equal(lade_map_list_user(list, i, 1, &user), 0);
		assert_int_equal(user.kind, LADE_USED_BY_PROGRAM);
		assert_string_equal(user.name, "jump");
		assert_string_equal(lade_map_list_pin(list, i, 0), LIVE_BPFFS "/lade/listed/maps/calls");
	}
	assert_true(found);
	lade_map_list_free(list);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_found_by_pin_id_name_and_descriptor),
		cmocka_unit_test(access_modes_are_kept),
		cmocka_unit_test(values_of_one_cpu_leave_the_others),
		cmocka_unit_test(queues_and_stacks_push_peek_and_pop),
		cmocka_unit_test(bloom_filters_are_asked),
		cmocka_unit_test(slots_take_programs_and_maps_by_name),
		cmocka_unit_test(prefixes_are_written_as_addresses),
		cmocka_unit_test(frozen_maps_say_so),
		cmocka_unit_test(import_takes_documents_lists_and_entries),
		cmocka_unit_test(list_says_who_uses_what),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
