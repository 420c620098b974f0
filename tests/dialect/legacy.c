/* SPDX-License-Identifier: BSD-2-Clause */
/* What the dialects before and beside libbpf make of their objects. */
#include "dialect/opened.h"
#include "object/sections.h"

static uint32_t slot_of(const struct lade_map *map, const char *program)
{
	for (size_t i = 0; i < map->initial.count; i++) {
		uint32_t index;
		const char *target;
		assert_int_equal(lade_map_initial(map, i, &index, &target), 0);
		if (strcmp(target, program) == 0)
			return index;
	}
	return NO_INDEX;
}

static void assert_typed(const struct lade_object *object, const char *name, uint32_t type, const char *target)
{
	const struct lade_program *program = must_program(object, name);
	assert_int_equal(program->type, type);
	if (!target)
		assert_null(program->attach_target);
	else
		assert_string_equal(program->attach_target, target);
}

/* ---- libbpf before 1.0 ---- */

static void libbpf0_reads_old_records_beside_globals_and_subprograms(void **state)
{
	static const char *const files[] = { "old_libbpf0.o", "old_libbpf0.g.o", "old_libbpf0.eb.o" };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		struct lade_object *object = open_object(files[i]);
		assert_string_equal(object->dialect, "libbpf0");
		assert_definition(must_map(object, "counts"), BPF_MAP_TYPE_HASH, 4, 8, 100, BPF_F_NO_PREALLOC);
		assert_true(must_map(object, ".rodata")->is_readonly_data);
		assert_int_equal(must_map(object, ".data")->definition.value_size, 4);
		assert_true(has_subprogram(must_program(object, "classify"), "add"));
		assert_typed(object, "pass", BPF_PROG_TYPE_XDP, NULL);
		assert_typed(object, "classify", BPF_PROG_TYPE_SCHED_CLS, NULL);
		lade_object_free(object);
	}
}

static void libbpf0_reads_maps_of_both_kinds(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_libbpf0.g.o");
	assert_definition(must_map(object, "modern"), BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	assert_non_null(lade_object_find_map(object, "counts"));
	lade_object_free(object);
}

static void libbpf0_takes_key_and_value_types_from_the_annotation(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_libbpf0.g.o");
	const struct map_definition *definition = &must_map(object, "counts")->definition;
	assert_int_equal(lade_btf_size(object->btf, definition->btf_key_type), 4);
	assert_int_equal(lade_btf_size(object->btf, definition->btf_value_type), 8);
	lade_object_free(object);
}

static void libbpf0_takes_section_prog_for_xdp_and_says_so(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_libbpf0.o");
	assert_typed(object, "plain", BPF_PROG_TYPE_XDP, NULL);
	assert_string_equal(find_note(object, "dialect.libbpf0.prog")->program, "plain");
	lade_object_free(object);
}

static void libbpf0_refuses_options_it_does_not_know(void **state)
{
	(void)state;
	assert_refused("old_stray.o", "dialect.record.tail", "unrecognized non-zero options");
	assert_refused_as("old_r8_40tail.o", "libbpf0", "dialect.record.tail", "byte 36 is 0x07");
}

static void program_without_a_type_can_be_inspected(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_r10_freeversion.o");
	assert_typed(object, "enter", 0, NULL);
	assert_string_equal(find_note(object, "program.type.unknown")->program, "enter");
	lade_object_free(object);
}

/* ---- aya ---- */

static void aya_reads_any_section_that_begins_with_maps(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_aya_kern.o");
	assert_definition(must_map(object, "PLAIN"), BPF_MAP_TYPE_HASH, 4, 4, 16, 0);
	assert_int_equal(must_map(object, "PLAIN")->pinning, LADE_PIN_OBJECT);
	assert_int_equal(must_map(object, "PINNED")->pinning, LADE_PIN_BY_NAME);
	assert_string_equal(first_map(must_program(object, "firewall")), "PLAIN");
	assert_typed(object, "shape", BPF_PROG_TYPE_SCHED_CLS, NULL);
	lade_object_free(object);
}

/* ---- redbpf ---- */

static void redbpf_names_a_map_after_its_section(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_redbpf_kern.o");
	assert_definition(must_map(object, "requests"), BPF_MAP_TYPE_HASH, 4, 8, 32, 0);
	assert_null(lade_object_find_map(object, "symbol_of_requests"));
	assert_int_equal(object->version, 0xFFFFFFFE);
	assert_typed(object, "dns", BPF_PROG_TYPE_SOCKET_FILTER, "dns");
	assert_typed(object, "block", BPF_PROG_TYPE_SCHED_ACT, "block");
	lade_object_free(object);
}

static void redbpf_takes_the_sixth_word_of_a_map_of_maps_for_its_template(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_redbpf_kern.o");
	const struct lade_map *outer = must_map(object, "outer");
	assert_int_equal(outer->definition.value_size, 4);
	assert_string_equal(object->maps.items[outer->inner]->name, "requests");
	lade_object_free(object);
}

static void redbpf_pins_maps_for_tc_where_tc_did(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_redbpf_kern.o");
	assert_int_equal(must_map(object, "blocked")->pinning, LADE_PIN_PATH);
	assert_string_equal(must_map(object, "blocked")->pin_path, "tc/globals/blocked");
	assert_int_equal(must_map(object, "requests")->pinning, LADE_PIN_OBJECT);
	lade_object_free(object);
}

/* ---- gobpf ---- */

static void gobpf_pins_in_the_namespace_of_the_record(void **state)
{
	static const char *const files[] = { "old_gobpf280.o", "old_gobpf284.o" };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		struct lade_object *object = open_object(files[i]);
		assert_definition(must_map(object, "own"), BPF_MAP_TYPE_HASH, 4, 8, 100, 0);
		assert_int_equal(must_map(object, "own")->pinning, LADE_PIN_OBJECT);
		assert_int_equal(must_map(object, "shared")->pinning, LADE_PIN_PATH);
		assert_string_equal(must_map(object, "shared")->pin_path, "guard/globals/shared");
		assert_string_equal(find_note(object, "dialect.gobpf.compared")->map, "shared");
		lade_object_free(object);
	}
}

