/* SPDX-License-Identifier: BSD-2-Clause */
/* What objects need of a kernel, by what is in them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <lade/needs.h>

#include "base/array.h"
#include "needs/needs.h"
#include "object/model.h"

/* ---- an object as a dialect would fill it ---- */

struct made {
	struct lade_context *context;
	struct lade_object *object;
	struct lade_program *program;
	struct lade_needs *needs;
};

static int setup(void **state)
{
	struct made *made = calloc(1, sizeof *made);

	if (!made || lade_context_new(NULL, &made->context, NULL) < 0)
		return -1;
	made->object = lade_object_create(made->context, "made.o", "made");
	made->needs = lade_needs_new();
	*state = made;
	return made->object && made->needs ? 0 : -1;
}

static int teardown(void **state)
{
	struct made *made = *state;

	lade_needs_free(made->needs);
	lade_object_free(made->object);
	lade_context_free(made->context);
	free(made);
	return 0;
}

#define EXIT                                                                                                           \
	{                                                                                                              \
		.code = BPF_JMP | BPF_EXIT                                                                             \
	}

static struct lade_function *add_function(struct made *made, const char *name, const struct bpf_insn *code,
					  uint32_t count)
{
	struct lade_function *function = lade_object_add_function(made->object, name, "xdp");

	assert_non_null(function);
	function->instructions = calloc(count, sizeof *code);
	assert_non_null(function->instructions);
	memcpy(function->instructions, code, count * sizeof *code);
	function->instruction_count = count;
	return function;
}

static void add_program(struct made *made, uint32_t type, const char *section, const struct bpf_insn *code,
			uint32_t count)
{
	uint32_t index = (uint32_t)made->object->functions.count;

	(void)add_function(made, "run", code, count);
	made->program = lade_object_add_program(made->object, "run", section, index);
	assert_non_null(made->program);
	made->program->type = type;
	made->program->autoload = true;
}

static void collect(struct made *made)
{
	assert_int_equal(lade_needs_add(made->needs, made->object), 0);
}

static bool has_need(const struct made *made, enum lade_need_kind kind, const char *name,
		     struct lade_need_info *ret_info)
{
	for (size_t i = 0; i < lade_needs_count(made->needs); i++) {
		struct lade_need_info info = { .size = sizeof info };
		assert_int_equal(lade_needs_get(made->needs, i, &info), 0);
		if (info.kind == kind && strcmp(info.name, name) == 0) {
			if (ret_info)
				*ret_info = info;
			return true;
		}
	}
	return false;
}

/* ---- the tests ---- */

static void every_object_needs_the_system_call(void **state)
{
	struct made *made = *state;

	collect(made);
	assert_true(has_need(made, LADE_NEED_CONFIG, "CONFIG_BPF", NULL));
	assert_true(has_need(made, LADE_NEED_CONFIG, "CONFIG_BPF_SYSCALL", NULL));
	assert_true(has_need(made, LADE_NEED_CAPABILITY, "CAP_BPF", NULL));
	assert_string_equal(lade_needs_kernel(made->needs), "3.18");
}

