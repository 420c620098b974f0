/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialects of iproute2 and Calico, on objects as clang makes them and on ones that lie. */
#include <elf.h>
#include <sha1.h>
#include <stdlib.h>
#include <unistd.h>

#include "dialect/iproute2.h"
#include "dialect/opened.h"
#include "plan/plan.h"

static const struct plan_target target = { .possible_cpus = 2, .page_bytes = 4096 };

/* ---- records ---- */

struct sized_case {
	const char *file;
	uint32_t counts_flags;
	bool pinned;
};

static void check_sized(const struct sized_case *expected)
{
	struct lade_object *object = open_object(expected->file);
	const struct lade_map *calls = must_map(object, "calls");
	assert_string_equal(object->dialect, "iproute2");
	assert_int_equal(object->maps.count, 2);
	assert_definition(calls, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 3, 0);
	assert_definition(must_map(object, "counts"), BPF_MAP_TYPE_ARRAY, 4, 8, 1, expected->counts_flags);
	assert_int_equal(calls->pinning, expected->pinned ? LADE_PIN_PATH : LADE_PIN_OBJECT);
	if (expected->pinned)
		assert_string_equal(calls->pin_path, "tc/globals/calls");
	assert_int_equal(must_map(object, "counts")->pinning, LADE_PIN_OBJECT);
	/* Only who read the id finds the array of section 77/2. */
	assert_int_equal(calls->initial.count, 1);
	assert_int_equal(calls->initial.items[0].index, 2);
	lade_object_free(object);
}

