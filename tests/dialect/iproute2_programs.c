/* SPDX-License-Identifier: BSD-2-Clause */
/* The programs of iproute2 and Calico: tail calls, types, code, symbols of old compilers. */
#include <elf.h>

#include "dialect/iproute2.h"
#include "dialect/opened.h"
#include "plan/plan.h"

/* ---- tail calls ---- */

static void assert_slot(const struct lade_object *object, const char *map, const char *program, uint32_t slot)
{
	const struct lade_map *array = must_map(object, map);
	for (size_t i = 0; i < array->initial.count; i++) {
		uint32_t index;
		const char *name;
		assert_int_equal(lade_map_initial(array, i, &index, &name), 0);
		if (strcmp(name, program) != 0)
			continue;
		assert_int_equal(index, slot);
		return;
	}
	fail_msg("%s is in no slot of %s", program, map);
}

static void tail_sections_are_decimal_hex_and_octal_in_any_order(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_tails_kern.o");
	assert_slot(object, "decimal", "decimal_three", 3);
	assert_slot(object, "decimal", "decimal_one", 1);
	assert_slot(object, "hex", "hex_fifteen", 15);
	assert_slot(object, "octal", "octal_eight", 8);
	assert_int_equal(must_map(object, "no_array")->initial.count, 0);
	lade_object_free(object);
}

static void tail_section_of_an_unknown_id_is_a_program_in_no_slot_and_a_warning(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_tails_kern.o");
	const struct lade_finding *note = find_note(object, "dialect.iproute2.tail");
	assert_non_null(note);
	assert_string_equal(note->program, "unclaimed");
	assert_true(must_program(object, "unclaimed")->autoload);
	lade_object_free(object);
}

