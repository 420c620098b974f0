/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories and pins that transactions make: how they are named, who owns them, what an unload takes away. */
#include "fixture.h"

static bool tree_has(const char *text)
{
	char *tree = pin_tree(LIVE_BPFFS);
	bool found = strstr(tree, text) != NULL;
	free(tree);
	return found;
}

static void commit_renames_the_directory_and_unload_removes_everything(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = fixture_context(NULL);
	struct lade_error *error = NULL;
	assert_int_equal(fixture_load(context, "demo", &error), 0);
	static const char *const expected[] = {
		"lade/demo/journal/0000 -> object name=demo file=demo.o lade=",
		"lade/demo/journal/0001 -> name kind=map pin=maps/_rodata name=.rodata\n",
		"lade/demo/journal/0002 -> dir path=/sys/fs/bpf/tc\n",
		"lade/demo/journal/0004 -> pin path=/sys/fs/bpf/tc/globals/calls map-id=",
		"lade/demo/journal/0005 -> name kind=link pin=links/prog/0 name=0 owner=prog detail=sched/x\n",
		"lade/demo/links/prog/0\n",
		"lade/demo/maps/_rodata\n",
		"lade/demo/maps/counts\n",
		"tc/globals/calls\n",
	};
	for (size_t i = 0; i < ELEMENTS(expected); i++)
		assert_true(tree_has(expected[i]));
	assert_false(tree_has("~"));
	assert_int_equal(lade_state_unload(context, "demo", &error), 0);
	lade_context_free(context);
	assert_nothing_left(&before);
}

static void second_load_of_a_name_is_refused_and_says_how_to_go_on(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = fixture_context(NULL);
	struct lade_error *error = NULL;
	assert_int_equal(fixture_load(context, "demo", NULL), 0);
	assert_null(fixture_begin(context, "demo"));
	assert_int_equal(fixture_load(context, "demo", &error), -EEXIST);
	assert_code(error, "pin.name-taken");
	assert_int_equal(lade_error_exit_code(error), 6);
	struct lade_finding_info info = { .size = sizeof info };
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_non_null(strstr(info.fix, "--name"));
	assert_non_null(strstr(info.fix, "--replace"));
	assert_non_null(strstr(info.fix, "lade unload demo"));
	lade_error_free(error);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	lade_context_free(context);
	assert_nothing_left(&before);
}

/* One makes the shared pin, the other uses it; unload of the first hands it over. */
static void shared_pin_goes_to_the_instance_that_still_uses_it(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	const char *path = LIVE_BPFFS "/tc/globals/calls";
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = fixture_context(NULL);
	struct kernel *kernel = fixture_kernel(context);
	assert_int_equal(fixture_load(context, "first", NULL), 0);
	int map = lade_bpf_obj_get(kernel, path);
	struct txn *txn = fixture_begin(context, "second");
	assert_non_null(txn);
	assert_int_equal(lade_txn_pin_shared(txn, map, fixture_map_id(kernel, map), "calls", path, NULL), -EEXIST);
	assert_int_equal(lade_txn_use_shared(txn, fixture_map_id(kernel, map), "calls", path, NULL), 0);
	assert_int_equal(lade_txn_commit(txn, NULL), 0);
	lade_txn_end(txn);
	(void)close(map);
	assert_int_equal(lade_state_unload(context, "first", NULL), 0);
	assert_true(tree_has("tc/globals/calls\n"));
	struct lade_state *read = NULL;
	struct lade_pin_info pin = { .size = sizeof pin };
	assert_int_equal(lade_state_read(context, "second", &read, NULL), 0);
	assert_int_equal(lade_state_pin_count(read, 0), 1);
	assert_int_equal(lade_state_pin(read, 0, 0, &pin), 0);
	assert_true(pin.shared && pin.created);
	assert_string_equal(pin.type_name, "array");
	lade_state_free(read);
	assert_int_equal(lade_state_unload(context, "second", NULL), 0);
	lade_context_free(context);
	assert_nothing_left(&before);
}

static void pin_that_another_map_took_over_is_left_alone(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	const char *path = LIVE_BPFFS "/tc/globals/calls";
	struct lade_context *context = fixture_context(NULL);
	struct kernel *kernel = fixture_kernel(context);
	assert_int_equal(fixture_load(context, "demo", NULL), 0);
	int other = fixture_map(kernel);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lade_bpf_obj_pin(kernel, other, path), 0);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	assert_true(tree_has("tc/globals/calls\n"));
	assert_false(tree_has("lade"));
	(void)close(other);
	lade_context_free(context);
}

static void use_of_a_pin_that_vanished_is_an_error(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = fixture_context(NULL);
	struct lade_error *error = NULL;
	struct txn *txn = fixture_begin(context, "demo");
	assert_int_equal(lade_txn_use_shared(txn, 1, "calls", LIVE_BPFFS "/gone", &error), -ESTALE);
	assert_code(error, "pin.vanished");
	lade_error_free(error);
	lade_txn_end(txn);
	lade_context_free(context);
	assert_nothing_left(&before);
}

