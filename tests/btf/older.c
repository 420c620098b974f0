/* SPDX-License-Identifier: BSD-2-Clause */
/* BTF rewritten step by step for older kernels: each step takes away what it says, and kernels take what is left. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <cmocka.h>

#include "object/model.h"

#define RECENT TEST_OBJECTS "/btf_older.recent.o"
#define LINK   TEST_OBJECTS "/ops_link.bpf.o"

static struct lade_btf *btf_of(const char *file)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_btf *btf = NULL;

	if (lade_object_open(NULL, file, NULL, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(lade_btf_clone(object->btf, &btf, NULL), 0);
	(void)lade_object_free(object);
	return btf;
}

static unsigned count_kind(const struct lade_btf *btf, uint32_t kind)
{
	unsigned count = 0;

	for (uint32_t id = 1; id < lade_btf_count(btf); id++)
		count += lade_btf_kind(lade_btf_type(btf, id)) == kind;
	return count;
}

static void assert_kernel_takes(const struct lade_btf *btf, const char *what)
{
	char log[4096] = "";
	struct bpf_btf_load_opts opts = { .sz = sizeof opts, .log_buf = log, .log_size = sizeof log, .log_level = 1 };
	size_t size;
	const void *bytes = lade_btf_bytes(btf, &size);
	int fd = bpf_btf_load(bytes, size, &opts);

	if (fd == -EPERM)
		return; /* what the steps do is checked without it, too */
	if (fd < 0)
		fail_msg("without %s the kernel answers %d: %s", what, fd, log);
	assert_int_equal(close(fd), 0);
}

/* Kinds that may be left once a step was taken; 0: nothing to look for. */
static const struct {
	const char *what;
	uint32_t gone[2];
} steps[] = {
	{ "64-bit and signed enums", { BTF_KIND_ENUM64 } },
	{ "type tags", { BTF_KIND_TYPE_TAG } },
	{ "declaration tags", { BTF_KIND_DECL_TAG } },
	{ "floating point types", { BTF_KIND_FLOAT } },
	{ "global functions", { 0 } },
	{ "variables and their sections", { BTF_KIND_VAR, BTF_KIND_DATASEC } },
	{ "functions", { BTF_KIND_FUNC, BTF_KIND_FUNC_PROTO } },
};

static void every_step_takes_one_late_kind_away_and_the_rest_still_loads(void **state)
{
	struct lade_btf *btf;
	unsigned step = 0;
	const char *what;
	size_t i = 0;

	(void)state;
	if (access(RECENT, R_OK) != 0) {
		print_error("no clang-19: no object with all kinds\n");
		skip();
	}
	btf = btf_of(RECENT);
	for (; (what = lade_btf_step_back(btf, &step)); i++) {
		assert_in_range(i, 0, ELEMENTS(steps) - 1);
		if (strncmp(what, steps[i].what, strlen(steps[i].what)) != 0)
			fail_msg("step %zu takes away %s, not %s", i, what, steps[i].what);
		for (size_t j = 0; j < 2 && steps[i].gone[j]; j++)
			assert_int_equal(count_kind(btf, steps[i].gone[j]), 0);
		assert_kernel_takes(btf, what);
	}
	assert_int_equal(i, ELEMENTS(steps));
	(void)lade_btf_free(btf);
}

static void signed_enum_loses_its_flag_with_the_64_bit_ones(void **state)
{
	struct lade_btf *btf;
	unsigned step = 0;
	uint32_t id;

	(void)state;
	if (access(RECENT, R_OK) != 0)
		skip();
	btf = btf_of(RECENT);
	id = lade_btf_find(btf, "negative", BTF_KIND_ENUM);
	assert_true(lade_btf_kind_flag(lade_btf_type(btf, id)));
	assert_non_null(lade_btf_step_back(btf, &step));
	assert_false(lade_btf_kind_flag(lade_btf_type(btf, id)));
	assert_int_equal(lade_btf_enums(lade_btf_type(btf, id))[0].val, -5);
	(void)lade_btf_free(btf);
}

static void variables_become_members_at_their_offsets(void **state)
{
	struct lade_btf *btf;
	unsigned step = 0;
	uint32_t id;
	const struct btf_type *type;

	(void)state;
	if (access(RECENT, R_OK) != 0)
		skip();
	btf = btf_of(RECENT);
	id = lade_btf_find(btf, ".data", BTF_KIND_DATASEC);
	assert_true(id != 0);
	while (lade_btf_step_back(btf, &step))
		;
	type = lade_btf_type(btf, id);
	assert_int_equal(lade_btf_kind(type), BTF_KIND_STRUCT);
	assert_string_equal(lade_btf_type_name(btf, id), "_data");
	assert_int_equal(lade_btf_vlen(type), 2);
	assert_string_equal(lade_btf_string(btf, lade_btf_members(type)[0].name_off), "lade_wide");
	assert_int_equal(lade_btf_member_bit_offset(type, 0), 0);
	assert_string_equal(lade_btf_string(btf, lade_btf_members(type)[1].name_off), "lade_negative");
	assert_int_equal(lade_btf_member_bit_offset(type, 1), 64);
	(void)lade_btf_free(btf);
}

static void question_mark_of_a_section_becomes_an_underscore(void **state)
{
	struct lade_btf *btf = btf_of(LINK);
	uint32_t id = lade_btf_find(btf, "?.struct_ops.link", BTF_KIND_DATASEC);
	unsigned step = 0;

	(void)state;
	assert_true(id != 0);
	assert_non_null(strstr(lade_btf_step_back(btf, &step), "question mark"));
	assert_string_equal(lade_btf_type_name(btf, id), "_.struct_ops.link");
	assert_true(lade_btf_find(btf, ".struct_ops.link", BTF_KIND_DATASEC) != 0);
	assert_kernel_takes(btf, "the question mark");
	(void)lade_btf_free(btf);
}

static void original_stays_as_it_is(void **state)
{
	struct lade_object *object = NULL;
	struct lade_btf *clone = NULL;
	unsigned step = 0;

	(void)state;
	assert_int_equal(lade_object_open(NULL, LINK, NULL, &object, NULL), 0);
	assert_int_equal(lade_btf_clone(object->btf, &clone, NULL), 0);
	while (lade_btf_step_back(clone, &step))
		;
	assert_true(lade_btf_find(object->btf, "?.struct_ops.link", BTF_KIND_DATASEC) != 0);
	assert_true(count_kind(object->btf, BTF_KIND_FUNC) > 0);
	(void)lade_btf_free(clone);
	(void)lade_object_free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_takes_one_late_kind_away_and_the_rest_still_loads),
		cmocka_unit_test(signed_enum_loses_its_flag_with_the_64_bit_ones),
		cmocka_unit_test(variables_become_members_at_their_offsets),
		cmocka_unit_test(question_mark_of_a_section_becomes_an_underscore),
		cmocka_unit_test(original_stays_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
