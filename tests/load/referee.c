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

/* What the verifier made of a program; to be freed. */
static struct bpf_insn *translated(int fd, uint32_t *ret_count)
{
	struct bpf_prog_info info = prog_info(fd);
	struct bpf_insn *instructions = calloc(1, info.xlated_prog_len + 1u);
	struct bpf_prog_info wanted = { .xlated_prog_len = info.xlated_prog_len,
					.xlated_prog_insns = (uintptr_t)instructions };
	uint32_t length = sizeof wanted;

	assert_non_null(instructions);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &wanted, &length), 0);
	*ret_count = info.xlated_prog_len / (uint32_t)sizeof *instructions;
	return instructions;
}

/* The tag covers code that is never reached, too: there newer versions of libbpf write something else than older ones.
 */
static bool is_same_code(int theirs, int ours)
{
	uint32_t count = 0, own_count = 0;
	struct bpf_insn *their_code = translated(theirs, &count), *own_code = translated(ours, &own_count);
	bool same = count == own_count;

	for (uint32_t i = 0; same && i < count; i++) {
		bool is_reference = their_code[i].code == (BPF_LD | BPF_DW | BPF_IMM) && their_code[i].src_reg;
		if (is_reference) /* the id of a map */
			own_code[i].imm = their_code[i].imm;
		same = memcmp(&their_code[i], &own_code[i], sizeof *own_code) == 0;
	}
	free(their_code);
	free(own_code);
	return same;
}

/* libbpf binds .rodata, .rodata.str … to every program, used or not, for the sake of bpftool's metadata. */
static unsigned readonly_maps(const struct bpf_object *referee)
{
	const struct bpf_map *map;
	unsigned count = 0;

	bpf_object__for_each_map(map, referee) count +=
		bpf_map__is_internal(map) && strstr(bpf_map__name(map), ".rodata");
	return count;
}

static void compare_program(const char *file, const struct bpf_program *program, const struct lade_instance *instance,
			    unsigned readonly)
{
	const char *name = bpf_program__name(program);
	int ours = lade_instance_program_fd(instance, name);
	struct bpf_prog_info theirs = prog_info(bpf_program__fd(program)), own;

	if (ours < 0)
		fail_msg("%s: Lade has no program %s", file, name);
	own = prog_info(ours);
	if (memcmp(theirs.tag, own.tag, sizeof own.tag) != 0 && !is_same_code(bpf_program__fd(program), ours))
		fail_msg("%s: %s has other instructions", file, name);
	assert_int_equal(own.type, theirs.type);
	if (own.nr_map_ids > theirs.nr_map_ids || own.nr_map_ids + readonly < theirs.nr_map_ids)
		fail_msg("%s: %s uses %u maps, with libbpf %u", file, name, own.nr_map_ids, theirs.nr_map_ids);
	/* Where libbpf found no BTF that an older kernel takes, Lade may have. */
	if (theirs.nr_func_info)
		assert_int_equal(own.nr_func_info, theirs.nr_func_info);
	if (theirs.nr_line_info)
		assert_int_equal(own.nr_line_info, theirs.nr_line_info);
	assert_int_equal(own.xlated_prog_len, theirs.xlated_prog_len);
	assert_string_equal(own.name, theirs.name);
	assert_int_equal(own.gpl_compatible, theirs.gpl_compatible);
	assert_int_equal(own.attach_btf_id, theirs.attach_btf_id);
	assert_int_equal(own.attach_btf_obj_id, theirs.attach_btf_obj_id);
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
		compare_program(file, program, instance, readonly_maps(referee));
	bpf_object__for_each_map(map, referee) compare_map(file, map, instance);
}

/* Shared pins would make one of the two reuse the other's map. */
static void without_pins(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)(void) bpf_map__set_pin_path(map, NULL);
}

/* Only the program of this name is loaded, by both; NULL: what the object says. */
static void choose(struct bpf_object *referee, struct lade_object *object, const char *only)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, referee)
		assert_int_equal(bpf_program__set_autoload(program, strcmp(bpf_program__name(program), only) == 0), 0);
	for (size_t i = 0; i < lade_object_program_count(object); i++) {
		struct lade_program_info info = { .size = sizeof info };
		struct lade_program *own = lade_object_program(object, i);
		assert_int_equal(lade_program_describe(own, &info), 0);
		assert_int_equal(lade_program_set_autoload(own, strcmp(info.name, only) == 0), 0);
	}
}

static void judge_opened(struct lade_object *object, struct bpf_object *referee, const char *file)
{
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	if (lade_object_load(object, NULL, &instance, &error) < 0)
		fail_msg("libbpf loads it, Lade does not: %s", lade_error_message(error));
	compare_all(file, referee, instance);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
}

/* Objects for which an older libbpf writes other instructions: calls of weak kernel functions that are not there. */
static bool is_for_newer(const char *file)
{
	bool older = libbpf_major_version() < 1 || (libbpf_major_version() == 1 && libbpf_minor_version() < 3);

	return older && strstr(file, "/ext_weak.");
}

/* False: there is nothing to compare. */
static bool judge(struct lade_context *context, const char *file, const char *only)
{
	struct bpf_object *referee = bpf_object__open_file(file, NULL);
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	bool loads;

	if (!referee)
		return false;
	if (!bpf_object__next_program(referee, NULL)) {
		bpf_object__close(referee); /* types alone: nothing to load */
		return false;
	}
	if (lade_object_open(context, file, NULL, &object, &error) < 0)
		fail_msg("libbpf opens it, Lade does not: %s", lade_error_message(error));
	without_pins(referee);
	if (only)
		choose(referee, object, only);
	loads = bpf_object__load(referee) == 0;
	if (loads)
		judge_opened(object, referee, file);
	(void)lade_object_free(object);
	bpf_object__close(referee);
	return loads;
}

/* Programs of SEC("?…") are loaded one by one. */
static unsigned judge_alone(struct lade_context *context, const char *file)
{
	struct bpf_object *referee = bpf_object__open_file(file, NULL);
	struct bpf_program *program;
	unsigned judged = 0;

	if (!referee)
		return 0;
	bpf_object__for_each_program(program, referee) if (!bpf_program__autoload(program)) judged +=
		judge(context, file, bpf_program__name(program));
	bpf_object__close(referee);
	return judged;
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
		if (!is_for_newer(files.gl_pathv[i]))
			judged += judge(context, files.gl_pathv[i], NULL) + judge_alone(context, files.gl_pathv[i]);
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
