/* SPDX-License-Identifier: BSD-2-Clause */
/* Hostile input: every object with bytes changed here and there is read or refused, never more. */
#include <stdlib.h>

#include "dialect/opened.h"

static const char *const objects[] = {
	"dia_attributes.bpf.o", "dia_globals.bpf.o",    "dia_calls.bpf.o",      "dia_slots.bpf.o",
	"ext_kconfig.bpf.o",    "ext_weak.bpf.o",       "ext_ksyms.bpf.o",      "dia_needs.bpf.o",
	"dia_inner_kern.o",     "dia_static_kern.o",    "dia_tail_kern.o",      "dia_calls.eb.o",
	"dia_untyped.o",        "dia_struct_ops.bpf.o", "android_d120.o",       "android_filters.o",
	"android_separate.o",   "android_e.o",          "tc_inner_kern.o",      "tc_tails_kern.o",
	"tc_annotated.bpf.o",   "tc_calls_kern.o",      "old_libbpf0.g.o",      "old_aya_kern.o",
	"old_redbpf_kern.o",    "old_gobpf284.o",       "old_falco_kern.o",     "old_ovs_kern.o",
	"old_perf_kern.o",      "old_llvm39.o",         "old_n_moved.dwarf3.o", "old_bcc_kern.o",
	"old_n_moved.dwarf5.o", "old_n_aya.dwarf2.o",   "ops_link.bpf.o",       "jumps_table.bpf.o",
};

enum { ROUNDS = 400, MAX_BYTES = 65536 };

static uint32_t random_state = 20240521;

static uint32_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* Everything a caller can ask of an object. */
static void use(struct lade_object *object)
{
	for (size_t i = 0; i < lade_object_map_count(object); i++) {
		struct lade_map_info info = { .size = sizeof info };
		assert_int_equal(lade_map_describe(lade_object_map(object, i), &info), 0);
	}
	for (size_t i = 0; i < lade_object_program_count(object); i++) {
		struct lade_program_info info = { .size = sizeof info };
		assert_int_equal(lade_program_describe(lade_object_program(object, i), &info), 0);
	}
	for (size_t i = 0; i < lade_object_relocation_count(object); i++) {
		struct lade_relocation_info info = { .size = sizeof info };
		assert_int_equal(lade_object_relocation(object, i, &info), 0);
		assert_non_null(info.target);
	}
	for (size_t i = 0; i < lade_object_variable_count(object); i++) {
		struct lade_variable_info info = { .size = sizeof info };
		struct lade_map_info map = { .size = sizeof map };
		struct lade_variable *variable = lade_object_variable(object, i);
		assert_int_equal(lade_variable_describe(variable, &info), 0);
		assert_int_equal(lade_map_describe(info.map, &map), 0);
		assert_true((uint64_t)info.offset + info.length <= map.value_size);
		if (map.value_size < MAX_BYTES)
			(void)lade_variable_set(variable, "1", NULL);
	}
}

static void open_and_use(const uint8_t *bytes, size_t size, const char *dialect)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_open_opts options = { .size = sizeof options, .dialect = dialect };
	if (lade_object_open_memory(NULL, bytes, size, "mutant.o", &options, &object, &error) == 0) {
		use(object);
	} else {
		assert_null(object);
		assert_true(lade_error_finding_count(error) > 0);
		assert_int_not_equal(lade_error_exit_code(error), 0);
	}
	lade_object_free(object);
	lade_error_free(error);
}

static size_t read_object(const char *name, uint8_t *bytes)
{
	char path[512];
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", name);
	FILE *file = fopen(path, "rbe");
	assert_non_null(file);
	size_t size = fread(bytes, 1, MAX_BYTES, file);
	(void)fclose(file);
	assert_true(size > 0 && size < MAX_BYTES);
	return size;
}

static void objects_with_changed_bytes_are_read_or_refused(void **state)
{
	static const char *const dialects[] = { NULL,    "btf",    NULL, "samples", "libbpf0", "aya",
						"gobpf", "redbpf", NULL, "falco",   "ovs",     "perf" };
	static uint8_t bytes[MAX_BYTES], mutant[MAX_BYTES];
	(void)state;
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		size_t size = read_object(objects[i], bytes);
		for (unsigned round = 0; round < ROUNDS; round++) {
			memcpy(mutant, bytes, size);
			for (uint32_t changes = next_random() % 8 + 1; changes; changes--)
				mutant[next_random() % size] = (uint8_t)(next_random() >> 8);
			open_and_use(mutant, size, dialects[round % ELEMENTS(dialects)]);
		}
	}
}

static void objects_cut_off_anywhere_are_refused(void **state)
{
	static uint8_t bytes[MAX_BYTES];
	(void)state;
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		size_t size = read_object(objects[i], bytes);
		for (size_t cut = 0; cut < size; cut += size / 64 + 1)
			open_and_use(bytes, cut, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_with_changed_bytes_are_read_or_refused),
		cmocka_unit_test(objects_cut_off_anywhere_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
