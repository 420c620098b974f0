/* SPDX-License-Identifier: BSD-2-Clause */
/* What examples/compat promises to code that was written for load_bpf_file(). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/live.h"

/* NOLINTBEGIN(bugprone-suspicious-include): its users compile it themselves, too */
#include "../../examples/compat/bpf_load.c"
#include "../../examples/compat/trace_helpers.c"
/* NOLINTEND(bugprone-suspicious-include) */

static char object_path[512];

static char *object(const char *name)
{
	(void)snprintf(object_path, sizeof object_path, "%s/%s", TEST_OBJECTS, name);
	return object_path;
}

/* The tests share the process, as its files would. */
static void programs_of_this_test_begin_at(int *ret_first)
{
	*ret_first = prog_cnt;
}

static struct bpf_map_info map_info(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t bytes = sizeof info;

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &bytes), 0);
	return info;
}

static struct bpf_prog_info program_info(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t bytes = sizeof info;

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &bytes), 0);
	return info;
}

static void programs_stand_in_section_order_and_what_the_section_names_is_attached(void **state)
{
	static const char *const names[] = { "on_exec", "in_slot", "on_its_own", "on_exit" };
	int first;

	(void)state;
	if (!live_enter())
		skip();
	programs_of_this_test_begin_at(&first);
	assert_int_equal(load_bpf_file(object("compat_probe_kern.o")), 0);
	assert_int_equal(prog_cnt - first, 4);
	for (int i = 0; i < 4; i++) {
		struct bpf_prog_info info = program_info(prog_fd[first + i]);
		assert_string_equal(info.name, names[i]);
		assert_int_equal(event_fd[first + i] >= 0, i == 0 || i == 3);
	}
}

static void program_of_a_numbered_section_is_in_its_slot(void **state)
{
	uint32_t slot = 2, id = 0;
	int first;

	(void)state;
	if (!live_enter())
		skip();
	programs_of_this_test_begin_at(&first);
	assert_int_equal(load_bpf_file(object("compat_probe_kern.o")), 0);
	assert_int_equal(prog_array_fd, map_fd[0]);
	assert_int_equal(bpf_map_lookup_elem(prog_array_fd, &slot, &id), 0);
	assert_int_equal(id, program_info(prog_fd[first + 1]).id);
}

static void maps_stand_in_the_order_of_their_offsets(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	/* attaching its kprobe is another matter */
	(void)load_bpf_file(object("dia_many_kern.o"));
	assert_int_equal(map_data_count, 40);
	for (int i = 0; i < 40; i++) {
		char name[16];
		(void)snprintf(name, sizeof name, "map_%02d", i);
		assert_string_equal(map_data[i].name, name);
		assert_int_equal(map_data[i].elf_offset, (size_t)i * sizeof(struct bpf_load_map_def));
		assert_int_equal(map_data[i].fd, map_fd[i]);
		assert_string_equal(map_info(map_fd[i]).name, name);
		assert_int_equal(map_info(map_fd[i]).max_entries, 100 + i);
	}
}

static void programs_add_up_over_files_and_maps_are_of_the_last(void **state)
{
	int first, old;

	(void)state;
	if (!live_enter())
		skip();
	programs_of_this_test_begin_at(&first);
	assert_int_equal(load_bpf_file(object("compat_probe_kern.o")), 0);
	old = prog_fd[first];
	assert_int_equal(load_bpf_file(object("compat_inner_kern.o")), 0);
	assert_int_equal(prog_cnt - first, 5);
	assert_int_equal(prog_fd[first], old);
	assert_string_equal(program_info(prog_fd[first + 4]).name, "use");
	assert_int_equal(map_data_count, 3);
	assert_string_equal(map_info(map_fd[0]).name, "small");
	/* …but the prog array stays that of the file that had one. */
	assert_int_equal(map_info(prog_array_fd).type, BPF_MAP_TYPE_PROG_ARRAY);
}

static int shown; /* calls of the callback */

