/* SPDX-License-Identifier: BSD-2-Clause */
/* lade inspect --json: the keys that docs/contract.md promises. */
#include <inttypes.h>

#include "inspect.h"

static struct json_object *append(struct json_object *array)
{
	struct json_object *item = json_object_new_object();
	(void)json_object_array_add(array, item);
	return item;
}

static void add_strings(struct json_object *json, const char *key, const char *const *items, size_t count)
{
	struct json_object *array = cli_json_array(json, key);
	for (size_t i = 0; i < count; i++)
		(void)json_object_array_add(array, json_object_new_string(items[i]));
}

static const char *map_name(const struct lade_map *map)
{
	struct lade_map_info info = { .size = sizeof info };
	return map && lade_map_describe(map, &info) == 0 ? info.name : NULL;
}

/* ---- head ---- */

static void add_head(struct json_object *json, const struct lade_object *object)
{
	struct lade_object_info info = { .size = sizeof info };
	if (lade_object_describe(object, &info) < 0)
		return;
	cli_json_string(json, "file", info.file);
	cli_json_string(json, "name", info.name);
	cli_json_string(json, "dialect", info.dialect);
	add_strings(json, "also", info.also, info.also_count);
	add_strings(json, "evidence", info.evidence, info.evidence_count);
	cli_json_string(json, "endian", info.big_endian ? "big" : "little");
	cli_json_string(json, "license", info.license);
	(void)json_object_object_add(json, "version", info.has_version ? json_object_new_int64(info.version) : NULL);
}

/* ---- maps ---- */

static void add_initial(struct json_object *json, const struct lade_map *map, size_t count)
{
	struct json_object *array = cli_json_array(json, "initial");
	for (size_t i = 0; i < count; i++) {
		uint32_t index;
		const char *target;
		if (lade_map_initial(map, i, &index, &target) < 0)
			continue;
		struct json_object *item = append(array);
		cli_json_number(item, "index", index);
		cli_json_string(item, "target", target);
	}
}

static void add_map(struct json_object *json, const struct lade_map *map)
{
	char number[16];
	struct lade_map_info info = { .size = sizeof info };
	if (lade_map_describe(map, &info) < 0)
		return;
	cli_json_string(json, "name", info.name);
	cli_json_string(json, "type", cli_type_text(info.type_name, info.type, number, sizeof number));
	cli_json_number(json, "key_size", info.key_size);
	cli_json_number(json, "value_size", info.value_size);
	cli_json_number(json, "max_entries", info.max_entries);
	cli_json_number(json, "flags", info.flags);
	(void)json_object_object_add(json, "extra", json_object_new_uint64(info.extra));
	(void)json_object_object_add(json, "numa_node",
				     info.has_numa_node ? json_object_new_int64(info.numa_node) : NULL);
	cli_json_string(json, "pinning", cli_pinning_name(info.pinning));
	cli_json_string(json, "pin_path", info.pin_path);
	cli_json_string(json, "inner", map_name(info.inner));
	cli_json_bool(json, "template", info.is_inner_only);
	cli_json_bool(json, "data", info.is_data);
	cli_json_number(json, "btf_key_type", info.btf_key_type);
	cli_json_number(json, "btf_value_type", info.btf_value_type);
	cli_json_string(json, "section", info.section);
	cli_json_string(json, "skip", info.skip);
	cli_map_policy_json(json, map);
	add_initial(json, map, info.initial_count);
}

/* ---- programs ---- */

static void add_reach(struct json_object *json, const struct lade_program *program,
		      const struct lade_program_info *info)
{
	struct json_object *subprograms = cli_json_array(json, "subprograms");
	for (size_t i = 0; i < info->subprogram_count; i++)
		(void)json_object_array_add(subprograms, json_object_new_string(lade_program_subprogram(program, i)));
	struct json_object *maps = cli_json_array(json, "maps");
	for (size_t i = 0; i < info->map_count; i++)
		(void)json_object_array_add(maps, json_object_new_string(map_name(lade_program_map(program, i))));
}

static void add_program(struct json_object *json, const struct lade_program *program)
{
	char type[16], attach[16];
	struct lade_program_info info = { .size = sizeof info };
	if (lade_program_describe(program, &info) < 0)
		return;
	const char *expected = info.expected_attach_type_name;
	if (!expected && info.expected_attach_type)
		expected = cli_type_text(NULL, info.expected_attach_type, attach, sizeof attach);
	cli_json_string(json, "name", info.name);
	cli_json_string(json, "section", info.section);
	cli_json_string(json, "type", info.type ? cli_type_text(info.type_name, info.type, type, sizeof type) : NULL);
	cli_json_string(json, "expected_attach_type", expected);
	cli_json_string(json, "load_target", info.load_target);
	cli_json_string(json, "attach_target", info.attach_target);
	cli_json_number(json, "flags", info.flags);
	cli_json_bool(json, "autoload", info.autoload);
	cli_json_number(json, "instructions", info.instructions);
	add_reach(json, program, &info);
	cli_json_number(json, "core_relocations", info.core_relocations);
	cli_json_string(json, "skip", info.skip);
	cli_program_policy_json(json, program);
}

