/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf as referee: the same modern object through both must give the same maps and programs. */
#include <bpf/libbpf.h>

#include "dialect/opened.h"
#include "object/sections.h"

static const char *const objects[] = {
	"dia_attributes", "dia_globals", "dia_calls",      "dia_slots",   "dia_types", "dia_needs",  "dia_special",
	"elf_basic",      "cli_shared",  "dia_struct_ops", "ext_kconfig", "ext_ksyms", "ext_kfuncs", "ext_weak",
};

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static struct bpf_object *referee_open(const char *name)
{
	char path[512];
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s.bpf.o", name);
	libbpf_set_print(quiet);
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	if (!object)
		fail_msg("libbpf does not open %s", name);
	return object;
}

static struct lade_object *lade_open(const char *name)
{
	char file[128];
	(void)snprintf(file, sizeof file, "%s.bpf.o", name);
	return open_object(file);
}

/* libbpf cuts and prefixes the name of a data map; its section is the ending. */
static const struct lade_map *our_map(const struct lade_object *object, const char *name)
{
	const char *dot = strchr(name, '.');
	return must_map(object, dot ? dot : name);
}

static bool is_buffer(const struct lade_map *map)
{
	return map->definition.type == BPF_MAP_TYPE_RINGBUF || map->definition.type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

static void compare_map(const struct lade_object *object, const struct bpf_map *theirs)
{
	const struct lade_map *ours = our_map(object, bpf_map__name(theirs));
	const struct map_definition *definition = &ours->definition;
	assert_int_equal(definition->type, bpf_map__type(theirs));
	assert_int_equal(definition->max_entries, bpf_map__max_entries(theirs));
	assert_int_equal(definition->flags, bpf_map__map_flags(theirs));
	assert_int_equal(definition->extra, bpf_map__map_extra(theirs));
	assert_int_equal(ours->pinning == LADE_PIN_BY_NAME, bpf_map__pin_path(theirs) != NULL);
	if (is_buffer(ours)) /* there we read the types as a hint, libbpf passes them on */
		return;
	assert_int_equal(definition->key_size, bpf_map__key_size(theirs));
	assert_int_equal(definition->value_size, bpf_map__value_size(theirs));
	assert_int_equal(definition->btf_key_type, bpf_map__btf_key_type_id(theirs));
	assert_int_equal(definition->btf_value_type, bpf_map__btf_value_type_id(theirs));
}

static size_t count_created(const struct lade_object *object)
{
	size_t count = 0;
	array_foreach(map, &object->maps)
		count += !(*map)->inner_only;
	return count;
}

static void maps_are_those_of_libbpf(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		struct bpf_object *theirs = referee_open(objects[i]);
		struct lade_object *ours = lade_open(objects[i]);
		struct bpf_map *map;
		size_t count = 0;
		bpf_object__for_each_map(map, theirs)
		{
			compare_map(ours, map);
			count++;
		}
		assert_int_equal(count, count_created(ours));
		lade_object_free(ours);
		bpf_object__close(theirs);
	}
}

/* Both list maps in the order in which they are created. */
static void maps_are_in_libbpfs_order(void **state)
{
	(void)state;
	struct bpf_object *theirs = referee_open("dia_globals");
	struct lade_object *ours = lade_open("dia_globals");
	struct bpf_map *map;
	size_t i = 0;
	bpf_object__for_each_map(map, theirs)
		assert_ptr_equal(ours->maps.items[i++], our_map(ours, bpf_map__name(map)));
	lade_object_free(ours);
	bpf_object__close(theirs);
}

static void compare_program(const struct lade_object *object, const struct bpf_program *theirs)
{
	const struct lade_program *ours = must_program(object, bpf_program__name(theirs));
	assert_int_equal(ours->type, bpf_program__type(theirs));
	assert_int_equal(ours->expected_attach_type, bpf_program__expected_attach_type(theirs));
	assert_int_equal(ours->autoload, bpf_program__autoload(theirs));
	assert_string_equal(ours->section, bpf_program__section_name(theirs));
	assert_int_equal(body_of(ours)->instruction_count, bpf_program__insn_cnt(theirs));
}

static void programs_are_those_of_libbpf(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		struct bpf_object *theirs = referee_open(objects[i]);
		struct lade_object *ours = lade_open(objects[i]);
		struct bpf_program *program;
		size_t count = 0;
		bpf_object__for_each_program(program, theirs)
		{
			compare_program(ours, program);
			count++;
		}
		assert_int_equal(count, ours->programs.count);
		lade_object_free(ours);
		bpf_object__close(theirs);
	}
}

static void initial_values_are_those_of_libbpf(void **state)
{
	(void)state;
	struct bpf_object *theirs = referee_open("dia_globals");
	struct lade_object *ours = lade_open("dia_globals");
	struct bpf_map *map;
	bpf_object__for_each_map(map, theirs)
	{
		size_t size;
		const void *bytes = bpf_map__initial_value(map, &size);
		const struct lade_map *mine = our_map(ours, bpf_map__name(map));
		assert_int_equal(mine->definition.value_size, size);
		if (mine->data)
			assert_memory_equal(mine->data, bytes, size);
	}
	lade_object_free(ours);
	bpf_object__close(theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_those_of_libbpf),
		cmocka_unit_test(maps_are_in_libbpfs_order),
		cmocka_unit_test(programs_are_those_of_libbpf),
		cmocka_unit_test(initial_values_are_those_of_libbpf),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
