/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dialect of iproute2's own loader, and Calico's, which was made for it: maps in section `maps`, one
 * program a section, tail calls by the name of the section. The command used to decide the type of a
 * program: where the name says nothing it is assumed, and gives way to what is known.
 */
#include "dialect/iproute2.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* scanf's %i without the sign: decimal, 0x and hex, 0 and octal. */
static bool read_number(const char *text, uint32_t *ret_number, const char **ret_rest)
{
	char *rest;
	if (!isdigit((unsigned char)*text))
		return false;
	*ret_number = (uint32_t)strtoul(text, &rest, 0);
	*ret_rest = rest;
	return true;
}

bool lade_tc_tail_name(const char *section, uint32_t *ret_id, uint32_t *ret_slot)
{
	const char *rest;
	uint32_t id;
	if (!read_number(section, &id, &rest) || *rest != '/' || !read_number(rest + 1, ret_slot, &rest))
		return false;
	*ret_id = id;
	return true;
}

/* ---- sections ---- */

static bool is_data(const struct elf_section *section)
{
	return (section->type == SHT_PROGBITS || section->type == SHT_NOBITS) &&
	       (lade_section_has_base(section->name, ".rodata") || lade_section_has_base(section->name, ".data") ||
		lade_section_has_base(section->name, ".bss"));
}

static int use_section(struct filling *filling, const struct elf_section *section, const struct elf_section **maps)
{
	struct section_use *use = &filling->uses[section->index];
	if (use->role != ROLE_IGNORED || !section->size)
		return 0;
	if (strcmp(section->name, "maps") == 0 && section->type == SHT_PROGBITS && section->bytes && !*maps) {
		use->role = ROLE_MAPS;
		use->why = NULL;
		*maps = section;
	} else if (lade_section_is_code(section)) {
		use->role = strcmp(section->name, ".text") == 0 ? ROLE_SUBPROGRAMS : ROLE_PROGRAM;
		use->why = NULL;
		return lade_code_cut(filling, section->index);
	} else if (strncmp(section->name, ".maps.", 6) == 0) {
		use->why = "names the types of a map's key and value in BTF";
	} else if (is_data(section)) {
		use->why = "no program refers to it";
	}
	return 0;
}

static int use_sections(struct filling *filling, const struct elf_section **maps)
{
	int result = 0;
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		result = use_section(filling, &filling->elf->sections[i], maps);
	return result;
}

/* tc itself refused global variables; tc with libbpf below it loaded them, so they are loaded where used. */
static int use_data_of(struct filling *filling, uint32_t section)
{
	struct elf_relocations relocations = { 0 };
	int result = lade_elf_relocations(filling->elf, section, &relocations, filling->error);
	for (size_t i = 0; result == 0 && i < relocations.count; i++) {
		uint16_t target = filling->elf->symbols[relocations.items[i].symbol].section;
		if (target >= filling->elf->section_count || filling->uses[target].role != ROLE_IGNORED ||
		    !is_data(&filling->elf->sections[target]))
			continue;
		filling->uses[target].role = ROLE_DATA;
		filling->uses[target].why = NULL;
	}
	array_clear(&relocations);
	return result;
}

static int use_data(struct filling *filling)
{
	int result = 0;
	for (uint32_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		if (filling->uses[i].role == ROLE_PROGRAM || filling->uses[i].role == ROLE_SUBPROGRAMS)
			result = use_data_of(filling, i);
	return result < 0 ? result : lade_btf_data_read(filling);
}

/* ---- programs ---- */

static struct lade_map *find_prog_array(const struct lade_object *object, const struct tc_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].id == id && object->maps.items[i]->definition.type == BPF_MAP_TYPE_PROG_ARRAY)
			return object->maps.items[i];
	return NULL;
}

/* tc left such a section alone. */
static void note_unclaimed(struct filling *filling, const struct lade_program *program, uint32_t id)
{
	struct lade_finding *note = lade_note_add(&filling->object->notes, "dialect.iproute2.tail",
						  "section %s: no prog array has the id %u; the program is in no slot",
						  program->section, id);
	finding_program(note, program->name);
}

static int fill_slot(struct filling *filling, const struct tc_maps *maps, struct lade_program *program)
{
	uint32_t id, slot;
	if (!lade_tc_tail_name(program->section, &id, &slot))
		return 0;
	struct lade_map *map = find_prog_array(filling->object, maps, id);
	if (!map) {
		note_unclaimed(filling, program, id);
		return 0;
	}
	struct map_initial *initial = array_push(&map->initial);
	if (!initial)
		return lade_fail_memory(filling->error);
	*initial = (struct map_initial){ slot, NO_INDEX, lade_program_index(program) };
	return 0;
}

/* A section was one program: the first function stands for it, others are programs beside it. */
static int add_program(struct filling *filling, const struct tc_maps *maps, uint32_t function)
{
	const struct function_place *places = filling->functions.items;
	bool first = function == 0 || places[function - 1].section != places[function].section;
	struct lade_program *program;
	int result = lade_program_make(filling, function, &program);
	if (result < 0)
		return result;
	free(TAKE(program->attach_target)); /* names of sections say what a program is, not where it goes */
	program->type_assumed = !program->type;
	return first ? fill_slot(filling, maps, program) : 0;
}

static bool is_program(const struct filling *filling, const struct function_place *place, enum section_role role)
{
	return filling->uses[place->section].role == role && !(place->is_local && place->is_called);
}

static int add_programs_of(struct filling *filling, const struct tc_maps *maps, enum section_role role)
{
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < filling->functions.count; i++)
		if (is_program(filling, &filling->functions.items[i], role))
			result = add_program(filling, maps, i);
	return result;
}

/* Without another section .text is a program too: tc loaded it when it was asked for by name. */
static int add_programs(struct filling *filling, const struct tc_maps *maps)
{
	int result = add_programs_of(filling, maps, ROLE_PROGRAM);
	if (result == 0 && !filling->object->programs.count)
		result = add_programs_of(filling, maps, ROLE_SUBPROGRAMS);
	if (result < 0 || filling->object->programs.count || filling->object->maps.count)
		return result;
	return lade_fail(filling->error, ENOEXEC, "dialect.no-program", "%s: no section holds a program",
			 filling->elf->file);
}

/* ---- all ---- */

static int fill_all(struct filling *filling, struct tc_maps *maps)
{
	const struct elf_section *section = NULL;
	int result = lade_datasec_fix(filling);
	if (result == 0)
		result = use_sections(filling, &section);
	if (result == 0 && section)
		result = lade_tc_maps_read(filling, section, maps);
	if (result == 0)
		result = use_data(filling);
	if (result == 0)
		result = lade_code_relocate(filling);
	if (result == 0)
		result = add_programs(filling, maps);
	if (result < 0)
		return result;
	lade_annotations_read(filling);
	lade_linkage_fix(filling);
	filling->object->assumes_types = filling->object->types_unsettled = true;
	if (lade_object_settle_types(filling->object) < 0)
		return lade_fail_memory(filling->error);
	return lade_fill_report(filling);
}

static int tc_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		   struct lade_error **error)
{
	struct filling filling;
	struct tc_maps maps = { 0 };
	int result = lade_fill_begin(&filling, dialect, source, object, error);
	if (result == 0)
		result = fill_all(&filling, &maps);
	array_clear(&maps);
	lade_fill_clear(&filling);
	return result;
}

const struct dialect lade_dialect_iproute2 = { "iproute2", "iproute2", tc_fill, NULL, true };
const struct dialect lade_dialect_calico = { "calico", "calico", tc_fill, "libbpf0", true };
