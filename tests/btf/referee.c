/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf reads the same: compiled objects, the running kernel's BTF, BTF that libbpf made. */
#include "btf/builder.h"

#include <bpf/btf.h>
#include <errno.h>

static void compare_type(const struct btf *theirs, const struct lade_btf *ours, uint32_t id)
{
	const struct btf_type *a = btf__type_by_id(theirs, id), *b = lade_btf_type(ours, id);
	assert_int_equal(btf_kind(a), lade_btf_kind(b));
	assert_int_equal(btf_vlen(a), lade_btf_vlen(b));
	assert_int_equal(btf_kflag(a), lade_btf_kind_flag(b));
	assert_string_equal(btf__name_by_offset(theirs, a->name_off), lade_btf_type_name(ours, id));
	int64_t size = btf__resolve_size(theirs, id), own = lade_btf_size(ours, id);
	/* libbpf gives a decl_tag the size of what it tags; for Lade it is no type of values. */
	if (size >= 0 && own != -E2BIG && !btf_is_decl_tag(a))
		assert_int_equal(own, size);
	else
		assert_true(own < 0);
	if (btf_is_composite(a))
		for (uint32_t i = 0; i < btf_vlen(a); i++) {
			assert_int_equal(btf_member_bit_offset(a, i), lade_btf_member_bit_offset(b, i));
			assert_int_equal(btf_member_bitfield_size(a, i), lade_btf_member_bit_size(b, i));
		}
	int resolved = btf__resolve_type(theirs, id);
	if (!btf_is_var(a) && resolved > 0)
		assert_true(lade_btf_skip_modifiers(ours, id) == (uint32_t)resolved);
}

static void compare(const struct btf *theirs, const struct lade_btf *ours)
{
	assert_non_null(theirs);
	assert_int_equal(btf__type_cnt(theirs), lade_btf_count(ours));
	for (uint32_t id = 1; id < lade_btf_count(ours); id++)
		compare_type(theirs, ours, id);
}

static void compiled_types_are_read_as_libbpf_reads_them(void **state)
{
	(void)state;
	static const char *const objects[] = { TEST_OBJECTS "/elf_basic.bpf.o", TEST_OBJECTS "/elf_basic.eb.o",
					       TEST_OBJECTS "/btf_recent.recent.o" };
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		struct compiled object;
		if (!compiled_open(objects[i], &object))
			continue;
		struct btf *theirs = btf__parse_elf(objects[i], NULL);
		compare(theirs, object.btf);
		btf__free(theirs);
		compiled_close(&object);
	}
}

static void recent_kinds_are_read(void **state)
{
	(void)state;
	struct compiled object;
	if (!compiled_open(TEST_OBJECTS "/btf_recent.recent.o", &object))
		skip();
	const struct btf_type *wide = lade_btf_type(object.btf, lade_btf_find(object.btf, "wide", BTF_KIND_ENUM64));
	assert_non_null(wide);
	assert_false(lade_btf_kind_flag(wide));
	assert_int_equal(lade_btf_enums64(wide)[1].val_lo32, 0x90abcdef);
	assert_int_equal(lade_btf_enums64(wide)[1].val_hi32, 0x12345678);
	assert_true(
		lade_btf_kind_flag(lade_btf_type(object.btf, lade_btf_find(object.btf, "negative", BTF_KIND_ENUM64))));
	assert_true(lade_btf_find(object.btf, "user", BTF_KIND_TYPE_TAG) > 0);
	assert_true(lade_btf_find(object.btf, "marked", BTF_KIND_DECL_TAG) > 0);
	assert_true(lade_btf_find(object.btf, "double", BTF_KIND_FLOAT) > 0);
	assert_true(lade_btf_find(object.btf, ".ksyms", BTF_KIND_DATASEC) == 0 ||
		    lade_btf_find(object.btf, "unknown_function", BTF_KIND_FUNC) > 0);
	compiled_close(&object);
}

static void both_byte_orders_of_an_object_hold_the_same_types(void **state)
{
	(void)state;
	struct compiled little, big;
	assert_true(compiled_open(TEST_OBJECTS "/elf_basic.bpf.o", &little));
	assert_true(compiled_open(TEST_OBJECTS "/elf_basic.eb.o", &big));
	assert_int_equal(lade_btf_count(little.btf), lade_btf_count(big.btf));
	for (uint32_t id = 1; id < lade_btf_count(little.btf); id++) {
		assert_string_equal(lade_btf_type_name(little.btf, id), lade_btf_type_name(big.btf, id));
		assert_int_equal(lade_btf_type(little.btf, id)->info, lade_btf_type(big.btf, id)->info);
	}
	compiled_close(&little);
	compiled_close(&big);
}

