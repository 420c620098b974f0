/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program surely does, from its instructions alone: loops, and values that are followed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "check/value.h"
#include "needs/needs.h"

#define MOV(to, number)                                                                                                \
	{                                                                                                              \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (to), .imm = (number)                                  \
	}
#define ADD(to, number)                                                                                                \
	{                                                                                                              \
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (to), .imm = (number)                                  \
	}
#define JEQ(reg, number, by)                                                                                           \
	{                                                                                                              \
		.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (reg), .imm = (number), .off = (by)                      \
	}
#define JUMP(by)                                                                                                       \
	{                                                                                                              \
		.code = BPF_JMP | BPF_JA, .off = (by)                                                                  \
	}
#define EXIT                                                                                                           \
	{                                                                                                              \
		.code = BPF_JMP | BPF_EXIT                                                                             \
	}

static void way_back_to_where_it_came_from_is_a_loop(void **state)
{
	static const struct bpf_insn code[] = { MOV(0, 0), ADD(0, 1), JEQ(0, 9, 1), JUMP(-3), EXIT };
	uint32_t at = 0;

	(void)state;
	assert_int_equal(lade_needs_find_loop(code, ELEMENTS(code), &at), 1);
	assert_int_equal(at, 3);
}

/* Compilers put what several paths end in wherever they like. */
static void jump_back_to_a_common_end_is_none(void **state)
{
	static const struct bpf_insn code[] = { JUMP(2), MOV(0, 0), EXIT, JEQ(1, 0, -3), MOV(0, 1), JUMP(-4) };
	uint32_t at = 0;

	(void)state;
	assert_int_equal(lade_needs_find_loop(code, ELEMENTS(code), &at), 0);
}

static void may_goto_and_jumps_out_of_the_function_are_none(void **state)
{
	static const struct bpf_insn counted[] = { MOV(0, 0), { .code = 0xe5, .off = -2 }, EXIT };
	static const struct bpf_insn beyond[] = { JUMP(-30), JEQ(0, 0, 1000), EXIT };
	uint32_t at = 0;

	(void)state;
	assert_int_equal(lade_needs_find_loop(counted, ELEMENTS(counted), &at), 0);
	assert_int_equal(lade_needs_find_loop(beyond, ELEMENTS(beyond), &at), 0);
	assert_int_equal(lade_needs_find_loop(beyond, 0, &at), 0);
}

static struct value number(uint64_t value)
{
	return (struct value){ .kind = VALUE_NUMBER, .number = value };
}

static void constants_are_computed_as_the_machine_does(void **state)
{
	static const struct {
		struct bpf_insn instruction;
		uint64_t before, after;
	} rows[] = {
		{ ADD(1, -1), 0, UINT64_MAX },
		{ { .code = BPF_ALU | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -1 }, 0, UINT32_MAX },
		{ { .code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = 1, .imm = 60 }, UINT64_MAX, 15 },
		{ { .code = BPF_ALU64 | BPF_ARSH | BPF_K, .dst_reg = 1, .imm = 60 }, UINT64_MAX, UINT64_MAX },
		{ { .code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = 1, .imm = 6 }, 13, 4 },
		{ { .code = BPF_ALU | BPF_NEG, .dst_reg = 1 }, 1, UINT32_MAX },
		{ { .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = 1, .imm = -2 }, 0, UINT32_MAX - 1 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct flow_state now = { 0 };
		now.registers[1] = number(rows[i].before);
		lade_value_compute(&now, &rows[i].instruction);
		assert_int_equal(now.registers[1].kind, VALUE_NUMBER);
		assert_true(now.registers[1].number == rows[i].after);
	}
}

static void what_meets_is_known_only_where_it_is_the_same(void **state)
{
	struct value one = number(1), same = number(1), other = number(2);

	(void)state;
	assert_false(lade_value_merge(&one, &same));
	assert_int_equal(one.kind, VALUE_NUMBER);
	other.asked = true;
	assert_true(lade_value_merge(&one, &other));
	assert_int_equal(one.kind, VALUE_ANY);
	assert_true(one.asked); /* an answer of the kernel got lost */
	assert_false(lade_value_merge(&one, &other));
}

static void values_survive_on_the_stack_until_somebody_gets_its_address(void **state)
{
	struct flow_state now = { 0 };
	struct value value = number(7), loaded;
	const struct value frame = { .kind = VALUE_STACK };

	(void)state;
	lade_state_store(&now, &frame, -16, 8, &value);
	loaded = lade_state_load(&now, &frame, -16, 8);
	assert_int_equal(loaded.kind, VALUE_NUMBER);
	assert_true(loaded.number == 7);
	now.registers[BPF_REG_2] = (struct value){ .kind = VALUE_STACK, .number = (uint64_t)-24 };
	now.registers[BPF_REG_3] = number(8);
	lade_state_call(&now); /* 8 bytes from -24 on: another place */
	assert_int_equal(lade_state_load(&now, &frame, -16, 8).kind, VALUE_NUMBER);
	now.registers[BPF_REG_2] = (struct value){ .kind = VALUE_STACK, .number = (uint64_t)-24 };
	lade_state_call(&now); /* who knows how many */
	assert_int_equal(lade_state_load(&now, &frame, -16, 8).kind, VALUE_ANY);
}

static void places_outside_of_the_frame_are_nobodys(void **state)
{
	struct flow_state now = { 0 };
	struct value value = number(7);
	const struct value bases[] = { { .kind = VALUE_STACK },
				       { .kind = VALUE_STACK, .number = (uint64_t)INT64_MIN },
				       { .kind = VALUE_STACK, .number = INT64_MAX },
				       { .kind = VALUE_NUMBER } };
	const int offsets[] = { 0, 8, INT16_MAX, INT16_MIN, -520, -513 };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bases); i++) {
		for (size_t k = 0; k < ELEMENTS(offsets); k++) {
			lade_state_store(&now, &bases[i], offsets[k], 8, &value);
			assert_int_equal(lade_state_load(&now, &bases[i], offsets[k], 8).kind, VALUE_ANY);
		}
	}
}

static void comparisons_are_decided_in_their_width(void **state)
{
	struct flow_state now = { 0 };
	struct bpf_insn wide = JEQ(1, 0, 1), narrow = wide, null = wide;

	(void)state;
	narrow.code = 0x06 | BPF_JEQ | BPF_K; /* BPF_JMP32 */
	now.registers[1] = number(UINT64_C(1) << 32);
	assert_int_equal(lade_value_jumps(&now, &wide), 0);
	assert_int_equal(lade_value_jumps(&now, &narrow), 1);
	now.registers[1] = (struct value){ .kind = VALUE_POINTER };
	assert_int_equal(lade_value_jumps(&now, &null), 0);
	now.registers[1] = (struct value){ .kind = VALUE_ANY };
	assert_int_equal(lade_value_jumps(&now, &null), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(way_back_to_where_it_came_from_is_a_loop),
		cmocka_unit_test(jump_back_to_a_common_end_is_none),
		cmocka_unit_test(may_goto_and_jumps_out_of_the_function_are_none),
		cmocka_unit_test(constants_are_computed_as_the_machine_does),
		cmocka_unit_test(what_meets_is_known_only_where_it_is_the_same),
		cmocka_unit_test(values_survive_on_the_stack_until_somebody_gets_its_address),
		cmocka_unit_test(places_outside_of_the_frame_are_nobodys),
		cmocka_unit_test(comparisons_are_decided_in_their_width),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