static void unnamed_transaction_has_a_directory_only_for_shared_pins(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = fixture_context(NULL);
	struct kernel *kernel = fixture_kernel(context);
	const struct txn_options options = { .name = "demo" };
	struct txn *txn = NULL;
	int map = fixture_map(kernel);
	uint32_t id = fixture_map_id(kernel, map);
	assert_int_equal(lade_txn_begin(context, &options, &txn, NULL), 0);
	assert_int_equal(lade_txn_pin(txn, TXN_PIN_MAP, map, "m", NULL, NULL, NULL), 0);
	assert_null(lade_txn_directory(txn));
	assert_null(lade_txn_pin_path(txn, TXN_PIN_MAP, "m"));
	assert_int_equal(lade_txn_pin_shared(txn, map, id, "m", LIVE_BPFFS "/shared", NULL), 0);
	assert_non_null(lade_txn_directory(txn));
	assert_int_equal(lade_txn_commit(txn, NULL), 0);
	assert_true(tree_has("lade/demo~run-"));
	/* neither waits for it nor takes it for its own */
	assert_int_equal(fixture_load(context, "demo", NULL), 0);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	assert_int_equal(lade_txn_dissolve(txn, NULL), 0);
	lade_txn_end(txn);
	(void)close(map);
	lade_context_free(context);
	assert_nothing_left(&before);
}

static void pin_directory_elsewhere_is_found_by_name_and_by_path(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	static const char *const spellings[] = { "demo", "deep/er/place", LIVE_BPFFS "/deep/er/place/" };
	for (size_t i = 0; i < ELEMENTS(spellings); i++) {
		struct live_before before = live_before(LIVE_BPFFS);
		struct lade_context *context = fixture_context(NULL);
		const struct txn_options options = { .name = "demo", .pin_dir = "deep/er/place", .named = true };
		struct txn *txn = NULL;
		int map = fixture_map(fixture_kernel(context));
		assert_int_equal(lade_txn_begin(context, &options, &txn, NULL), 0);
		assert_int_equal(lade_txn_pin(txn, TXN_PIN_MAP, map, "m", NULL, NULL, NULL), 0);
		assert_string_equal(lade_txn_pin_path(txn, TXN_PIN_MAP, "m"), LIVE_BPFFS "/deep/er/place/maps/m");
		assert_int_equal(lade_txn_commit(txn, NULL), 0);
		assert_string_equal(lade_txn_directory(txn), LIVE_BPFFS "/deep/er/place");
		lade_txn_end(txn);
		(void)close(map);
		assert_true(tree_has("deep/er/place/maps/m"));
		assert_int_equal(lade_state_unload(context, spellings[i], NULL), 0);
		lade_context_free(context);
		assert_nothing_left(&before);
	}
}

static void hostile_pin_directories_are_refused(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	static const char *const hostile[] = { "..", "../../etc", "a/../b", "a//b", "lade", "x~1-2", "", "a.b", "/" };
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = fixture_context(NULL);
	for (size_t i = 0; i < ELEMENTS(hostile); i++) {
		const struct txn_options options = { .name = "demo", .pin_dir = hostile[i], .named = true };
		struct lade_error *error = NULL;
		struct txn *txn = NULL;
		assert_int_equal(lade_txn_begin(context, &options, &txn, &error), -EINVAL);
		assert_code(error, "pin.directory-name");
		lade_error_free(error);
	}
	lade_context_free(context);
	assert_nothing_left(&before);
}

static void hostile_object_names_become_safe_directories(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	static const char *const names[] = { "../../etc/passwd", "a b", "x~1-2", ".", "..", "", "\xff\xfe", "a/b" };
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = fixture_context(NULL);
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct lade_error *error = NULL;
		assert_int_equal(fixture_load(context, names[i], &error), 0);
		assert_false(tree_has("~"));
		struct lade_state *read = NULL;
		struct lade_state_entry entry = { .size = sizeof entry };
		assert_int_equal(lade_state_read(context, NULL, &read, NULL), 0);
		assert_int_equal(lade_state_entry(read, 0, &entry), 0);
		assert_string_equal(entry.name, names[i]);
		assert_int_equal(lade_state_unload(context, entry.directory, NULL), 0);
		lade_state_free(read);
	}
	lade_context_free(context);
	assert_nothing_left(&before);
}