static const struct {
	struct bpf_insn insn;
	const char *kernel; /* lowest that knows it */
} instructions[] = {
	{ { .code = BPF_ALU64 | BPF_MOV | BPF_K }, "4.8" }, /* of xdp */
	{ { .code = BPF_JMP | BPF_JEQ | BPF_K }, "4.8" },
	{ { .code = BPF_JMP | BPF_JLT | BPF_K }, "4.14" },
	{ { .code = BPF_JMP | BPF_JSLE | BPF_X }, "4.14" },
	{ { .code = 0x06 | BPF_JEQ | BPF_K }, "5.1" },
	{ { .code = BPF_JMP | BPF_JA, .off = -1 }, "5.3" },
	{ { .code = 0x06 | BPF_JA, .imm = 0 }, "6.6" },
	{ { .code = BPF_STX | 0xc0 | BPF_DW, .imm = BPF_ADD }, "4.8" },
	{ { .code = BPF_STX | 0xc0 | BPF_DW, .imm = BPF_ADD | 1 }, "5.12" },
	{ { .code = BPF_STX | 0xc0 | BPF_DW, .imm = 0x110 }, "6.15" },
	{ { .code = BPF_LDX | 0x80 | BPF_W }, "6.6" },
	{ { .code = BPF_ALU64 | BPF_MOV | BPF_X, .off = 8 }, "6.6" },
	{ { .code = BPF_ALU64 | BPF_MOV | BPF_X, .off = 1 }, "6.9" },
	{ { .code = BPF_ALU64 | BPF_DIV | BPF_K, .off = 1 }, "6.6" },
	{ { .code = BPF_ALU64 | BPF_END }, "6.6" },
	{ { .code = BPF_ALU | BPF_END | BPF_X }, "4.8" },
	{ { .code = 0xe5 }, "6.9" },
	{ { .code = BPF_JMP | BPF_CALL, .imm = 130 }, "5.8" },               /* bpf_ringbuf_output */
	{ { .code = BPF_JMP | BPF_CALL, .imm = 999999 }, "4.8" },            /* no helper that Lade knows */
	{ { .code = BPF_JMP | BPF_CALL, .src_reg = 1, .imm = 130 }, "4.8" }, /* a function of its own */
};

static void instructions_bound_the_kernel(void **state)
{
	for (size_t i = 0; i < ELEMENTS(instructions); i++) {
		const struct bpf_insn code[] = { instructions[i].insn, EXIT };
		assert_int_equal(setup(state), 0);
		struct made *made = *state;
		add_program(made, BPF_PROG_TYPE_XDP, "xdp", code, ELEMENTS(code));
		collect(made);
		if (strcmp(lade_needs_kernel(made->needs), instructions[i].kernel) != 0)
			fail_msg("instruction %zu (0x%x): %s instead of %s", i, instructions[i].insn.code,
				 lade_needs_kernel(made->needs), instructions[i].kernel);
		(void)teardown(state);
	}
}

/* The second half of a 64-bit constant holds anything. */
static void second_half_of_a_wide_constant_is_no_instruction(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { { .code = BPF_LD | BPF_DW | BPF_IMM }, { .code = 0xe5 }, EXIT };

	add_program(made, BPF_PROG_TYPE_XDP, "xdp", code, ELEMENTS(code));
	collect(made);
	assert_string_equal(lade_needs_kernel(made->needs), "4.8");
}

static void what_only_attaching_needs_says_so(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { EXIT };
	struct lade_need_info info;

	add_program(made, BPF_PROG_TYPE_KPROBE, "kprobe/do_exit", code, 1);
	collect(made);
	assert_true(has_need(made, LADE_NEED_CONFIG, "CONFIG_KPROBE_EVENTS", &info));
	assert_true(info.to_attach);
	assert_true(has_need(made, LADE_NEED_CONFIG, "CONFIG_BPF_EVENTS", &info));
	assert_false(info.to_attach);
	assert_int_equal(info.who_count, 1);
	assert_string_equal(info.who[0], "program run of made");
}

static void types_of_maps_and_programs_name_their_options(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { EXIT };

	add_program(made, BPF_PROG_TYPE_CGROUP_SKB, "cgroup_skb/egress", code, 1);
	lade_object_add_map(made->object, "socks", "maps")->definition.type = BPF_MAP_TYPE_XSKMAP;
	collect(made);
	assert_true(has_need(made, LADE_NEED_CONFIG, "CONFIG_CGROUP_BPF", NULL));
	assert_true(has_need(made, LADE_NEED_CONFIG, "CONFIG_XDP_SOCKETS", NULL));
	assert_true(has_need(made, LADE_NEED_CAPABILITY, "CAP_NET_ADMIN", NULL));
	assert_string_equal(lade_needs_kernel(made->needs), "4.18");
}

