/* SPDX-License-Identifier: BSD-2-Clause */
/* Places that nothing can be pinned at, and pins there that are not used: the load is refused and undone. */
#include "load/placed.h"

#include <sys/mount.h>

#include "kernel/fault.h"

static void refused(const char *code, int expected)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "placed" };
	struct loaded loaded = open_placed();

	assert_int_equal(loaded_fail(&loaded, &opts), expected);
	assert_string_equal(loaded.info.code, code);
	assert_leaves_nothing(&loaded);
}

static void pin_of_a_stranger_is_not_used(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	loaded_load(&loaded, "one");
	assert_int_equal(chown(PROG_PIN, 4242, 0), 0);
	refused("pin.owner", -EEXIST);
	assert_int_equal(chown(PROG_PIN, 0, 0), 0);
	assert_int_equal(chown(MAP_PIN, 4242, 0), 0);
	refused("pin.owner", -EEXIST);
	assert_leaves_nothing(&loaded);
}

static void what_is_no_pin_of_that_kind_is_refused_and_stays(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	place_map(loaded.object, "outer", PROG_PIN);
	place_program(loaded.object, "tail", CALLS);
	loaded_load(&loaded, "one");
	refused("pin.not-a-map", -EEXIST);
	assert_int_equal(lade_map_set_pin(lade_object_find_map(loaded.object, "outer"), NULL), 0);
	loaded_leave(&loaded);
	assert_int_equal(mkdir(DIR, 0755), 0);
	assert_int_equal(mkdir(PROG_PIN, 0755), 0);
	refused("pin.not-a-pin", -EEXIST);
	assert_int_equal(rmdir(PROG_PIN), 0);
	assert_int_equal(symlink("/etc/passwd", PROG_PIN), 0);
	refused("pin.not-a-pin", -EEXIST);
}

static void program_of_another_type_is_refused(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	place_program(loaded.object, "tail", PROG_PIN);
	loaded_load(&loaded, "one");
	refused("pin.program.differs", -EEXIST);
	assert_leaves_nothing(&loaded);
}

static void paths_cannot_leave_the_bpffs(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	assert_int_equal(symlink("/tmp", DIR), 0);
	refused("pin.outside", -EEXIST);
	assert_int_equal(unlink(DIR), 0);
	assert_int_equal(mkdir(LIVE_BPFFS "/real", 0755), 0);
	assert_int_equal(symlink("real", DIR), 0);
	refused("pin.outside", -EEXIST);
	assert_int_equal(unlink(DIR), 0);
	assert_int_equal(mkdir(DIR, 0755), 0);
	assert_int_equal(mount("bpf", DIR, "bpf", 0, NULL), 0);
	refused("pin.outside", -EEXIST);
	assert_int_equal(umount(DIR), 0);
	assert_int_equal(mount("tmpfs", DIR, "tmpfs", 0, NULL), 0);
	refused("pin.not-bpffs", -EINVAL);
	assert_int_equal(umount(DIR), 0);
}

static void refused_path(const char *path)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "placed" };
	struct loaded loaded = loaded_open(NULL, OBJECT);

	place_program(loaded.object, "tail", path);
	assert_int_equal(loaded_fail(&loaded, &opts), -EINVAL);
	assert_string_equal(loaded.info.code, "pin.path");
	assert_leaves_nothing(&loaded);
}

static void paths_with_dots_are_refused(void **state)
{
	static char longer[400];

	(void)state;
	if (!live_enter())
		skip();
	(void)snprintf(longer, sizeof longer, LIVE_BPFFS "/%0300d/x", 7);
	refused_path(LIVE_BPFFS "/../../etc/x");
	refused_path("a/../x");
	refused_path("a//x");
	refused_path("vendor/name.dotted");
	refused_path(longer);
}

static void owner_that_cannot_be_given_undoes_the_load(void **state)
{
	const struct fault fault = { .action = FAULT_NONE };
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "placed" };
	unsigned nth = 0;

	(void)state;
	if (!live_enter())
		skip();
	struct loaded probe = open_placed();
	struct kernel *kernel = use_faulty(probe.context, &fault);
	loaded_load(&probe, "placed");
	for (unsigned i = 1; i <= lade_kernel_fault_count(kernel) && !nth; i++)
		nth = strcmp(lade_kernel_fault_call(kernel, i), "chown") == 0 ? i : 0;
	loaded_leave(&probe);
	const struct fault refusal = { .action = FAULT_ERRNO, .nth = nth, .errnum = EPERM };
	struct loaded loaded = open_placed();
	(void)use_faulty(loaded.context, &refusal);
	assert_int_equal(loaded_fail(&loaded, &opts), -EPERM);
	assert_string_equal(loaded.info.code, "pin.chown");
	assert_non_null(strstr(loaded.info.message, "cannot be given to 1000:3003"));
	assert_int_equal(lade_error_exit_code(loaded.error), 5);
	assert_leaves_nothing(&loaded);
	assert_false(exists(DIR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pin_of_a_stranger_is_not_used),
		cmocka_unit_test(what_is_no_pin_of_that_kind_is_refused_and_stays),
		cmocka_unit_test(program_of_another_type_is_refused),
		cmocka_unit_test(paths_cannot_leave_the_bpffs),
		cmocka_unit_test(paths_with_dots_are_refused),
		cmocka_unit_test(owner_that_cannot_be_given_undoes_the_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
