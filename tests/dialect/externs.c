/* SPDX-License-Identifier: BSD-2-Clause */
/* Externs of an object: what they are taken for, where values of the configuration lie, and BTF that a kernel takes. */
#include <errno.h>

#include "dialect/opened.h"

#include "object/kconfig.h"

static const struct object_extern *must_extern(const struct lade_object *object, const char *name)
{
	array_foreach(outside, &object->externs)
		if (strcmp(outside->name, name) == 0)
			return outside;
	fail_msg("no extern %s", name);
	return NULL;
}

static uint32_t section_of(const struct lade_object *object, const char *name)
{
	uint32_t id = lade_btf_find(object->btf, name, BTF_KIND_DATASEC);
	assert_true(id != 0);
	return id;
}

static void externs_are_told_apart_by_section_and_type(void **state)
{
	static const struct {
		const char *file, *name, *section;
		enum extern_kind kind;
		bool is_weak;
	} rows[] = {
		{ "ext_kconfig.bpf.o", "CONFIG_BPF_SYSCALL", ".kconfig", EXTERN_KCONFIG, false },
		{ "ext_kconfig.bpf.o", "CONFIG_NO_SUCH_OPTION", ".kconfig", EXTERN_KCONFIG, true },
		{ "ext_ksyms.bpf.o", "runqueues", ".ksyms", EXTERN_KSYM, false },
		{ "ext_ksyms.bpf.o", "no_such_variable", ".ksyms", EXTERN_KSYM, true },
		{ "ext_ksyms.bpf.o", "bpf_prog_put", ".ksyms", EXTERN_ADDRESS, false },
		{ "ext_kfuncs.bpf.o", "bpf_task_from_pid", ".ksyms", EXTERN_KFUNC, false },
		{ "ext_weak.bpf.o", "bpf_task_acquire___two", ".ksyms", EXTERN_KFUNC, true },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_object *object = open_object(rows[i].file);
		const struct object_extern *outside = must_extern(object, rows[i].name);
		assert_int_equal(outside->kind, rows[i].kind);
		assert_int_equal(outside->is_weak, rows[i].is_weak);
		assert_string_equal(outside->section, rows[i].section);
		lade_object_free(object);
	}
}

static void typed_symbols_keep_the_type_that_the_author_declared(void **state)
{
	(void)state;
	struct lade_object *object = open_object("ext_ksyms.bpf.o");
	const struct object_extern *queue = must_extern(object, "runqueues");
	assert_string_equal(lade_btf_type_name(object->btf, queue->declared_type), "rq");
	/* … while the variable itself is an int for the kernel. */
	const struct btf_type *variable = lade_btf_type(object->btf, queue->btf_type);
	assert_string_equal(lade_btf_type_name(object->btf, variable->type), "int");
	assert_int_equal(((const struct btf_var *)(variable + 1))->linkage, BTF_VAR_GLOBAL_ALLOCATED);
	assert_int_equal(must_extern(object, "bpf_prog_put")->declared_type, 0);
	lade_object_free(object);
}

static void values_are_laid_out_by_alignment_then_size_then_name(void **state)
{
	static const struct {
		const char *name;
		uint32_t offset, length;
		enum kconfig_type type;
	} rows[] = {
		{ "CONFIG_NR_CPUS", 0, 8, KCONFIG_INTEGER },
		{ "CONFIG_BPF_JIT", 8, 4, KCONFIG_TRISTATE },
		{ "LINUX_HAS_NOTHING_OF_THE_KIND", 12, 4, KCONFIG_INTEGER },
		{ "LINUX_KERNEL_VERSION", 16, 4, KCONFIG_INTEGER },
		{ "CONFIG_LOG_BUF_SHIFT", 20, 2, KCONFIG_INTEGER },
		{ "CONFIG_BPF_SYSCALL", 22, 1, KCONFIG_BOOL },
		{ "CONFIG_CGROUP_BPF", 23, 1, KCONFIG_CHAR },
		{ "CONFIG_HZ", 24, 1, KCONFIG_CHAR },
		{ "CONFIG_NO_SUCH_OPTION", 25, 1, KCONFIG_BOOL },
		{ "LINUX_HAS_BPF_COOKIE", 26, 1, KCONFIG_BOOL },
		{ "CONFIG_CC_VERSION_TEXT", 27, 4, KCONFIG_TEXT },
		{ "CONFIG_DEFAULT_HOSTNAME", 31, 16, KCONFIG_TEXT },
	};
	(void)state;
	struct lade_object *object = open_object("ext_kconfig.bpf.o");
	const struct lade_map *map = must_map(object, ".kconfig");
	const struct btf_type *section = lade_btf_type(object->btf, section_of(object, ".kconfig"));
	assert_int_equal(object->externs.count, ELEMENTS(rows));
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct object_extern *outside = &object->externs.items[i];
		assert_string_equal(outside->name, rows[i].name);
		assert_int_equal(outside->offset, rows[i].offset);
		assert_int_equal(outside->length, rows[i].length);
		assert_int_equal(outside->value, rows[i].type);
		assert_int_equal(lade_btf_secinfos(section)[i].offset, rows[i].offset);
		assert_int_equal(lade_btf_secinfos(section)[i].type, outside->btf_type);
	}
	assert_int_equal(map->definition.value_size, 47);
	assert_int_equal(section->size, 47);
	assert_int_equal(map->definition.flags, BPF_F_RDONLY_PROG | BPF_F_MMAPABLE);
	assert_true(map->is_readonly_data);
	lade_object_free(object);
}