static void what_is_left_out_needs_nothing(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { { .code = 0xe5 }, EXIT };

	add_program(made, BPF_PROG_TYPE_XDP, "xdp", code, ELEMENTS(code));
	made->program->autoload = false;
	lade_object_add_map(made->object, "ring", "maps")->definition.type = BPF_MAP_TYPE_RINGBUF;
	made->object->maps.items[0]->skip = strdup("not for this kernel");
	collect(made);
	assert_string_equal(lade_needs_kernel(made->needs), "3.18");
}

/* A kernel outside of the window leaves the program out and loads the rest. */
static void windows_that_the_object_declares_bound_what_they_are_for(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { { .code = BPF_JMP | BPF_CALL, .imm = 130 }, EXIT }; /* of 5.8 */
	struct lade_need_info info;

	add_program(made, BPF_PROG_TYPE_XDP, "xdp", code, ELEMENTS(code));
	made->program->policy = calloc(1, sizeof *made->program->policy);
	assert_non_null(made->program->policy);
	made->program->policy->kernel = (struct policy_window){ 5 << 24 | 15 << 16, 6 << 24 | 1 << 16 };
	collect(made);
	assert_true(has_need(made, LADE_NEED_KERNEL, "5.15", &info));
	assert_true(info.left_out);
	assert_true(has_need(made, LADE_NEED_KERNEL, "5.8", &info));
	assert_true(info.left_out);
	assert_true(has_need(made, LADE_NEED_KERNEL_BELOW, "6.1", &info));
	assert_true(info.left_out);
	assert_string_equal(lade_needs_kernel(made->needs), "3.18");
}

/* The window begins before what the program needs: between the two the load fails. */
static void window_that_begins_too_early_does_not_help(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { { .code = BPF_JMP | BPF_CALL, .imm = 130 }, EXIT };

	add_program(made, BPF_PROG_TYPE_XDP, "xdp", code, ELEMENTS(code));
	made->program->policy = calloc(1, sizeof *made->program->policy);
	assert_non_null(made->program->policy);
	made->program->policy->kernel = (struct policy_window){ 5 << 24 | 4 << 16, POLICY_KERNEL_ANY };
	collect(made);
	assert_string_equal(lade_needs_kernel(made->needs), "5.8");
}

static void union_of_two_objects_holds_each_need_once(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { EXIT };
	struct lade_need_info info;

	add_program(made, BPF_PROG_TYPE_XDP, "xdp", code, 1);
	collect(made);
	size_t once = lade_needs_count(made->needs);
	free(made->object->name);
	made->object->name = strdup("other");
	collect(made);
	assert_int_equal(lade_needs_count(made->needs), once);
	assert_true(has_need(made, LADE_NEED_CONFIG, "CONFIG_NET", &info));
	assert_int_equal(info.who_count, 2);
	assert_string_equal(info.who[1], "program run of other");
}

static void options_besides_the_system_call_are_one_line(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { EXIT };
	char *options;

	collect(made);
	assert_null(lade_needs_options(made->needs));
	add_program(made, BPF_PROG_TYPE_CGROUP_SKB, "cgroup_skb/egress", code, 1);
	collect(made);
	options = lade_needs_options(made->needs);
	assert_string_equal(options, "CONFIG_NET, CONFIG_CGROUP_BPF");
	free(options);
}

static void add_map(struct made *made, struct map_definition definition)
{
	struct lade_map *map = lade_object_add_map(made->object, "map", "maps");

	assert_non_null(map);
	map->definition = definition;
}