static void btf_of_the_running_kernel_is_read_as_libbpf_reads_it(void **state)
{
	(void)state;
	static const char path[] = "/sys/kernel/btf/vmlinux";
	struct lade_btf *ours = NULL;
	struct lade_error *error = NULL;
	struct btf *theirs = access(path, R_OK) == 0 ? btf__parse_raw(path) : NULL;
	uint32_t size;
	if (!theirs) {
		(void)fprintf(stderr, "%s is not there, or this libbpf cannot read it\n", path);
		skip();
	}
	const void *bytes = btf__raw_data(theirs, &size);
	if (lade_btf_parse(bytes, size, path, &ours, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	compare(theirs, ours);
	assert_string_equal(lade_btf_type_name(ours, lade_btf_find(ours, "task_struct", BTF_KIND_STRUCT)),
			    "task_struct");
	lade_btf_free(ours);
	btf__free(theirs);
}

/* Every kind that libbpf can write. */
static struct btf *make_with_libbpf(void)
{
	struct btf *made = btf__new_empty();
	assert_non_null(made);
	int number = btf__add_int(made, "int", 4, BTF_INT_SIGNED);
	int pointer = btf__add_ptr(made, number);
	int array = btf__add_array(made, number, number, 3);
	assert_true(btf__add_struct(made, "s", 24) > 0);
	assert_int_equal(btf__add_field(made, "a", number, 0, 5), 0);
	assert_int_equal(btf__add_field(made, "b", pointer, 64, 0), 0);
	assert_true(btf__add_union(made, "u", 12) > 0);
	assert_int_equal(btf__add_field(made, "c", array, 0, 0), 0);
	assert_true(btf__add_enum(made, "e", 4) > 0);
	assert_int_equal(btf__add_enum_value(made, "E1", -1), 0);
	assert_true(btf__add_enum64(made, "e64", 8, false) > 0);
	assert_int_equal(btf__add_enum64_value(made, "E2", 1ULL << 40), 0);
	assert_true(btf__add_fwd(made, "f", BTF_FWD_UNION) > 0);
	int word = btf__add_typedef(made, "word", number);
	assert_true(btf__add_volatile(made, btf__add_const(made, btf__add_restrict(made, pointer))) > 0);
	int proto = btf__add_func_proto(made, number);
	assert_int_equal(btf__add_func_param(made, "p", pointer), 0);
	int function = btf__add_func(made, "run", BTF_FUNC_STATIC, proto);
	int variable = btf__add_var(made, "v", BTF_VAR_STATIC, word);
	assert_true(btf__add_datasec(made, ".data", 4) > 0);
	assert_int_equal(btf__add_datasec_var_info(made, variable, 0, 4), 0);
	assert_true(btf__add_float(made, "double", 8) > 0);
	assert_true(btf__add_decl_tag(made, "tag", function, 0) > 0);
	assert_true(btf__add_type_tag(made, "user", pointer) > 0);
	return made;
}

static void btf_made_by_libbpf_is_read_in_both_byte_orders(void **state)
{
	(void)state;
	struct btf *made = make_with_libbpf();
	const enum btf_endianness orders[] = { BTF_LITTLE_ENDIAN, BTF_BIG_ENDIAN };
	for (size_t i = 0; i < ELEMENTS(orders); i++) {
		struct lade_btf *ours = NULL;
		uint32_t size;
		assert_int_equal(btf__set_endianness(made, orders[i]), 0);
		const void *bytes = btf__raw_data(made, &size);
		assert_int_equal(lade_btf_parse(bytes, size, "made", &ours, NULL), 0);
		compare(made, ours);
		lade_btf_free(ours);
	}
	btf__free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiled_types_are_read_as_libbpf_reads_them),
		cmocka_unit_test(recent_kinds_are_read),
		cmocka_unit_test(both_byte_orders_of_an_object_hold_the_same_types),
		cmocka_unit_test(btf_of_the_running_kernel_is_read_as_libbpf_reads_it),
		cmocka_unit_test(btf_made_by_libbpf_is_read_in_both_byte_orders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