static void functions_share_one_dummy_variable_in_the_section_of_symbols(void **state)
{
	(void)state;
	struct lade_object *object = open_object("ext_kfuncs.bpf.o");
	const struct btf_type *section = lade_btf_type(object->btf, section_of(object, ".ksyms"));
	uint32_t dummy = lade_btf_find(object->btf, "dummy_ksym", BTF_KIND_VAR);
	assert_int_equal(dummy, lade_btf_count(object->btf) - 1);
	assert_int_equal(lade_btf_vlen(section), 4);
	assert_int_equal(section->size, 16);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(lade_btf_secinfos(section)[i].type, dummy);
		assert_int_equal(lade_btf_secinfos(section)[i].offset, 4 * i);
	}
	/* The prototype had no name for its parameter; kernels want one. */
	uint32_t function = lade_btf_find(object->btf, "bpf_task_from_pid", BTF_KIND_FUNC);
	const struct btf_type *type = lade_btf_type(object->btf, function);
	assert_int_equal(type->info & 0xffff, BTF_FUNC_GLOBAL);
	const struct btf_param *params = lade_btf_params(lade_btf_type(object->btf, type->type));
	assert_string_equal(lade_btf_string(object->btf, params[0].name_off), "dummy_ksym");
	lade_object_free(object);
}

static void appended_variable_survives_parsing_again(void **state)
{
	(void)state;
	struct lade_object *object = open_object("ext_kfuncs.bpf.o");
	struct lade_btf *again = NULL;
	size_t size;
	const void *bytes = lade_btf_bytes(object->btf, &size);
	assert_int_equal(lade_btf_parse(bytes, size, "again", &again, NULL), 0);
	assert_int_equal(lade_btf_count(again), lade_btf_count(object->btf));
	assert_true(lade_btf_find(again, "dummy_ksym", BTF_KIND_VAR) != 0);
	lade_btf_free(again);
	lade_object_free(object);
}

static void option_is_set_as_the_configuration_writes_it(void **state)
{
	(void)state;
	struct lade_object *object = open_object("ext_kconfig.bpf.o");
	const struct lade_map *map = must_map(object, ".kconfig");
	static const struct {
		const char *name, *text;
		uint32_t offset;
		uint8_t byte;
	} rows[] = {
		{ "CONFIG_BPF_SYSCALL", "y", 22, 1 },  { "CONFIG_BPF_SYSCALL", "false", 22, 0 },
		{ "CONFIG_BPF_JIT", "m", 8, 2 },       { "CONFIG_BPF_JIT", "TRI_YES", 8, 1 },
		{ "CONFIG_CGROUP_BPF", "y", 23, 'y' }, { "CONFIG_HZ", "100", 24, 100 },
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_variable *variable = lade_object_find_variable(object, rows[i].name);
		struct lade_error *error = NULL;
		assert_non_null(variable);
		if (lade_variable_set(variable, rows[i].text, &error) < 0)
			fail_msg("%s", lade_error_message(error));
		assert_int_equal(map->data[rows[i].offset], rows[i].byte);
	}
	assert_true(must_extern(object, "CONFIG_HZ")->is_set);
	assert_false(must_extern(object, "CONFIG_NR_CPUS")->is_set);
	assert_int_equal(lade_variable_set(lade_object_find_variable(object, "CONFIG_BPF_SYSCALL"), "m", NULL),
			 -EINVAL);
	assert_int_equal(lade_variable_set(lade_object_find_variable(object, "CONFIG_HZ"), "1000", NULL), -ERANGE);
	lade_object_free(object);
}

/* ---- text to value ---- */