static void tail_names_are_what_scanf_reads(void **state)
{
	static const struct {
		const char *name;
		bool good;
		uint32_t id, slot;
	} cases[] = {
		{ "42/0", true, 42, 0 },   { "0xabccba/0", true, 0xabccba, 0 },
		{ "43/010", true, 43, 8 }, { "1/2/3", true, 1, 2 },
		{ "1/2rest", true, 1, 2 }, { "0xffffffff/1", true, UINT32_MAX, 1 },
		{ "08/1", false, 0, 0 },   { "1/", false, 0, 0 },
		{ "/1", false, 0, 0 },     { "classifier/1", false, 0, 0 },
		{ "", false, 0, 0 },       { "1", false, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		uint32_t id = 0, slot = 0;
		assert_int_equal(lade_tc_tail_name(cases[i].name, &id, &slot), cases[i].good);
		if (!cases[i].good)
			continue;
		assert_int_equal(id, cases[i].id);
		assert_int_equal(slot, cases[i].slot);
	}
}

static int plan_with(struct lade_object *object, struct lade_error **error)
{
	const struct plan_target target = { .possible_cpus = 2, .page_bytes = 4096 };
	struct lade_load_opts options = { .size = sizeof options };
	struct lade_plan *plan = NULL;
	int result = lade_plan_build(object, &target, &options, &plan, error);
	lade_plan_free(plan);
	return result;
}

static void slot_beyond_the_array_names_the_entries_it_needs(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_far_slot_kern.o");
	struct lade_error *error = NULL;
	assert_true(plan_with(object, &error) < 0);
	assert_string_equal(lade_error_finding(error, 0)->code, "plan.slot-range");
	assert_string_equal(lade_error_finding(error, 0)->fix, "--max-entries calls=6");
	lade_error_free(error);
	assert_int_equal(lade_map_set_max_entries(must_map(object, "calls"), 6), 0);
	assert_int_equal(plan_with(object, NULL), 0);
	lade_object_free(object);
}

/* ---- types ---- */

static void assert_type(const struct lade_object *object, const char *program, const char *type)
{
	struct lade_program_info info = { .size = sizeof info };
	assert_int_equal(lade_program_describe(must_program(object, program), &info), 0);
	assert_string_equal(info.type_name, type);
}

static bool is_assumed(const struct lade_object *object, const char *program)
{
	for (size_t i = 0; i < lade_object_note_count(object); i++) {
		const struct lade_finding *note = lade_object_note(object, i);
		if (strcmp(note->code, "program.type.assumed") == 0 && strcmp(note->program, program) == 0)
			return true;
	}
	return false;
}

static void default_sections_say_their_type_and_others_are_assumed(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_types_kern.o");
	assert_type(object, "cls", "sched_cls");
	assert_type(object, "act", "sched_act");
	assert_type(object, "xdp", "xdp");
	assert_type(object, "free_name", "sched_cls");
	assert_true(is_assumed(object, "free_name"));
	assert_false(is_assumed(object, "cls"));
	lade_object_free(object);
}

static void tail_programs_have_the_type_of_the_program_that_calls_them(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_tails_kern.o");
	assert_type(object, "decimal_three", "sched_cls");
	assert_type(object, "octal_eight", "sched_cls"); /* through decimal_one */
	assert_false(is_assumed(object, "octal_eight"));
	assert_true(is_assumed(object, "unclaimed"));
	lade_object_free(object);
}

static void assumed_type_gives_way_to_one_that_shares_a_prog_array(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_gives_way_kern.o");
	assert_type(object, "enter", "xdp");
	assert_type(object, "middle", "xdp");
	assert_type(object, "end", "xdp");
	assert_type(object, "free_name", "xdp");
	assert_false(is_assumed(object, "free_name"));
	assert_type(object, "nothing_shared", "sched_cls");
	assert_true(is_assumed(object, "nothing_shared"));
	lade_object_free(object);
}

static void type_that_is_asked_for_takes_the_tail_programs_along(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_tails_kern.o");
	assert_int_equal(lade_program_set_type(must_program(object, "enter"), "xdp"), 0);
	assert_type(object, "decimal_three", "xdp");
	assert_type(object, "octal_eight", "xdp");
	assert_int_equal(plan_with(object, NULL), 0);
	assert_int_equal(lade_program_set_type(must_program(object, "unclaimed"), "sched_act"), 0);
	assert_false(is_assumed(object, "unclaimed"));
	assert_type(object, "unclaimed", "sched_act");
	lade_object_free(object);
}

static void two_types_at_one_prog_array_are_found_before_loading(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_two_types_kern.o");
	struct lade_error *error = NULL;
	assert_true(plan_with(object, &error) < 0);
	assert_string_equal(lade_error_finding(error, 0)->code, "plan.prog-array.types");
	lade_error_free(error);
	lade_object_free(object);
}

static void tail_programs_follow_the_program_that_is_loaded(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_two_types_kern.o");
	assert_type(object, "tail", "sched_cls");
	assert_int_equal(lade_program_set_autoload(must_program(object, "cls"), false), 0);
	assert_type(object, "tail", "xdp");
	assert_int_equal(plan_with(object, NULL), 0);
	lade_object_free(object);
}

/* ---- code ---- */

static void subprograms_in_text_are_found_by_symbol_and_by_section(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_calls_kern.o");
	const struct lade_program *enter = must_program(object, "enter"), *act = must_program(object, "act");
	assert_true(has_subprogram(enter, "plain"));
	assert_true(has_subprogram(enter, "global_first"));
	assert_true(has_subprogram(enter, "global_second"));
	assert_false(has_subprogram(act, "global_first"));
	assert_true(has_subprogram(act, "plain")); /* through global_second */
	assert_int_equal(object->programs.count, 2);
	lade_object_free(object);
}

static void text_alone_is_a_program(void **state)
{
	(void)state;
	struct lade_object *object = open_as("tc_text_kern.o", "iproute2");
	assert_int_equal(object->programs.count, 1);
	assert_type(object, "only", "sched_cls");
	lade_object_free(object);
}

static void global_variables_are_loaded_where_a_program_uses_them(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_data_kern.o");
	assert_int_equal(object->maps.count, 2);
	assert_true(must_map(object, ".rodata")->is_readonly_data);
	assert_non_null(lade_object_find_variable(object, "limit"));
	lade_object_free(object);
}

/* ---- symbols as compilers before LLVM 8 wrote them ---- */

/* Takes type and size from every symbol that has a name. */
static void untype(uint8_t *bytes)
{
	Elf64_Ehdr header;
	memcpy(&header, bytes, sizeof header);
	for (size_t i = 0; i < header.e_shnum; i++) {
		Elf64_Shdr section;
		memcpy(&section, bytes + header.e_shoff + i * sizeof section, sizeof section);
		for (size_t j = 0; section.sh_type == SHT_SYMTAB && j < section.sh_size / sizeof(Elf64_Sym); j++) {
			Elf64_Sym symbol;
			uint8_t *place = bytes + section.sh_offset + j * sizeof symbol;
			memcpy(&symbol, place, sizeof symbol);
			unsigned type = ELF64_ST_TYPE(symbol.st_info);
			if (type == STT_SECTION || type == STT_FILE)
				continue;
			symbol.st_info = (unsigned char)(symbol.st_info & 0xf0); /* STT_NOTYPE */
			symbol.st_size = 0;
			memcpy(place, &symbol, sizeof symbol);
		}
	}
}

static struct lade_object *open_untyped(const char *file)
{
	static uint8_t bytes[65536];
	char path[512];
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	FILE *stream = fopen(path, "re");
	assert_non_null(stream);
	size_t size = fread(bytes, 1, sizeof bytes, stream);
	(void)fclose(stream);
	untype(bytes);
	if (lade_object_open_memory(NULL, bytes, size, file, NULL, &object, &error) < 0)
		fail_msg("%s: %s", file, lade_error_message(error));
	return object;
}

static void assert_same_maps(const struct lade_object *left, const struct lade_object *right)
{
	assert_int_equal(left->maps.count, right->maps.count);
	for (size_t i = 0; i < left->maps.count; i++) {
		const struct lade_map *a = left->maps.items[i], *b = right->maps.items[i];
		assert_string_equal(a->name, b->name);
		assert_memory_equal(&a->definition, &b->definition, sizeof a->definition);
		assert_int_equal(a->pinning, b->pinning);
		assert_int_equal(a->inner, b->inner);
		assert_int_equal(a->initial.count, b->initial.count);
	}
}

static void assert_same_programs(const struct lade_object *left, const struct lade_object *right)
{
	assert_int_equal(left->programs.count, right->programs.count);
	for (size_t i = 0; i < left->programs.count; i++) {
		const struct lade_program *a = left->programs.items[i], *b = right->programs.items[i];
		assert_string_equal(a->name, b->name);
		assert_int_equal(a->type, b->type);
		assert_int_equal(body_of(a)->instruction_count, body_of(b)->instruction_count);
		assert_int_equal(body_of(a)->relocations.count, body_of(b)->relocations.count);
	}
}

static void symbols_without_type_and_size_give_the_same_object(void **state)
{
	static const char *const files[] = {
		"tc_size24_kern.o",    "tc_size28_kern.o", "tc_size36_kern.o",  "tc_tails_kern.o",
		"tc_inner_kern.o",     "tc_pins_kern.o",   "tc_types_kern.o",   "tc_maps64_kern.o",
		"tc_gives_way_kern.o", "tc_calls_kern.o",  "tc_calico36.bpf.o", "tc_annotated.bpf.o",
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(files); i++) { /* NOLINT: items are pointers */
		struct lade_object *typed = open_object(files[i]), *untyped = open_untyped(files[i]);
		assert_string_equal(typed->dialect, untyped->dialect);
		assert_same_maps(typed, untyped);
		assert_same_programs(typed, untyped);
		lade_object_free(typed);
		lade_object_free(untyped);
	}
}

/* ---- Calico ---- */

static void calico_programs_are_typed_by_its_own_names_then_by_those_of_libbpf(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_calico36.bpf.o");
	assert_type(object, "connect4", "cgroup_sock_addr");
	assert_int_equal(must_program(object, "connect4")->expected_attach_type, BPF_CGROUP_INET4_CONNECT);
	assert_type(object, "from_host", "sched_cls");
	assert_false(is_assumed(object, "from_host"));
	assert_true(is_assumed(object, "from_workload"));
	lade_object_free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tail_sections_are_decimal_hex_and_octal_in_any_order),
		cmocka_unit_test(tail_section_of_an_unknown_id_is_a_program_in_no_slot_and_a_warning),
		cmocka_unit_test(tail_names_are_what_scanf_reads),
		cmocka_unit_test(slot_beyond_the_array_names_the_entries_it_needs),
		cmocka_unit_test(default_sections_say_their_type_and_others_are_assumed),
		cmocka_unit_test(tail_programs_have_the_type_of_the_program_that_calls_them),
		cmocka_unit_test(assumed_type_gives_way_to_one_that_shares_a_prog_array),
		cmocka_unit_test(type_that_is_asked_for_takes_the_tail_programs_along),
		cmocka_unit_test(two_types_at_one_prog_array_are_found_before_loading),
		cmocka_unit_test(tail_programs_follow_the_program_that_is_loaded),
		cmocka_unit_test(subprograms_in_text_are_found_by_symbol_and_by_section),
		cmocka_unit_test(text_alone_is_a_program),
		cmocka_unit_test(global_variables_are_loaded_where_a_program_uses_them),
		cmocka_unit_test(symbols_without_type_and_size_give_the_same_object),
		cmocka_unit_test(calico_programs_are_typed_by_its_own_names_then_by_those_of_libbpf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