static void size_of_a_map_bounds_the_kernel(void **state)
{
	static const struct {
		struct map_definition map;
		const char *kernel;
	} rows[] = {
		{ { BPF_MAP_TYPE_HASH, 512, 8, 1, 0 }, "3.19" },
		{ { BPF_MAP_TYPE_HASH, 513, 8, 1, 0 }, "5.11" },
		{ { BPF_MAP_TYPE_ARRAY, 4, 1 << 22, 1, 0 }, "3.19" },
		{ { BPF_MAP_TYPE_ARRAY, 4, (1 << 22) + 1, 1, 0 }, "5.11" },
		{ { BPF_MAP_TYPE_ARRAY, 4, 1 << 20, 1 << 12, 0 }, "5.11" }, /* 4 GiB in all */
		{ { BPF_MAP_TYPE_HASH, 8, UINT32_MAX, UINT32_MAX, 0 }, "5.11" },
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_int_equal(setup(state), 0);
		add_map(*state, rows[i].map);
		collect(*state);
		assert_string_equal(lade_needs_kernel(((struct made *)*state)->needs), rows[i].kernel);
		(void)teardown(state);
	}
}

/* It runs out of the function, or to where another path ends: neither is a way round. */
static void jump_back_alone_is_no_loop(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { { .code = BPF_JMP | BPF_JA, .off = 1 },
					 EXIT,
					 { .code = BPF_JMP | BPF_JA, .off = -2 } };

	add_program(made, BPF_PROG_TYPE_XDP, "xdp", code, ELEMENTS(code));
	collect(made);
	assert_string_equal(lade_needs_kernel(made->needs), "4.8");
}

static void programs_that_sleep_need_what_their_type_and_maps_do(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { EXIT };

	add_program(made, BPF_PROG_TYPE_LSM, "lsm.s/file_open", code, 1);
	made->program->flags = BPF_F_SLEEPABLE;
	collect(made);
	assert_string_equal(lade_needs_kernel(made->needs), "5.10");
	add_program(made, BPF_PROG_TYPE_SYSCALL, "syscall", code, 1);
	made->program->flags = BPF_F_SLEEPABLE;
	collect(made);
	assert_string_equal(lade_needs_kernel(made->needs), "5.14");
}

static void iterators_and_functions_of_the_kernel_have_releases(void **state)
{
	struct made *made = *state;
	const struct bpf_insn code[] = { { .code = BPF_JMP | BPF_CALL, .src_reg = 2 }, EXIT };
	uint32_t outside = 0;

	add_program(made, BPF_PROG_TYPE_TRACING, "iter/unix", code, ELEMENTS(code));
	made->program->expected_attach_type = BPF_TRACE_ITER;
	made->program->has_expected_attach_type = true;
	made->program->load_target = strdup("unix");
	collect(made);
	assert_string_equal(lade_needs_kernel(made->needs), "5.15");
	assert_int_equal(lade_object_add_extern(made->object, "bpf_task_acquire___mine", ".ksyms", false, 0, &outside),
			 0);
	made->object->externs.items[outside].kind = EXTERN_KFUNC;
	struct function_relocation *relocation = array_push(&made->object->functions.items[0].relocations);
	assert_non_null(relocation);
	*relocation = (struct function_relocation){ .kind = RELOCATION_EXTERN, .target = outside };
	collect(made);
	assert_string_equal(lade_needs_kernel(made->needs), "6.2");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_object_needs_the_system_call),
		cmocka_unit_test(instructions_bound_the_kernel),
		TEST(second_half_of_a_wide_constant_is_no_instruction),
		TEST(what_only_attaching_needs_says_so),
		TEST(types_of_maps_and_programs_name_their_options),
		TEST(what_is_left_out_needs_nothing),
		TEST(windows_that_the_object_declares_bound_what_they_are_for),
		TEST(window_that_begins_too_early_does_not_help),
		TEST(union_of_two_objects_holds_each_need_once),
		TEST(options_besides_the_system_call_are_one_line),
		cmocka_unit_test(size_of_a_map_bounds_the_kernel),
		TEST(jump_back_alone_is_no_loop),
		TEST(programs_that_sleep_need_what_their_type_and_maps_do),
		TEST(iterators_and_functions_of_the_kernel_have_releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
