/* SPDX-License-Identifier: BSD-2-Clause */
/* Logs beside the object that they are about. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>
#include <lade/object.h>

#define TWINS "0: (61) r1 = *(u32 *)(r1 +0)\n1: (b7) r0 = 1\n2: (25) if r1 > 0x64 goto pc+1\n"
#define CALLS_HEAD                                                                                                     \
	"0: (61) r1 = *(u32 *)(r1 +68)\n1: (63) *(u32 *)(r10 -4) = r1\n2: (bf) r2 = r10\n3: (07) r2 += -4\n"           \
	"4: (18) r1 = 0xffff888104c49000\n6: (85) call bpf_map_lookup_elem#1\n7: (bf) r1 = r0\n8: (b7) r0 = 0\n"       \
	"9: (15) if r1 == 0x0 goto pc+8\n10: (79) r6 = *(u64 *)(r1 +0)\n11: (61) r1 = *(u32 *)(r10 -4)\n"              \
	"12: (07) r1 += 1\n13: (85) call pc+5\n"
#define FIND                                                                                                           \
	"19: (63) *(u32 *)(r10 -4) = r1\n20: (bf) r2 = r10\n21: (07) r2 += -4\n22: (18) r1 = 0xffff888104c49400\n"     \
	"24: (85) call bpf_map_lookup_elem#1\n25: (79) r1 = *(u64 *)(r0 +0)\n"
#define MAYBE_NULL "R0 invalid mem access 'map_value_or_null'\n"
#define READS                                                                                                          \
	"0: (79) r6 = *(u64 *)(r1 +0)\n1: (bf) r1 = r6\n2: (85) call bpf_task_acquire#12345\n"                         \
	"3: (15) if r0 == 0x0 goto pc+2\n4: (bf) r1 = r0\n5: (85) call bpf_task_release#23456\n"

static struct lade_context *context;
static struct lade_object *object;

static int open_all(void **state)
{
	const struct lade_context_opts opts = { .size = sizeof opts };

	(void)state;
	if (lade_context_new(&opts, &context, NULL) < 0)
		return -1;
	return lade_object_open(context, TEST_OBJECTS "/cat_join.bpf.o", NULL, &object, NULL);
}

static int close_all(void **state)
{
	(void)state;
	(void)lade_object_free(object);
	lade_context_free(context);
	return 0;
}

static struct lade_explanation *explanation;

/* Of the first thing that is found in the text. */
static struct lade_finding_info explain(const char *text)
{
	const struct lade_explain_opts opts = { .size = sizeof opts, .object = object };
	struct lade_explained_info item = { .size = sizeof item };
	struct lade_finding_info info = { .size = sizeof info };

	explanation = lade_explanation_free(explanation);
	assert_int_equal(lade_explain_text(text, strlen(text), &opts, &explanation, NULL), 0);
	assert_int_equal(lade_explained(explanation, 0, &item), 0);
	assert_int_equal(lade_finding_describe(item.finding, &info), 0);
	return info;
}

static int forget(void **state)
{
	(void)state;
	explanation = lade_explanation_free(explanation);
	return 0;
}

static bool has_evidence(const struct lade_finding_info *info, const char *words)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], words))
			return true;
	return false;
}

static void program_is_known_by_its_instructions(void **state)
{
	struct lade_finding_info info = explain(CALLS_HEAD "R6 !read_ok\n");

	(void)state;
	assert_string_equal(info.program, "calls");
	assert_true(has_evidence(&info, "are those of calls"));
}

static void instruction_of_a_function_has_its_line_and_map(void **state)
{
	struct lade_finding_info info = explain(CALLS_HEAD FIND MAYBE_NULL);

	(void)state;
	assert_string_equal(info.program, "calls");
	assert_int_equal(info.instruction, 25);
	assert_true(has_evidence(&info, "instruction 25 is number 6 of function find"));
	assert_true(has_evidence(&info, ", map other"));
	assert_true(has_evidence(&info, "variable value"));
	assert_non_null(strstr(info.cause, "value is what bpf_map_lookup_elem() returned"));
	assert_non_null(strstr(info.fix, "if (!value) return 0;"));
	assert_non_null(info.source_file);
	assert_non_null(strstr(info.source_file, "cat_join.bpf.c"));
	assert_string_equal(info.source_text, "*value += 1;");
	assert_true(info.source_line > 30);
}

static void programs_that_are_alike_are_candidates(void **state)
{
	struct lade_finding_info info = explain(TWINS "R1 !read_ok\n");

	(void)state;
	assert_true(has_evidence(&info, "2 programs of the object have these instructions: twin_one, twin_two"));
}

