/* SPDX-License-Identifier: BSD-2-Clause */
/* __arg_ctx for kernels that do not read the tag: function records and types that stand beside the object's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/context.h"
#include "plan/plan.h"

static struct lade_context *context;
static struct lade_object *object;
static struct lade_plan *plan;

static void build(const char *file)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	const struct plan_target target = { .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };
	struct lade_error *error = NULL;

	assert_int_equal(lade_object_open(context, file, NULL, &object, NULL), 0);
	if (lade_plan_build(object, &target, &opts, &plan, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static int setup(void **state)
{
	(void)state;
	if (lade_context_new(NULL, &context, NULL) < 0)
		return -1;
	build(TEST_OBJECTS "/context_tag.bpf.o");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plan = lade_plan_free(plan);
	object = lade_object_free(object);
	context = lade_context_free(context);
	return 0;
}

static const struct program_operation *load_of(const char *program)
{
	array_foreach(operation, &plan->operations)
		if (operation->kind == OPERATION_PROGRAM_LOAD &&
		    strcmp(plan->object->programs.items[operation->program]->name, program) == 0)
			return operation->program_load;
	fail_msg("no operation loads %s", program);
	return NULL;
}

/* The record of a function in one of both sets; NULL: the program does not have it. */
static const struct bpf_func_info *record_of(const struct program_operation *load, const char *function, bool older)
{
	for (size_t i = 0; i < load->func_info.count; i++)
		if (strcmp(lade_btf_type_name(plan->btf, load->func_info.items[i].type_id), function) == 0)
			return older ? &load->older_func_info.items[i] : &load->func_info.items[i];
	return NULL;
}

static const struct btf_type *prototype_of(const struct bpf_func_info *record)
{
	const struct btf_type *function = lade_btf_type(plan->btf, record->type_id);

	assert_int_equal(lade_btf_kind(function), BTF_KIND_FUNC);
	assert_int_equal(lade_btf_vlen(function), BTF_FUNC_GLOBAL);
	return lade_btf_type(plan->btf, function->type);
}

/* What a parameter of the older set points to; the newer set must have kept its own. */
static const char *pointee(const char *program, const char *function, uint32_t parameter)
{
	const struct program_operation *load = load_of(program);
	const struct bpf_func_info *record = record_of(load, function, true);
	const struct btf_type *pointer, *target;

	assert_non_null(record);
	assert_int_equal(record->insn_off, record_of(load, function, false)->insn_off);
	assert_int_not_equal(record->type_id, record_of(load, function, false)->type_id);
	assert_string_equal(lade_btf_type_name(plan->btf, record->type_id), function);
	pointer = lade_btf_type(plan->btf, lade_btf_params(prototype_of(record))[parameter].type);
	assert_int_equal(lade_btf_kind(pointer), BTF_KIND_PTR);
	target = lade_btf_type(plan->btf, pointer->type);
	assert_int_equal(lade_btf_kind(target), BTF_KIND_STRUCT);
	return lade_btf_string(plan->btf, target->name_off);
}

static void a_shared_function_has_a_context_of_its_own_in_each_type_of_program(void **state)
{
	(void)state;
	assert_string_equal(pointee("of_xdp", "report", 1), "xdp_md");
	assert_string_equal(pointee("of_kprobe", "report", 1), "bpf_user_pt_regs_t");
	assert_string_equal(pointee("of_raw_tracepoint", "report", 1), "bpf_raw_tracepoint_args");
	assert_int_not_equal(record_of(load_of("of_xdp"), "report", true)->type_id,
			     record_of(load_of("of_kprobe"), "report", true)->type_id);
}

static void other_names_of_a_context_give_way_to_the_one_that_kernels_know(void **state)
{
	(void)state;
	assert_string_equal(pointee("of_kprobe", "traced", 0), "bpf_user_pt_regs_t");
	assert_string_equal(pointee("of_raw_tracepoint", "first", 0), "bpf_raw_tracepoint_args");
}

static void what_is_not_tagged_stays(void **state)
{
	const struct program_operation *load = load_of("of_xdp");
	const struct btf_type *before = prototype_of(record_of(load, "report", false));
	const struct btf_type *after = prototype_of(record_of(load, "report", true));

	(void)state;
	assert_int_equal(lade_btf_vlen(after), lade_btf_vlen(before));
	assert_int_equal(after->type, before->type);
	assert_memory_equal(lade_btf_params(after), lade_btf_params(before), sizeof(struct btf_param));
	assert_int_equal(lade_btf_params(after)[1].name_off, lade_btf_params(before)[1].name_off);
	assert_int_equal(record_of(load, "of_xdp", true)->type_id, record_of(load, "of_xdp", false)->type_id);
}

static void a_context_by_its_own_name_needs_no_second_set(void **state)
{
	(void)state;
	assert_int_equal(load_of("of_tc")->older_func_info.count, 0);
}

static void the_copies_carry_the_tag_and_the_types_before_them_keep_their_ids(void **state)
{
	const struct bpf_func_info *record = record_of(load_of("of_xdp"), "report", true);
	bool found = false;

	(void)state;
	for (uint32_t id = lade_btf_count(object->btf); id < lade_btf_count(plan->btf); id++) {
		const struct btf_type *type = lade_btf_type(plan->btf, id);
		found |= lade_btf_kind(type) == BTF_KIND_DECL_TAG && type->type == record->type_id &&
			 ((const struct btf_decl_tag *)(type + 1))->component_idx == 1 &&
			 strcmp(lade_btf_string(plan->btf, type->name_off), "arg:ctx") == 0;
	}
	assert_true(found);
	for (uint32_t id = 1; id < lade_btf_count(object->btf); id++)
		assert_memory_equal(lade_btf_type(plan->btf, id), lade_btf_type(object->btf, id),
				    sizeof(struct btf_type));
	for (size_t i = 0; i < load_of("of_xdp")->func_info.count; i++)
		assert_in_range(load_of("of_xdp")->func_info.items[i].type_id, 1, lade_btf_count(object->btf) - 1);
}

static void an_object_without_tags_is_loaded_with_its_own_types(void **state)
{
	struct lade_object *tagged = object;
	struct lade_plan *with_tags = plan;

	(void)state;
	build(TEST_OBJECTS "/core_replaced.bpf.o");
	assert_null(plan->btf);
	assert_ptr_equal(lade_plan_btf(plan), object->btf);
	assert_int_equal(load_of("asks")->older_func_info.count, 0);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
	object = tagged;
	plan = with_tags;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_function_has_a_context_of_its_own_in_each_type_of_program),
		cmocka_unit_test(other_names_of_a_context_give_way_to_the_one_that_kernels_know),
		cmocka_unit_test(what_is_not_tagged_stays),
		cmocka_unit_test(a_context_by_its_own_name_needs_no_second_set),
		cmocka_unit_test(the_copies_carry_the_tag_and_the_types_before_them_keep_their_ids),
		cmocka_unit_test(an_object_without_tags_is_loaded_with_its_own_types),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