static void gobpf_leaves_sections_alone_that_it_does_not_know(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_gobpf280.o");
	assert_int_equal(object->programs.count, 2);
	assert_typed(object, "enter", BPF_PROG_TYPE_KPROBE, "__x64_sys_getpid");
	assert_typed(object, "trace", BPF_PROG_TYPE_TRACEPOINT, "syscalls/sys_enter_getpid");
	lade_object_free(object);
}

static void gobpf_derivative_has_templates_by_index(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_gobpf284.o");
	assert_string_equal(object->maps.items[must_map(object, "outer")->inner]->name, "shared");
	lade_object_free(object);
}

static void gobpf_pinning_without_a_place_is_refused(void **state)
{
	(void)state;
	assert_refused("old_gobpf_nameless.o", "dialect.gobpf.pinning", "names none");
	assert_refused("old_gobpf_object.o", "dialect.gobpf.pinning", "namespace");
}

static void gobpf_namespace_cannot_lead_out_of_bpffs(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_gobpf_escape.o");
	assert_string_equal(must_map(object, "shared")->pin_path, "______etc/globals/shared");
	lade_object_free(object);
}

static void gobpf_custom_pin_is_left_to_the_user(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_gobpf_custom.o");
	assert_int_equal(must_map(object, "shared")->pinning, LADE_PIN_OBJECT);
	assert_string_equal(find_note(object, "dialect.gobpf.custom-pin")->map, "shared");
	lade_object_free(object);
}

/* ---- Falco ---- */

static void falco_buffers_have_one_entry_a_cpu(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_falco_kern.o");
	assert_true(must_map(object, "perf_map")->entries_per_cpu);
	assert_true(must_map(object, "frame_scratch_map")->entries_per_cpu);
	assert_true(must_map(object, "tmp_scratch_map")->entries_per_cpu);
	assert_true(must_map(object, "local_state_map")->entries_per_cpu);
	assert_false(must_map(object, "settings_map")->entries_per_cpu);
	lade_object_free(object);
}

static void falco_fillers_go_to_the_tail_map_and_are_not_attached(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_falco_kern.o");
	const struct lade_map *tail = must_map(object, "tail_map");
	assert_int_equal(slot_of(tail, "bpf_terminate_filler"), 0);
	assert_int_equal(slot_of(tail, "bpf_sys_open_x"), 1);
	assert_int_equal(slot_of(tail, "bpf_one_too_many"), NO_INDEX);
	assert_typed(object, "bpf_one_too_many", BPF_PROG_TYPE_RAW_TRACEPOINT, NULL);
	assert_typed(object, "bpf_sys_enter", BPF_PROG_TYPE_RAW_TRACEPOINT, "sys_enter");
	assert_non_null(find_note(object, "dialect.falco.fillers"));
	lade_object_free(object);
}

static void falco_versions_are_shown(void **state)
{
	static const char *const lines[] = { "section schema_version", "section api_version: 2.1.3",
					     "section schema_version: 1.0.4",
					     "section kernel_version: 5.10.0-19-amd64" };
	(void)state;
	struct lade_object *object = open_object("old_falco_kern.o");
	assert_int_equal(object->evidence.count, ELEMENTS(lines));
	for (size_t i = 0; i < ELEMENTS(lines); i++)
		assert_string_equal(object->evidence.items[i], lines[i]);
	lade_object_free(object);
}