static void records_have_the_fields_of_their_time(void **state)
{
	static const struct sized_case cases[] = {
		{ "tc_size20_kern.o", 0, false },           { "tc_size24_kern.o", 0, true },
		{ "tc_size28_kern.o", BPF_F_RDONLY, true }, { "tc_size32_kern.o", BPF_F_RDONLY, true },
		{ "tc_size36_kern.o", BPF_F_RDONLY, true },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		check_sized(&cases[i]);
}

static void records_longer_than_any_iproute2_knew_are_refused_even_with_zeros(void **state)
{
	(void)state;
	assert_refused_as("tc_size40_kern.o", "iproute2", "dialect.iproute2.size", "40 bytes");
}

static void members_that_btf_names_are_read_by_name_whatever_their_order(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_annotated.bpf.o");
	assert_definition(must_map(object, "flows"), BPF_MAP_TYPE_HASH, 8, 8, 16, 0);
	assert_string_equal(must_map(object, "flows")->pin_path, "tc/globals/flows");
	lade_object_free(object);
}

static void records_of_two_sizes_are_refused_naming_the_maps(void **state)
{
	(void)state;
	assert_refused("tc_mixed_kern.o", "dialect.iproute2.mixed", "b_long at 28, symbol size 36");
}

static void record_without_a_symbol_is_refused(void **state)
{
	(void)state;
	assert_refused("tc_hole.o", "dialect.iproute2.mixed", "beta at 72");
}

static void section_that_does_not_divide_is_refused(void **state)
{
	(void)state;
	assert_refused_as("tc_stride.o", "iproute2", "dialect.maps.stride", "70 bytes cannot be 2 map records");
}

static void symbol_beyond_the_section_is_refused(void **state)
{
	(void)state;
	assert_refused_as("tc_beyond.o", "iproute2", "dialect.maps.beyond", "map beta");
}

static void two_maps_of_one_name_are_refused(void **state)
{
	(void)state;
	assert_refused("tc_twice.o", "dialect.maps.duplicate", "offsets 0 and 36");
}

static void two_symbols_of_one_record_are_one_map_and_a_note(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_alias.o");
	const struct lade_finding *note = find_note(object, "dialect.maps.alias");
	assert_int_equal(object->maps.count, 2);
	assert_definition(must_map(object, "beta"), BPF_MAP_TYPE_HASH, 4, 16, 9, 0);
	assert_string_equal(first_map(must_program(object, "enter")), "beta");
	assert_non_null(note);
	assert_non_null(strstr(note->message, "beta_too"));
	lade_object_free(object);
}

static void size_of_the_symbols_gives_way_to_the_distance_of_the_records(void **state)
{
	(void)state;
	struct lade_object *object = open_as("tc_lying_size.o", "iproute2");
	assert_definition(must_map(object, "beta"), BPF_MAP_TYPE_HASH, 4, 16, 9, 0);
	assert_string_equal(must_map(object, "beta")->pin_path, "tc/globals/beta");
	assert_non_null(find_note(object, "dialect.iproute2.symbol-size"));
	lade_object_free(object);
}

static void sixty_four_maps_are_read_and_one_more_is_refused(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_maps64_kern.o");
	assert_int_equal(object->maps.count, 64);
	lade_object_free(object);
	assert_refused("tc_maps65_kern.o", "dialect.iproute2.many", "65 maps");
}

/* ---- pins ---- */

static char *hash_of(const char *path)
{
	char *hash = SHA1File(path, NULL);
	assert_non_null(hash);
	return hash;
}

static struct lade_object *open_with_names(const char *file, const char *text, char names[64])
{
	char path[512];
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_open_opts options = { .size = sizeof options, .pin_names = names };
	(void)snprintf(names, 64, "/tmp/lade-pin-names-XXXXXX");
	int fd = mkstemp(names);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	int result = lade_object_open(NULL, path, &options, &object, &error);
	(void)unlink(names);
	if (result < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static void pins_lie_where_tc_put_them(void **state)
{
	(void)state;
	char expected[128], names[64];
	char *hash = hash_of(TEST_OBJECTS "/tc_pins_kern.o");
	struct lade_object *object = open_with_names("tc_pins_kern.o", "# mine\n\n 0x5 /own/maps/ # five\n", names);
	(void)snprintf(expected, sizeof expected, "tc/%s/object_ns", hash);
	assert_int_equal(must_map(object, "own")->pinning, LADE_PIN_OBJECT);
	assert_string_equal(must_map(object, "object_ns")->pin_path, expected);
	assert_string_equal(must_map(object, "global_ns")->pin_path, "tc/globals/global_ns");
	assert_string_equal(must_map(object, "custom")->pin_path, "own/maps/custom");
	assert_int_equal(must_map(object, "custom")->pinning, LADE_PIN_PATH);
	lade_object_free(object);
	free(hash);
}

static void pinning_without_a_directory_is_a_warning_and_stays_with_the_object(void **state)
{
	(void)state;
	char names[64];
	struct lade_object *object = open_with_names("tc_pins_kern.o", "5 own\n", names);
	const struct lade_finding *note = find_note(object, "dialect.iproute2.pin-unknown");
	assert_int_equal(must_map(object, "unknown")->pinning, LADE_PIN_OBJECT);
	assert_null(must_map(object, "unknown")->pin_path);
	assert_non_null(note);
	assert_string_equal(note->map, "unknown");
	assert_non_null(strstr(note->message, "4711"));
	lade_object_free(object);
}

static void bad_line_of_the_pin_names_ends_their_reading(void **state)
{
	(void)state;
	char names[64];
	struct lade_object *object = open_with_names("tc_pins_kern.o", "2 no\n5 own\nfive own\n4711 late\n", names);
	assert_string_equal(must_map(object, "custom")->pin_path, "own/custom");
	assert_null(must_map(object, "unknown")->pin_path);
	size_t lines = 0;
	array_foreach(note, &object->notes)
		lines += strcmp((*note)->code, "dialect.iproute2.pin-names-line") == 0;
	assert_int_equal(lines, 2);
	lade_object_free(object);
}

static void last_pin_name_of_a_number_counts(void **state)
{
	(void)state;
	char names[64];
	struct lade_object *object = open_with_names("tc_pins_kern.o", "5 first\n05 second\n", names);
	assert_string_equal(must_map(object, "custom")->pin_path, "second/custom");
	lade_object_free(object);
}

static void pin_names_that_cannot_be_read_are_an_error(void **state)
{
	(void)state;
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_open_opts options = { .size = sizeof options, .pin_names = "/nowhere/names" };
	assert_int_equal(lade_object_open(NULL, TEST_OBJECTS "/tc_size36_kern.o", &options, &object, &error), -ENOENT);
	assert_string_equal(lade_error_finding(error, 0)->code, "dialect.iproute2.pin-names");
	assert_int_equal(lade_error_exit_code(error), 5);
	lade_error_free(error);
}

/* ---- maps of maps ---- */

static void assert_inner(const struct lade_map *outer, size_t nth, uint32_t index, const char *name)
{
	uint32_t found;
	const char *inner;
	assert_int_equal(lade_map_initial(outer, nth, &found, &inner), 0);
	assert_int_equal(found, index);
	assert_string_equal(inner, name);
}

static void inner_maps_are_found_by_id_and_put_where_inner_idx_says(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_inner_kern.o");
	const struct lade_map *outer = must_map(object, "outer"), *far = must_map(object, "far");
	assert_int_equal(outer->definition.value_size, 4);
	assert_string_equal(object->maps.items[outer->inner]->name, "first");
	assert_false(must_map(object, "first")->inner_only);
	assert_int_equal(outer->initial.count, 2); /* not the spare one */
	assert_inner(outer, 0, 0, "first");
	assert_inner(outer, 1, 1, "second");
	assert_int_equal(far->initial.count, 1);
	assert_inner(far, 0, 4711, "far_inner");
	lade_object_free(object);
}

static void key_of_a_hash_of_maps_may_be_larger_than_the_hash(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_inner_kern.o");
	struct lade_load_opts options = { .size = sizeof options };
	struct lade_plan *plan = NULL;
	assert_int_equal(lade_plan_build(object, &target, &options, &plan, NULL), 0);
	lade_plan_free(plan);
	lade_object_free(object);
}

static void inner_id_that_no_map_has_is_refused(void **state)
{
	(void)state;
	assert_refused("tc_noinner_kern.o", "dialect.iproute2.inner", "inner map of id 7");
	assert_refused("tc_noinner_kern.o", "dialect.iproute2.inner", "map other has id 8");
}

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

static void key_and_value_types_come_from_the_annotation_when_their_sizes_fit(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_annotated.bpf.o");
	const struct lade_map *flows = must_map(object, "flows"), *wrong = must_map(object, "wrong");
	const struct lade_finding *note = find_note(object, "dialect.annotation");
	assert_string_equal(lade_btf_type_name(object->btf, flows->definition.btf_key_type), "flow");
	assert_int_equal(lade_btf_size(object->btf, flows->definition.btf_value_type), 8);
	assert_int_equal(wrong->definition.btf_value_type, 0);
	assert_non_null(note);
	assert_string_equal(note->map, "wrong");
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

static void calico_records_have_flags_where_the_build_put_them(void **state)
{
	static const struct {
		const char *file, *pin;
	} cases[] = {
		{ "tc_calico20.bpf.o", NULL },
		{ "tc_calico24.bpf.o", NULL },
		{ "tc_calico36.bpf.o", "tc/globals/flows" },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct lade_object *object = open_object(cases[i].file);
		const struct lade_map *flows = must_map(object, "flows");
		assert_string_equal(object->dialect, "calico");
		assert_definition(flows, BPF_MAP_TYPE_HASH, 16, 64, 512, BPF_F_NO_PREALLOC);
		assert_int_equal(flows->pinning, cases[i].pin ? LADE_PIN_PATH : LADE_PIN_OBJECT);
		if (cases[i].pin)
			assert_string_equal(flows->pin_path, cases[i].pin);
		lade_object_free(object);
	}
}

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
		cmocka_unit_test(records_have_the_fields_of_their_time),
		cmocka_unit_test(records_longer_than_any_iproute2_knew_are_refused_even_with_zeros),
		cmocka_unit_test(members_that_btf_names_are_read_by_name_whatever_their_order),
		cmocka_unit_test(records_of_two_sizes_are_refused_naming_the_maps),
		cmocka_unit_test(record_without_a_symbol_is_refused),
		cmocka_unit_test(section_that_does_not_divide_is_refused),
		cmocka_unit_test(symbol_beyond_the_section_is_refused),
		cmocka_unit_test(two_maps_of_one_name_are_refused),
		cmocka_unit_test(two_symbols_of_one_record_are_one_map_and_a_note),
		cmocka_unit_test(size_of_the_symbols_gives_way_to_the_distance_of_the_records),
		cmocka_unit_test(sixty_four_maps_are_read_and_one_more_is_refused),
		cmocka_unit_test(pins_lie_where_tc_put_them),
		cmocka_unit_test(pinning_without_a_directory_is_a_warning_and_stays_with_the_object),
		cmocka_unit_test(bad_line_of_the_pin_names_ends_their_reading),
		cmocka_unit_test(last_pin_name_of_a_number_counts),
		cmocka_unit_test(pin_names_that_cannot_be_read_are_an_error),
		cmocka_unit_test(inner_maps_are_found_by_id_and_put_where_inner_idx_says),
		cmocka_unit_test(key_of_a_hash_of_maps_may_be_larger_than_the_hash),
		cmocka_unit_test(inner_id_that_no_map_has_is_refused),
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
		cmocka_unit_test(key_and_value_types_come_from_the_annotation_when_their_sizes_fit),
		cmocka_unit_test(symbols_without_type_and_size_give_the_same_object),
		cmocka_unit_test(calico_records_have_flags_where_the_build_put_them),
		cmocka_unit_test(calico_programs_are_typed_by_its_own_names_then_by_those_of_libbpf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
