/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libbpf is the referee: every modern object that it loads, Lade loads too, and the kernel ends up with the
 * same programs (their tag is a hash over all instructions) and the same maps.
 */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "harness/live.h"

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static struct bpf_prog_info prog_info(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof info;

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	return info;
}

static struct bpf_map_info map_info(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof info;

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	return info;
}

static void compare_program(const char *file, const struct bpf_program *program, const struct lade_instance *instance)
{
	const char *name = bpf_program__name(program);
	int ours = lade_instance_program_fd(instance, name);
	struct bpf_prog_info theirs = prog_info(bpf_program__fd(program)), own;

	if (ours < 0)
		fail_msg("%s: Lade has no program %s", file, name);
	own = prog_info(ours);
	if (memcmp(theirs.tag, own.tag, sizeof own.tag) != 0)
		fail_msg("%s: %s has other instructions", file, name);
	assert_int_equal(own.type, theirs.type);
	/* libbpf binds .rodata to every program, used or not, for the sake of bpftool's metadata. */
	assert_in_range(own.nr_map_ids, theirs.nr_map_ids ? theirs.nr_map_ids - 1 : 0, theirs.nr_map_ids);
	/* Where libbpf found no BTF that an older kernel takes, Lade may have. */
	if (theirs.nr_func_info)
		assert_int_equal(own.nr_func_info, theirs.nr_func_info);
	if (theirs.nr_line_info)
		assert_int_equal(own.nr_line_info, theirs.nr_line_info);
	assert_int_equal(own.xlated_prog_len, theirs.xlated_prog_len);
	assert_string_equal(own.name, theirs.name);
	assert_int_equal(own.gpl_compatible, theirs.gpl_compatible);
}

static void compare_map(const char *file, const struct bpf_map *map, const struct lade_instance *instance)
{
	const char *name = bpf_map__name(map), *dot = strchr(name, '.');
	int ours = lade_instance_map_fd(instance, bpf_map__is_internal(map) && dot ? dot : name);
	struct bpf_map_info theirs = map_info(bpf_map__fd(map)), own;

	if (ours < 0)
		fail_msg("%s: Lade has no map %s", file, name);
	own = map_info(ours);
	assert_int_equal(own.type, theirs.type);
	assert_int_equal(own.key_size, theirs.key_size);
	assert_int_equal(own.value_size, theirs.value_size);
	assert_int_equal(own.max_entries, theirs.max_entries);
	assert_int_equal(own.map_flags, theirs.map_flags);
	if (theirs.btf_key_type_id)
		assert_true(own.btf_key_type_id != 0);
	if (theirs.btf_value_type_id)
		assert_true(own.btf_value_type_id != 0);
	assert_string_equal(own.name, theirs.name);
}

static void compare_all(const char *file, struct bpf_object *referee, const struct lade_instance *instance)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, referee) if (bpf_program__fd(program) >= 0)
		compare_program(file, program, instance);
	bpf_object__for_each_map(map, referee) compare_map(file, map, instance);
}

/* Shared pins would make one of the two reuse the other's map. */
static void without_pins(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)(void) bpf_map__set_pin_path(map, NULL);
}

/* What this version says it does not do yet. */
static bool is_not_done_yet(const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };

	return lade_finding_describe(lade_error_finding(error, 0), &info) == 0 &&
	       strncmp(info.code, "plan.needs.", strlen("plan.needs.")) == 0;
}

static bool load(struct lade_context *context, const char *file, struct lade_object **ret_object,
		 struct lade_instance **ret_instance)
{
	struct lade_error *error = NULL;
	bool loaded = lade_object_open(context, file, NULL, ret_object, &error) == 0 &&
		      lade_object_load(*ret_object, NULL, ret_instance, &error) == 0;

	if (!loaded && !is_not_done_yet(error))
		fail_msg("libbpf loads it, Lade does not: %s", lade_error_message(error));
	(void)lade_error_free(error);
	return loaded;
}

/* False: there is nothing to compare. */
static bool judge(struct lade_context *context, const char *file)
{
	struct bpf_object *referee = bpf_object__open_file(file, NULL);
	struct lade_instance *instance = NULL;
	struct lade_object *object = NULL;
	bool loaded;

	if (!referee)
		return false;
	without_pins(referee);
	if (bpf_object__load(referee) < 0) {
		bpf_object__close(referee);
		return false;
	}
	loaded = load(context, file, &object, &instance);
	if (loaded) {
		compare_all(file, referee, instance);
		assert_int_equal(lade_instance_unload(instance, NULL), 0);
	}
	(void)lade_object_free(object);
	bpf_object__close(referee);
	return loaded;
}

static void modern_objects_become_the_same_programs_and_maps_as_with_libbpf(void **state)
{
	struct live_before before;
	struct lade_context *context = NULL;
	unsigned judged = 0;
	glob_t files = { 0 };

	(void)state;
	if (!live_enter())
		skip();
	before = live_before(LIVE_BPFFS);
	(void)libbpf_set_print(quiet);
	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	assert_int_equal(glob(TEST_OBJECTS "/*.bpf.o", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		judged += judge(context, files.gl_pathv[i]);
	globfree(&files);
	(void)lade_context_free(context);
	assert_true(judged >= 3);
	assert_nothing_left(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modern_objects_become_the_same_programs_and_maps_as_with_libbpf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