static void name_in_the_log_decides_between_programs_that_are_alike(void **state)
{
	struct lade_finding_info info = explain("libbpf: prog 'twin_two': BPF program load failed: Permission denied\n"
						"libbpf: prog 'twin_two': -- BEGIN PROG LOAD LOG --\n" TWINS
						"R1 !read_ok\n-- END PROG LOAD LOG --\n");

	(void)state;
	assert_string_equal(info.program, "twin_two");
	assert_false(has_evidence(&info, "programs of the object"));
}

static void log_of_another_build_is_said_to_be(void **state)
{
	struct lade_finding_info info = explain("0: (b7) r9 = 1\n1: (95) exit\nR0 !read_ok\n");

	(void)state;
	assert_true(has_evidence(&info, "another object or build"));
	assert_null(info.program);
	assert_null(info.source_file);
}

static void relocation_at_the_rejected_instruction_is_named(void **state)
{
	struct lade_finding_info info =
		explain(READS "6: (61) r1 = *(u32 *)(r6 +2464)\nR6 invalid mem access 'scalar'\n");

	(void)state;
	assert_string_equal(info.program, "reads");
	assert_true(has_evidence(&info, "a CO-RE relocation is here: byte_off of struct task_struct.pid"));
}

static void kernel_function_at_the_rejected_instruction_is_named(void **state)
{
	struct lade_finding_info info = explain("0: (79) r6 = *(u64 *)(r1 +0)\n1: (bf) r1 = r6\n2: (85) call "
						"bpf_task_acquire#12345\nR1 must be a rcu pointer\n");

	(void)state;
	assert_true(has_evidence(&info, "it calls the kernel function bpf_task_acquire"));
}

static void map_of_the_rejected_call_is_described(void **state)
{
	struct lade_finding_info info =
		explain("0: (61) r1 = *(u32 *)(r1 +68)\n1: (63) *(u32 *)(r10 -4) = r1\n2: (bf) r2 = r10\n"
			"3: (07) r2 += -4\n4: (18) r1 = 0x0\n6: (85) call bpf_map_lookup_elem#1\n"
			"invalid indirect read from stack R2 off -4+0 size 4\n");

	(void)state;
	assert_string_equal(info.map, "seen");
	assert_true(has_evidence(&info, "the map is seen: keys of 4 bytes, values of 8, 16 entries"));
}

static void hostile_log_finds_no_program_and_does_no_harm(void **state)
{
	static const char *const texts[] = {
		"4294967295: (85) call x#1\nR1 !read_ok\n",
		"99999999999999999999: (85) call x#99999999999999999999\nR1 !read_ok\n",
		"0: (zz) r1 = 1\nR1 !read_ok\n",
		"0: (\nR1 !read_ok\n",
		"0: (61) r1 = *(u32 *)(r1 +0)\n1: (b7) r0 = 1\n2: (25) if r1 > 0x64 goto pc+-99999999999999999999\nR1 "
		"!read_ok\n",
		"2147483648: (95) exit\nR1 !read_ok\n",
		"0: (18) r1 = 0x0\n1: (18) r1 = 0x0\nR1 !read_ok\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct lade_explain_opts opts = { .size = sizeof opts, .object = object };
		struct lade_explained_info item = { .size = sizeof item };
		struct lade_finding_info info = { .size = sizeof info };
		explanation = lade_explanation_free(explanation);
		assert_int_equal(lade_explain_text(texts[i], strlen(texts[i]), &opts, &explanation, NULL), 0);
		if (lade_explained(explanation, 0, &item) < 0 || !item.finding)
			continue;
		assert_int_equal(lade_finding_describe(item.finding, &info), 0);
		assert_null(info.source_file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(program_is_known_by_its_instructions, forget),
		cmocka_unit_test_teardown(instruction_of_a_function_has_its_line_and_map, forget),
		cmocka_unit_test_teardown(programs_that_are_alike_are_candidates, forget),
		cmocka_unit_test_teardown(name_in_the_log_decides_between_programs_that_are_alike, forget),
		cmocka_unit_test_teardown(log_of_another_build_is_said_to_be, forget),
		cmocka_unit_test_teardown(relocation_at_the_rejected_instruction_is_named, forget),
		cmocka_unit_test_teardown(kernel_function_at_the_rejected_instruction_is_named, forget),
		cmocka_unit_test_teardown(map_of_the_rejected_call_is_described, forget),
		cmocka_unit_test_teardown(hostile_log_finds_no_program_and_does_no_harm, forget),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