/* ---- others ---- */

static void suricata_filters_are_socket_filters(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_suricata_kern.o");
	assert_typed(object, "hashfilter", BPF_PROG_TYPE_SOCKET_FILTER, NULL);
	assert_typed(object, "lb", BPF_PROG_TYPE_SOCKET_FILTER, NULL);
	assert_typed(object, "xdp_hashfilter", BPF_PROG_TYPE_XDP, NULL);
	lade_object_free(object);
}

static void ovs_tails_are_in_their_slots_and_static_maps_are_found(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_ovs_kern.o");
	assert_int_equal(object->maps.count, 3);
	assert_string_equal(first_map(must_program(object, "to_stack")), "flow_table");
	assert_int_equal(slot_of(must_map(object, "tailcalls"), "output"), 3);
	assert_int_equal(slot_of(must_map(object, "tailcalls"), "beyond"), NO_INDEX);
	assert_int_equal(slot_of(must_map(object, "tailcalls"), "unplaced"), NO_INDEX);
	assert_typed(object, "output", BPF_PROG_TYPE_SCHED_CLS, NULL);
	lade_object_free(object);
}

static void object_of_an_old_compiler_has_no_types_sizes_or_machine(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_llvm39.o");
	assert_int_equal(object->maps.count, 2);
	assert_int_equal(object->programs.count, 2);
	assert_definition(must_map(object, "flow_table"), BPF_MAP_TYPE_HASH, 4, 8, 16, 0);
	const struct lade_function *receive = body_of(must_program(object, "receive"));
	assert_int_equal(receive->relocations.count, 2);
	assert_string_equal(object->maps.items[receive->relocations.items[1].target]->name, "tailcalls");
	assert_int_equal(slot_of(must_map(object, "tailcalls"), "output"), 1);
	lade_object_free(object);
}

static void perf_sections_are_probes(void **state)
{
	(void)state;
	struct lade_object *object = open_object("old_perf_kern.o");
	assert_typed(object, "on_read", BPF_PROG_TYPE_KPROBE, "vfs_read");
	assert_typed(object, "on_lock", BPF_PROG_TYPE_KPROBE, "__lock_page+4");
	assert_typed(object, "on_return", BPF_PROG_TYPE_KPROBE, "vfs_write");
	assert_string_equal(must_program(object, "on_return")->row->prefix, "kretprobe");
	assert_typed(object, "on_main", BPF_PROG_TYPE_KPROBE, "/bin/true:main");
	assert_string_equal(must_program(object, "on_main")->row->prefix, "uprobe");
	assert_typed(object, "on_event", BPF_PROG_TYPE_TRACEPOINT, "syscalls/sys_enter_getpid");
	assert_string_equal(find_note(object, "dialect.perf.arguments")->program, "on_lock");
	lade_object_free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libbpf0_reads_old_records_beside_globals_and_subprograms),
		cmocka_unit_test(libbpf0_reads_maps_of_both_kinds),
		cmocka_unit_test(libbpf0_takes_key_and_value_types_from_the_annotation),
		cmocka_unit_test(libbpf0_takes_section_prog_for_xdp_and_says_so),
		cmocka_unit_test(libbpf0_refuses_options_it_does_not_know),
		cmocka_unit_test(program_without_a_type_can_be_inspected),
		cmocka_unit_test(aya_reads_any_section_that_begins_with_maps),
		cmocka_unit_test(redbpf_names_a_map_after_its_section),
		cmocka_unit_test(redbpf_takes_the_sixth_word_of_a_map_of_maps_for_its_template),
		cmocka_unit_test(redbpf_pins_maps_for_tc_where_tc_did),
		cmocka_unit_test(gobpf_pins_in_the_namespace_of_the_record),
		cmocka_unit_test(gobpf_leaves_sections_alone_that_it_does_not_know),
		cmocka_unit_test(gobpf_derivative_has_templates_by_index),
		cmocka_unit_test(gobpf_pinning_without_a_place_is_refused),
		cmocka_unit_test(gobpf_namespace_cannot_lead_out_of_bpffs),
		cmocka_unit_test(gobpf_custom_pin_is_left_to_the_user),
		cmocka_unit_test(falco_buffers_have_one_entry_a_cpu),
		cmocka_unit_test(falco_fillers_go_to_the_tail_map_and_are_not_attached),
		cmocka_unit_test(falco_versions_are_shown),
		cmocka_unit_test(suricata_filters_are_socket_filters),
		cmocka_unit_test(ovs_tails_are_in_their_slots_and_static_maps_are_found),
		cmocka_unit_test(object_of_an_old_compiler_has_no_types_sizes_or_machine),
		cmocka_unit_test(perf_sections_are_probes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