static void resize_and_choose_the_large_template(struct bpf_map_data *map, int idx)
{
	assert_int_equal(idx, shown);
	shown++;
	assert_int_equal(map->fd, -1);
	if (strcmp(map->name, "large") == 0) {
		map->def.max_entries = 77;
		map->def.type = BPF_MAP_TYPE_HASH;
		map->def.key_size = 8;
		map->def.map_flags = BPF_F_NO_PREALLOC;
	}
	if (strcmp(map->name, "outer") == 0)
		map->def.inner_map_idx = 1;
}

static void callback_sees_every_map_in_order_and_changes_it_before_it_is_created(void **state)
{
	struct bpf_load_map_def fits = { BPF_MAP_TYPE_HASH, 8, 16, 77, BPF_F_NO_PREALLOC, 0, 0 };
	uint32_t slot = 0;
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = fits.map_flags);
	int inner;

	(void)state;
	if (!live_enter())
		skip();
	shown = 0;
	assert_int_equal(load_bpf_file_fixup_map(object("compat_inner_kern.o"), resize_and_choose_the_large_template),
			 0);
	assert_int_equal(shown, 3);
	assert_int_equal(map_info(map_fd[1]).max_entries, 77);
	assert_int_equal(map_info(map_fd[1]).type, BPF_MAP_TYPE_HASH);
	assert_int_equal(map_info(map_fd[1]).key_size, 8);
	assert_int_equal(map_info(map_fd[1]).map_flags, BPF_F_NO_PREALLOC);
	/* The outer map takes what is like its template only. */
	assert_int_not_equal(bpf_map_update_elem(map_fd[2], &slot, &map_fd[0], 0), 0);
	inner = bpf_map_create(fits.type, "fits", fits.key_size, fits.value_size, fits.max_entries, &opts);
	assert_int_equal(bpf_map_update_elem(map_fd[2], &slot, &inner, 0), 0);
	(void)close(inner);
}

static int brought = -1;

static void bring_the_small_map(struct bpf_map_data *map, int idx)
{
	(void)idx;
	if (strcmp(map->name, "small") == 0)
		map->fd = brought;
}

static void callback_may_bring_a_map(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	brought = bpf_map_create(BPF_MAP_TYPE_ARRAY, "brought", 4, 8, 3, NULL);
	assert_int_equal(load_bpf_file_fixup_map(object("compat_inner_kern.o"), bring_the_small_map), 0);
	assert_int_equal(map_fd[0], brought);
	assert_int_equal(map_data[0].fd, brought);
	assert_string_equal(map_info(map_fd[1]).name, "large");
}

static void brought_map_of_another_shape_is_an_error_of_the_file(void **state)
{
	int first;

	(void)state;
	if (!live_enter())
		skip();
	programs_of_this_test_begin_at(&first);
	brought = bpf_map_create(BPF_MAP_TYPE_ARRAY, "brought", 4, 8, 4, NULL);
	assert_int_equal(load_bpf_file_fixup_map(object("compat_inner_kern.o"), bring_the_small_map), 1);
	assert_int_equal(prog_cnt, first);
	assert_int_equal(map_fd[1], -1);
	(void)close(brought);
}

static void choose_a_template_beyond_the_last(struct bpf_map_data *map, int idx)
{
	(void)idx;
	if (strcmp(map->name, "outer") == 0)
		map->def.inner_map_idx = 3;
}

static void template_that_is_not_there_is_an_error_of_the_file(void **state)
{
	(void)state;
	assert_int_equal(load_bpf_file_fixup_map(object("compat_inner_kern.o"), choose_a_template_beyond_the_last), 1);
}

static void file_that_cannot_be_read_is_1(void **state)
{
	(void)state;
	assert_int_equal(load_bpf_file(object("nothing.o")), 1);
	assert_int_equal(load_bpf_file(strcpy(object_path, "/bin/sh")), 1);
}

