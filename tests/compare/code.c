/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions: how they are spelled, and which of them differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "compare/compare.h"
#include "object/model.h"

#define R(n) .dst_reg = (n)
#define S(n) .src_reg = (n)

/* An object with one function of these instructions. */
static struct lade_object *make(const struct bpf_insn *code, uint32_t count)
{
	struct lade_object *object = lade_object_create(NULL, "a.o", "a");
	struct lade_function *function = lade_object_add_function(object, "main", ".text");

	function->instructions = calloc((size_t)count + 1, sizeof *code);
	memcpy(function->instructions, code, count * sizeof *code);
	function->instruction_count = count;
	return object;
}

static void assert_text(struct bpf_insn code, const char *wanted)
{
	struct lade_object *object = make(&code, 1);
	struct strbuf text = { 0 };

	lade_instruction_text(object, &object->functions.items[0], 0, &text);
	assert_string_equal(text.text, wanted);
	lade_strbuf_clear(&text);
	(void)lade_object_free(object);
}

static void instructions_are_spelled_as_the_verifier_does(void **state)
{
	(void)state;
	assert_text((struct bpf_insn){ .code = 0xb7, R(1), .imm = -5 }, "r1 = -5");
	assert_text((struct bpf_insn){ .code = 0xbc, R(1), S(2) }, "w1 = w2");
	assert_text((struct bpf_insn){ .code = 0xbf, R(1), S(2), .off = 8 }, "r1 = (s8)r2");
	assert_text((struct bpf_insn){ .code = 0x0f, R(3), S(4) }, "r3 += r4");
	assert_text((struct bpf_insn){ .code = 0xc7, R(3), .imm = 32 }, "r3 s>>= 32");
	assert_text((struct bpf_insn){ .code = 0x3f, R(3), S(1), .off = 1 }, "r3 s/= r1");
	assert_text((struct bpf_insn){ .code = 0x87, R(3) }, "r3 = -r3");
	assert_text((struct bpf_insn){ .code = 0xdc, R(3), .imm = 16 }, "r3 = be16 r3");
	assert_text((struct bpf_insn){ .code = 0x61, R(1), S(6), .off = 8 }, "r1 = *(u32 *)(r6 +8)");
	assert_text((struct bpf_insn){ .code = 0x91, R(1), S(6), .off = -1 }, "r1 = *(s8 *)(r6 -1)");
	assert_text((struct bpf_insn){ .code = 0x7b, R(10), S(1), .off = -8 }, "*(u64 *)(r10 -8) = r1");
	assert_text((struct bpf_insn){ .code = 0x72, R(10), .off = -8, .imm = 7 }, "*(u8 *)(r10 -8) = 7");
	assert_text((struct bpf_insn){ .code = 0xdb, R(1), S(2), .imm = 1 }, "atomic_fetch_add *(u64 *)(r1 +0), r2");
	assert_text((struct bpf_insn){ .code = 0x85, .imm = 1 }, "call bpf_map_lookup_elem");
	assert_text((struct bpf_insn){ .code = 0x85, .imm = 99999 }, "call helper 99999");
	assert_text((struct bpf_insn){ .code = 0x85, S(1), .imm = 3 }, "call pc+4");
	assert_text((struct bpf_insn){ .code = 0x95 }, "exit");
	assert_text((struct bpf_insn){ .code = 0x05, .off = -3 }, "goto pc-3");
	assert_text((struct bpf_insn){ .code = 0x06, .imm = 70000 }, "goto pc+70000");
	assert_text((struct bpf_insn){ .code = 0xe5, .off = 2 }, "may_goto pc+2");
	assert_text((struct bpf_insn){ .code = 0x15, R(1), .off = 4 }, "if r1 == 0 goto pc+4");
	assert_text((struct bpf_insn){ .code = 0xce, R(1), S(2), .off = 4 }, "if w1 s< w2 goto pc+4");
	assert_text((struct bpf_insn){ .code = 0x18, R(1), .imm = 1 }, "r1 = 0x1"); /* its second half is missing */
}

/* Whatever a code is, it is spelled: 256 of them, with and without registers. */
static void every_code_has_a_text(void **state)
{
	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		struct bpf_insn one = { .code = (uint8_t)code, R(15), S(15), .off = INT16_MIN, .imm = INT32_MIN };
		struct lade_object *object = make(&one, 1);
		struct strbuf text = { 0 };
		lade_instruction_text(object, &object->functions.items[0], 0, &text);
		assert_non_null(text.text);
		lade_strbuf_clear(&text);
		(void)lade_object_free(object);
	}
}

static void compare(const struct bpf_insn *before, uint32_t before_count, const struct bpf_insn *after,
		    uint32_t after_count, struct lade_difference_info *ret_info)
{
	struct lade_object *old = make(before, before_count), *now = make(after, after_count);
	struct lade_compare *list = NULL;

	*ret_info = (struct lade_difference_info){ .size = sizeof *ret_info };
	assert_int_equal(lade_compare_objects(old, now, &list, NULL), 0);
	if (lade_compare_count(list)) {
		assert_int_equal(lade_compare_difference(list, 0, ret_info), 0);
		ret_info->detail = ret_info->detail ? strdup(ret_info->detail) : NULL;
	}
	assert_int_equal(lade_compare_difference(list, lade_compare_count(list), ret_info), -ERANGE);
	(void)lade_compare_free(list);
	(void)lade_object_free(old);
	(void)lade_object_free(now);
}