static void values_follow_the_type_of_the_variable(void **state)
{
	static const struct {
		enum kconfig_type type;
		uint32_t length;
		bool is_signed;
		const char *text;
		int result;
		uint64_t value;
	} rows[] = {
		{ KCONFIG_BOOL, 1, false, "y", 0, 1 },
		{ KCONFIG_BOOL, 1, false, "n", 0, 0 },
		{ KCONFIG_BOOL, 1, false, "m", -EINVAL, 0 },
		{ KCONFIG_BOOL, 1, false, "1", 0, 1 },
		{ KCONFIG_BOOL, 1, false, "2", -ERANGE, 0 },
		{ KCONFIG_BOOL, 1, false, "yes", -EINVAL, 0 },
		{ KCONFIG_BOOL, 1, false, "", -EINVAL, 0 },
		{ KCONFIG_TRISTATE, 4, false, "n", 0, 0 },
		{ KCONFIG_TRISTATE, 4, false, "y", 0, 1 },
		{ KCONFIG_TRISTATE, 4, false, "m", 0, 2 },
		{ KCONFIG_TRISTATE, 4, false, "1", -EINVAL, 0 },
		{ KCONFIG_TRISTATE, 8, false, "m", 0, 2 },
		{ KCONFIG_CHAR, 1, false, "m", 0, 'm' },
		{ KCONFIG_CHAR, 1, false, "255", 0, 255 },
		{ KCONFIG_CHAR, 1, true, "255", -ERANGE, 0 },
		{ KCONFIG_CHAR, 1, true, "-128", 0, 0x80 },
		{ KCONFIG_INTEGER, 2, true, "32767", 0, 32767 },
		{ KCONFIG_INTEGER, 2, true, "32768", -ERANGE, 0 },
		{ KCONFIG_INTEGER, 2, true, "-32769", -ERANGE, 0 },
		{ KCONFIG_INTEGER, 4, false, "0xffffffff", 0, 0xffffffff },
		{ KCONFIG_INTEGER, 4, false, "0x100000000", -ERANGE, 0 },
		{ KCONFIG_INTEGER, 8, false, "0xffffffffffffffff", 0, UINT64_MAX },
		{ KCONFIG_INTEGER, 8, false, "0x10000000000000000", -ERANGE, 0 },
		{ KCONFIG_INTEGER, 4, false, "12x", -EINVAL, 0 },
		{ KCONFIG_INTEGER, 4, false, "\"12\"", -EINVAL, 0 },
		{ KCONFIG_INTEGER, 4, false, "y", -EINVAL, 0 },
		{ KCONFIG_TEXT, 4, false, "\"ab\"", 0, 0x6261 },
		{ KCONFIG_TEXT, 4, false, "\"\"", 0, 0 },
		{ KCONFIG_TEXT, 4, false, "\"", -EINVAL, 0 },
		{ KCONFIG_TEXT, 4, false, "ab", -EINVAL, 0 },
		{ KCONFIG_TEXT, 4, false, "y", -EINVAL, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct object_extern outside = { .value = rows[i].type,
						       .length = rows[i].length,
						       .is_signed = rows[i].is_signed };
		uint8_t bytes[8] = { 0 };
		bool cut;
		int result = lade_kconfig_value(&outside, rows[i].text, bytes, &cut);
		if (result != rows[i].result)
			fail_msg("\"%s\" as %s: %d", rows[i].text, lade_kconfig_type_text(rows[i].type), result);
		if (memcmp(bytes, &rows[i].value, rows[i].length) != 0)
			fail_msg("\"%s\" as %s has another value", rows[i].text, lade_kconfig_type_text(rows[i].type));
		assert_false(cut);
	}
}

static void text_longer_than_its_array_is_cut_and_ended(void **state)
{
	const struct object_extern outside = { .value = KCONFIG_TEXT, .length = 4 };
	uint8_t bytes[8];
	bool cut = false;
	(void)state;
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(lade_kconfig_value(&outside, "\"abcd\"", bytes, &cut), 0);
	assert_true(cut);
	assert_memory_equal(bytes, "abc\0xxxx", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(externs_are_told_apart_by_section_and_type),
		cmocka_unit_test(typed_symbols_keep_the_type_that_the_author_declared),
		cmocka_unit_test(values_are_laid_out_by_alignment_then_size_then_name),
		cmocka_unit_test(functions_share_one_dummy_variable_in_the_section_of_symbols),
		cmocka_unit_test(appended_variable_survives_parsing_again),
		cmocka_unit_test(option_is_set_as_the_configuration_writes_it),
		cmocka_unit_test(values_follow_the_type_of_the_variable),
		cmocka_unit_test(text_longer_than_its_array_is_cut_and_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