static void names_that_become_equal_are_numbered(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = fixture_context(NULL);
	int map = fixture_map(fixture_kernel(context));
	struct txn *txn = fixture_begin(context, "demo");
	static const char *const names[] = { "a.b", "a b", "a_b", "a_b_2" };
	for (size_t i = 0; i < ELEMENTS(names); i++)
		assert_int_equal(lade_txn_pin(txn, TXN_PIN_MAP, map, names[i], NULL, NULL, NULL), 0);
	assert_int_equal(lade_txn_commit(txn, NULL), 0);
	assert_string_equal(lade_txn_pin_path(txn, TXN_PIN_MAP, "a b"), LIVE_BPFFS "/lade/demo/maps/a_b_2");
	assert_string_equal(lade_txn_pin_path(txn, TXN_PIN_MAP, "a_b"), LIVE_BPFFS "/lade/demo/maps/a_b_3");
	assert_string_equal(lade_txn_pin_path(txn, TXN_PIN_MAP, "a_b_2"), LIVE_BPFFS "/lade/demo/maps/a_b_2_2");
	/* after commit a pin goes into the final directory */
	assert_int_equal(lade_txn_pin(txn, TXN_PIN_LINK, map, NULL, "late", "lo", NULL), 0);
	assert_true(tree_has("lade/demo/links/late/0\n"));
	lade_txn_end(txn);
	struct lade_state *read = NULL;
	assert_int_equal(lade_state_read(context, "demo", &read, NULL), 0);
	assert_int_equal(lade_state_pin_count(read, 0), 5);
	struct lade_pin_info pin = { .size = sizeof pin };
	assert_int_equal(lade_state_pin(read, 0, 0, &pin), 0);
	assert_string_equal(pin.name, "a.b");
	assert_int_equal(lade_state_pin(read, 0, 4, &pin), 0);
	assert_string_equal(pin.detail, "late lo");
	lade_state_free(read);
	(void)close(map);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	lade_context_free(context);
	assert_nothing_left(&before);
}

static void second_unload_finds_nothing(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = fixture_context(NULL);
	struct lade_error *error = NULL;
	assert_int_equal(fixture_load(context, "demo", NULL), 0);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	assert_int_equal(lade_state_unload(context, "demo", &error), -ENOENT);
	assert_code(error, "state.not-found");
	lade_error_free(error);
	lade_context_free(context);
}

static void directory_without_a_journal_is_not_removed(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = fixture_context(NULL);
	struct lade_error *error = NULL;
	assert_int_equal(mkdir(LIVE_BPFFS "/lade", 0700), 0);
	assert_int_equal(mkdir(LIVE_BPFFS "/lade/mine", 0700), 0);
	assert_int_equal(mkdir(LIVE_BPFFS "/lade/mine/maps", 0700), 0);
	assert_int_equal(lade_state_unload(context, "lade/mine", &error), -EINVAL);
	assert_code(error, "state.not-lade");
	lade_error_free(error);
	error = NULL;
	assert_int_equal(lade_state_unload(context, LIVE_BPFFS "/lade/mine", &error), -EINVAL);
	lade_error_free(error);
	assert_int_equal(lade_state_unload(context, "..", NULL), -ENOENT);
	assert_int_equal(lade_state_unload(context, LIVE_BPFFS "/../bpf/lade/mine", NULL), -ENOENT);
	assert_int_equal(lade_state_unload(context, NULL, NULL), -EINVAL);
	assert_true(tree_has("lade/mine/maps/"));
	lade_context_free(context);
}

static void something_foreign_inside_stops_the_unload_before_it_begins(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = fixture_context(NULL);
	struct lade_error *error = NULL;
	assert_int_equal(fixture_load(context, "demo", NULL), 0);
	assert_int_equal(mkdir(LIVE_BPFFS "/lade/demo/mine", 0700), 0);
	assert_int_equal(lade_state_unload(context, "demo", &error), -ENOTEMPTY);
	assert_code(error, "state.foreign");
	lade_error_free(error);
	assert_true(tree_has("lade/demo/maps/counts\n"));
	assert_int_equal(rmdir(LIVE_BPFFS "/lade/demo/mine"), 0);
	assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
	lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commit_renames_the_directory_and_unload_removes_everything),
		cmocka_unit_test(second_load_of_a_name_is_refused_and_says_how_to_go_on),
		cmocka_unit_test(shared_pin_goes_to_the_instance_that_still_uses_it),
		cmocka_unit_test(pin_that_another_map_took_over_is_left_alone),
		cmocka_unit_test(use_of_a_pin_that_vanished_is_an_error),
		cmocka_unit_test(unnamed_transaction_has_a_directory_only_for_shared_pins),
		cmocka_unit_test(pin_directory_elsewhere_is_found_by_name_and_by_path),
		cmocka_unit_test(hostile_pin_directories_are_refused),
		cmocka_unit_test(hostile_object_names_become_safe_directories),
		cmocka_unit_test(names_that_become_equal_are_numbered),
		cmocka_unit_test(second_unload_finds_nothing),
		cmocka_unit_test(directory_without_a_journal_is_not_removed),
		cmocka_unit_test(something_foreign_inside_stops_the_unload_before_it_begins),
	};
	return cmocka_run_group_tests_name("txn-directories", tests, NULL, NULL);
}