#define MOV(r, n)                                                                                                      \
	{                                                                                                              \
		.code = 0xb7, R(r), .imm = (n)                                                                         \
	}
#define EXIT                                                                                                           \
	{                                                                                                              \
		.code = 0x95                                                                                           \
	}

static void one_that_came_is_no_change_of_those_behind_it(void **state)
{
	static const struct bpf_insn before[] = { MOV(1, 1), MOV(2, 2), MOV(3, 3), EXIT },
				     after[] = { MOV(1, 1), MOV(9, 9), MOV(2, 2), MOV(3, 3), EXIT };
	struct lade_difference_info info;

	(void)state;
	compare(before, 4, after, 5, &info);
	assert_int_equal(info.removed, 0);
	assert_int_equal(info.added, 1);
	assert_string_equal(info.detail, "+ 1: r9 = 9");
	free((char *)(uintptr_t)info.detail);
}

static void changes_at_both_ends_leave_the_middle_alone(void **state)
{
	static const struct bpf_insn before[] = { MOV(1, 1), MOV(2, 2), MOV(3, 3), MOV(0, 0) },
				     after[] = { MOV(1, 7), MOV(2, 2), MOV(3, 3), MOV(0, 8) };
	struct lade_difference_info info;

	(void)state;
	compare(before, 4, after, 4, &info);
	assert_int_equal(info.removed, 2);
	assert_int_equal(info.added, 2);
	assert_string_equal(info.detail, "- 0: r1 = 1\n+ 0: r1 = 7\n- 3: r0 = 0\n+ 3: r0 = 8");
	free((char *)(uintptr_t)info.detail);
}

static void halves_of_a_wide_one_count_as_one(void **state)
{
	static const struct bpf_insn before[] = { { .code = 0x18, R(1), .imm = 1 }, { .imm = 2 }, EXIT },
				     after[] = { { .code = 0x18, R(1), .imm = 1 }, { .imm = 3 }, EXIT };
	struct lade_difference_info info;

	(void)state;
	compare(before, 3, after, 3, &info);
	assert_int_equal(info.removed, 1);
	assert_int_equal(info.added, 1);
	assert_string_equal(info.detail, "- 0: r1 = 0x200000001\n+ 0: r1 = 0x300000001");
	free((char *)(uintptr_t)info.detail);
}

static void equal_functions_do_not_differ(void **state)
{
	static const struct bpf_insn code[] = { MOV(1, 1), EXIT };
	struct lade_difference_info info;

	(void)state;
	compare(code, 2, code, 2, &info);
	assert_null(info.section);
	compare(code, 0, code, 0, &info);
	assert_null(info.section);
}

/* What would be a table of 10^10 cells is not made: everything between the first and the last difference counts. */
static void huge_functions_are_bounded(void **state)
{
	enum { MANY = 100000 };
	struct bpf_insn *before = calloc(MANY, sizeof *before), *after = calloc(MANY, sizeof *after);
	struct lade_difference_info info;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		before[i] = (struct bpf_insn)MOV(1, i);
		after[i] = (struct bpf_insn)MOV(1, i);
	}
	after[10].imm = after[MANY - 10].imm = -1;
	compare(before, MANY, after, MANY, &info);
	assert_int_equal(info.removed, MANY - 19);
	assert_int_equal(info.added, MANY - 19);
	free((char *)(uintptr_t)info.detail);
	free(before);
	free(after);
}

static void relocations_count_by_what_they_refer_to(void **state)
{
	static const struct bpf_insn code[] = { { .code = 0x18, R(1) }, { 0 }, EXIT };
	struct lade_object *objects[2] = { make(code, 3), make(code, 3) };
	struct lade_compare *list = NULL;
	struct lade_difference_info info = { .size = sizeof info };

	(void)state;
	for (int i = 0; i < 2; i++) {
		/* the same map, in another place of the object */
		assert_non_null(lade_object_add_map(objects[i], i ? "other" : "counts", "maps"));
		assert_non_null(lade_object_add_map(objects[i], i ? "counts" : "other", "maps"));
		struct function_relocation *relocation = array_push(&objects[i]->functions.items[0].relocations);
		*relocation = (struct function_relocation){ .kind = RELOCATION_MAP, .target = i ? 1 : 0 };
	}
	assert_int_equal(lade_compare_objects(objects[0], objects[1], &list, NULL), 0);
	assert_int_equal(lade_compare_count(list), 0);
	(void)lade_compare_free(list);
	objects[1]->functions.items[0].relocations.items[0].target = 0;
	assert_int_equal(lade_compare_objects(objects[0], objects[1], &list, NULL), 0);
	assert_int_equal(lade_compare_difference(list, 0, &info), 0);
	assert_string_equal(info.detail, "- 0: r1 = map counts\n+ 0: r1 = map other");
	(void)lade_compare_free(list);
	(void)lade_object_free(objects[0]);
	(void)lade_object_free(objects[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instructions_are_spelled_as_the_verifier_does),
		cmocka_unit_test(every_code_has_a_text),
		cmocka_unit_test(one_that_came_is_no_change_of_those_behind_it),
		cmocka_unit_test(changes_at_both_ends_leave_the_middle_alone),
		cmocka_unit_test(halves_of_a_wide_one_count_as_one),
		cmocka_unit_test(equal_functions_do_not_differ),
		cmocka_unit_test(huge_functions_are_bounded),
		cmocka_unit_test(relocations_count_by_what_they_refer_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