static void refused_program_is_minus_1_and_its_log_is_kept(void **state)
{
	int first;

	(void)state;
	if (!live_enter())
		skip();
	programs_of_this_test_begin_at(&first);
	assert_int_equal(load_bpf_file(object("compat_refused_kern.o")), -1);
	assert_non_null(strstr(bpf_log_buf, "map_value_or_null"));
	assert_int_equal(prog_cnt, first);
	assert_int_equal(load_bpf_file(object("compat_inner_kern.o")), 0);
	assert_string_equal(bpf_log_buf, "");
}

static void program_that_cannot_be_attached_is_minus_1_and_all_stay_loaded(void **state)
{
	int first;

	(void)state;
	if (!live_enter())
		skip();
	programs_of_this_test_begin_at(&first);
	assert_int_equal(load_bpf_file(object("compat_missing_kern.o")), -1);
	assert_int_equal(prog_cnt - first, 3);
	assert_true(event_fd[first] >= 0);
	assert_int_equal(event_fd[first + 1], -1);
	assert_int_equal(event_fd[first + 2], -1);
	assert_string_equal(program_info(prog_fd[first + 2]).name, "on_exit");
}

/* Attached when Lade can; otherwise said, and never a crash. */
static void kprobe_is_loaded_and_attached_or_reported(void **state)
{
	int first, result;

	(void)state;
	if (!live_enter())
		skip();
	programs_of_this_test_begin_at(&first);
	result = load_bpf_file(object("compat_kprobe_kern.o"));
	assert_int_equal(prog_cnt - first, 1);
	assert_int_equal(program_info(prog_fd[first]).type, BPF_PROG_TYPE_KPROBE);
	assert_int_equal(event_fd[first] >= 0 ? 0 : -1, result);
}

static void object_without_a_program_is_1(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	assert_int_equal(load_bpf_file(object("compat_none_kern.o")), 1);
}

static void nothing_is_pinned(void **state)
{
	struct live_before before;

	(void)state;
	if (!live_enter())
		skip();
	before = live_before(LIVE_BPFFS);
	assert_int_equal(load_bpf_file(object("compat_probe_kern.o")), 0);
	char *pins = pin_tree(LIVE_BPFFS);
	assert_string_equal(pins, before.pins);
	free(pins);
	free(before.pins);
	free(before.root);
}

static void symbol_is_found_by_name_and_by_an_address_inside_it(void **state)
{
	long address;

	(void)state;
	assert_null(ksym_search(1));
	assert_int_equal(load_kallsyms(), 0);
	if (!symbols.count) {
		(void)fprintf(stderr, "skipped: the kernel hides the addresses of its symbols\n");
		skip();
	}
	address = ksym_get_addr("schedule");
	assert_true(address != 0);
	assert_int_equal(ksym_search(address)->addr, address);
	assert_int_equal(ksym_search(address + 1)->addr, address);
	assert_true(ksym_search(address - 1)->addr < address);
	assert_ptr_equal(ksym_search(1), &symbols.items[0]);
	assert_int_equal(ksym_get_addr("no such symbol"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_stand_in_section_order_and_what_the_section_names_is_attached),
		cmocka_unit_test(program_of_a_numbered_section_is_in_its_slot),
		cmocka_unit_test(maps_stand_in_the_order_of_their_offsets),
		cmocka_unit_test(programs_add_up_over_files_and_maps_are_of_the_last),
		cmocka_unit_test(callback_sees_every_map_in_order_and_changes_it_before_it_is_created),
		cmocka_unit_test(callback_may_bring_a_map),
		cmocka_unit_test(brought_map_of_another_shape_is_an_error_of_the_file),
		cmocka_unit_test(template_that_is_not_there_is_an_error_of_the_file),
		cmocka_unit_test(file_that_cannot_be_read_is_1),
		cmocka_unit_test(refused_program_is_minus_1_and_its_log_is_kept),
		cmocka_unit_test(program_that_cannot_be_attached_is_minus_1_and_all_stay_loaded),
		cmocka_unit_test(kprobe_is_loaded_and_attached_or_reported),
		cmocka_unit_test(object_without_a_program_is_1),
		cmocka_unit_test(nothing_is_pinned),
		cmocka_unit_test(symbol_is_found_by_name_and_by_an_address_inside_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