/* ---- the rest ---- */

static void add_variables(struct json_object *array, const struct lade_object *object)
{
	for (size_t i = 0; i < lade_object_variable_count(object); i++) {
		struct lade_variable_info info = { .size = sizeof info };
		if (lade_variable_describe(lade_object_variable(object, i), &info) < 0)
			continue;
		struct json_object *json = append(array);
		cli_json_string(json, "name", info.name);
		cli_json_string(json, "map", map_name(info.map));
		cli_json_number(json, "offset", info.offset);
		cli_json_number(json, "size", info.length);
		cli_json_string(json, "type", info.type_name);
		cli_json_bool(json, "static", info.is_static);
		cli_json_bool(json, "weak", info.is_weak);
	}
}

static void add_externs(struct json_object *array, const struct lade_object *object)
{
	for (size_t i = 0; i < lade_object_extern_count(object); i++) {
		struct lade_extern_info info = { .size = sizeof info };
		if (lade_object_extern(object, i, &info) < 0)
			continue;
		struct json_object *json = append(array);
		cli_json_string(json, "name", info.name);
		cli_json_string(json, "section", info.section);
		cli_json_bool(json, "weak", info.is_weak);
	}
}

static void add_relocations(struct json_object *array, const struct lade_object *object)
{
	for (size_t i = 0; i < lade_object_relocation_count(object); i++) {
		struct lade_relocation_info info = { .size = sizeof info };
		if (lade_object_relocation(object, i, &info) < 0)
			continue;
		struct json_object *json = append(array);
		cli_json_string(json, "section", info.section);
		cli_json_number(json, "offset", (int64_t)info.offset);
		cli_json_string(json, "kind", info.kind);
		cli_json_string(json, "target", info.target);
		cli_json_number(json, "addend", info.addend);
	}
}

static void add_sections(struct json_object *array, const struct lade_object *object)
{
	char number[16];
	for (size_t i = 0; i < lade_object_section_count(object); i++) {
		struct lade_section_info info = { .size = sizeof info };
		if (lade_object_section(object, i, &info) < 0)
			continue;
		struct json_object *json = append(array);
		cli_json_number(json, "index", info.index);
		cli_json_string(json, "name", info.name);
		cli_json_string(
			json, "type",
			cli_type_text(cli_section_type_name(info.elf_type), info.elf_type, number, sizeof number));
		cli_json_number(json, "flags", (int64_t)info.elf_flags);
		cli_json_number(json, "size", (int64_t)info.bytes);
		cli_json_string(json, "role", info.role);
		cli_json_string(json, "why", info.why);
	}
}

static void add_symbols(struct json_object *array, const struct lade_object *object)
{
	char bind[16], type[16];
	for (size_t i = 0; i < lade_object_symbol_count(object); i++) {
		struct lade_symbol_info info = { .size = sizeof info };
		if (lade_object_symbol(object, i, &info) < 0)
			continue;
		struct json_object *json = append(array);
		cli_json_string(json, "name", info.name);
		cli_json_number(json, "value", (int64_t)info.value);
		cli_json_number(json, "size", (int64_t)info.length);
		cli_json_string(json, "bind",
				cli_type_text(cli_bind_name(info.elf_bind), info.elf_bind, bind, sizeof bind));
		cli_json_string(json, "type",
				cli_type_text(cli_symbol_type_name(info.elf_type), info.elf_type, type, sizeof type));
		cli_json_number(json, "section", info.elf_section);
		cli_json_string(json, "role", info.role);
		cli_json_string(json, "why", info.why);
	}
}

void cli_object_json(struct json_object *document, const struct lade_object *object, bool sections)
{
	add_head(document, object);
	struct json_object *maps = cli_json_array(document, "maps");
	for (size_t i = 0; i < lade_object_map_count(object); i++)
		add_map(append(maps), lade_object_map(object, i));
	struct json_object *programs = cli_json_array(document, "programs");
	for (size_t i = 0; i < lade_object_program_count(object); i++)
		add_program(append(programs), lade_object_program(object, i));
	add_variables(cli_json_array(document, "variables"), object);
	add_externs(cli_json_array(document, "externs"), object);
	add_relocations(cli_json_array(document, "relocations"), object);
	cli_object_policy_json(document, object);
	struct json_object *notes = cli_json_array(document, "notes");
	for (size_t i = 0; i < lade_object_note_count(object); i++)
		(void)json_object_array_add(notes, cli_finding_json(lade_object_note(object, i)));
	if (!sections)
		return;
	add_sections(cli_json_array(document, "sections"), object);
	add_symbols(cli_json_array(document, "symbols"), object);
}
