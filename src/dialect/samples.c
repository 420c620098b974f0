/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dialect of the kernel's old samples: maps in section `maps`, programs by section prefix, numeric
 * sections into the last prog array.
 */
#include "dialect/fill.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

/* What the text after the slash of a section may mean. */
struct slot_rule {
	const char *prefix;
	bool only_number; /* anything but a number is an error */
};

static const struct slot_rule slot_rules[] = {
	{ "socket", true },
	{ "sockops", true },
	{ "kprobe", false },
	{ "kretprobe", false },
};

static const struct slot_rule *slot_rule(const struct section_row *row)
{
	for (size_t i = 0; i < ELEMENTS(slot_rules); i++)
		if (strcmp(slot_rules[i].prefix, row->prefix) == 0)
			return &slot_rules[i];
	return NULL;
}

/* ---- sections ---- */

static bool is_loader_error(const char *section)
{
	return strncmp(section, "cgroup/", 7) == 0;
}

static int use_section(struct filling *filling, const struct elf_section *section)
{
	struct section_use *use = &filling->uses[section->index];
	if (use->role != ROLE_IGNORED || !section->size)
		return 0;
	if (strcmp(section->name, "maps") == 0 && section->type == SHT_PROGBITS && !filling->object->maps.count) {
		*use = (struct section_use){ ROLE_MAPS, NULL, NO_INDEX, use->datasec };
		return lade_samples_maps_read(filling, section);
	}
	if (!lade_section_is_code(section)) {
		use->why = "the samples dialect has no global data";
		return 0;
	}
	if (lade_section_find("samples", section->name, NULL))
		use->role = ROLE_PROGRAM;
	else if (strcmp(section->name, ".text") == 0 || lade_code_is_called(filling, section->index))
		use->role = ROLE_SUBPROGRAMS; /* authors give functions sections of their own, too */
	else if (is_loader_error(section->name))
		return lade_fail(filling->error, ENOEXEC, "dialect.samples.section",
				 "%s: section %s: the samples dialect knows cgroup/skb and cgroup/sock only",
				 filling->elf->file, section->name);
	use->why = use->role == ROLE_IGNORED ? "its name is no program of the samples dialect" : NULL;
	return use->role == ROLE_IGNORED ? 0 : lade_code_cut(filling, section->index);
}

/* ---- programs ---- */

/* The old loader compared offsets without sections: a variable at a map's offset became that map. */
static int refuse_data(struct filling *filling, uint32_t function, uint32_t instruction,
		       const struct elf_symbol *symbol, uint64_t offset)
{
	const struct lade_function *body = &filling->object->functions.items[function];
	const char *section =
		symbol->section < filling->elf->section_count ? filling->elf->sections[symbol->section].name : "";
	struct lade_finding *finding = lade_error_add(
		filling->error, ENOEXEC, "dialect.samples.data",
		"%s: instruction %u of %s refers to %s in section %s, which the samples dialect does not load",
		filling->elf->file, instruction, body->name, lade_symbol_is_named(symbol) ? symbol->name : "data",
		section);
	finding_program(finding, body->name);
	finding_instruction(finding, instruction);
	finding_evidence(finding, "symbol %u lies in section %u (%s), %llu bytes in", symbol->index, symbol->section,
			 section, (unsigned long long)offset);
	array_foreach(map, &filling->object->maps) {
		if ((*map)->section_offset != symbol->value)
			continue;
		finding_map(finding, (*map)->name);
		finding_evidence(finding, "the old loader silently took map %s instead, which lies at the same offset",
				 (*map)->name);
	}
	return -ENOEXEC;
}

static uint32_t last_prog_array(const struct lade_object *object)
{
	uint32_t found = NO_INDEX;
	for (size_t i = 0; i < object->maps.count; i++)
		if (object->maps.items[i]->definition.type == BPF_MAP_TYPE_PROG_ARRAY)
			found = (uint32_t)i;
	return found;
}

/* atoi(): decimal, ends where the digits end; what is too large stays too large. */
static uint32_t read_slot(const char *digits)
{
	uint64_t slot = 0;
	while (isdigit((unsigned char)*digits) && slot <= INT_MAX)
		slot = slot * 10 + (uint64_t)(*digits++ - '0');
	return slot > INT_MAX ? INT_MAX : (uint32_t)slot;
}

static int fail_program(struct filling *filling, const struct lade_program *program, const char *code, const char *why)
{
	struct lade_finding *finding = lade_error_add(filling->error, ENOEXEC, code, "%s: section %s: %s",
						      filling->elf->file, program->section, why);
	finding_program(finding, program->name);
	return -ENOEXEC;
}

static int fill_slot(struct filling *filling, const struct lade_program *program, uint32_t slot)
{
	uint32_t index = last_prog_array(filling->object);
	if (index == NO_INDEX)
		return fail_program(filling, program, "dialect.samples.slot",
				    "a program for a slot of a prog array, but the object has no prog array");
	struct lade_map *map = filling->object->maps.items[index];
	struct map_initial *initial = array_push(&map->initial);
	if (!initial)
		return lade_fail_memory(filling->error);
	*initial = (struct map_initial){ slot, NO_INDEX, lade_program_index(program) };
	if (slot < map->definition.max_entries)
		return 0;
	struct lade_finding *note = lade_note_add(&filling->object->notes, "dialect.samples.slot-range",
						  "section %s: slot %u is beyond the %u entries of map %s",
						  program->section, slot, map->definition.max_entries, map->name);
	finding_program(note, program->name);
	finding_map(note, map->name);
	return 0;
}

static int apply_slot(struct filling *filling, struct lade_program *program, const struct slot_rule *rule)
{
	const char *text = program->section + strlen(rule->prefix);
	if (*text != '/')
		return 0;
	text++;
	if (!isdigit((unsigned char)*text))
		return rule->only_number ? fail_program(filling, program, "dialect.samples.slot",
							"the text after the slash is no number of a prog array's slot")
					 : 0;
	free(TAKE(program->attach_target)); /* in the array, not attached */
	return fill_slot(filling, program, read_slot(text));
}

static bool section_names_target(const struct section_row *row)
{
	return row->match == MATCH_PREFIX_NAME;
}

static int add_program(struct filling *filling, uint32_t function)
{
	struct lade_program *program;
	int result = lade_program_make(filling, function, &program);
	if (result < 0)
		return result;
	const struct slot_rule *rule = program->row ? slot_rule(program->row) : NULL;
	if (program->row && section_names_target(program->row) && !program->attach_target)
		return fail_program(filling, program, "dialect.samples.event", "the name of the event is missing");
	if (program->row && !section_names_target(program->row))
		free(TAKE(program->attach_target));
	return rule ? apply_slot(filling, program, rule) : 0;
}

/* A static function that another one calls is its subprogram; any other function of the section is a program. */
static int add_programs(struct filling *filling)
{
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < filling->functions.count; i++) {
		const struct function_place *place = &filling->functions.items[i];
		if (filling->uses[place->section].role == ROLE_PROGRAM && !(place->is_local && place->is_called))
			result = add_program(filling, i);
	}
	return result;
}

static bool has_other_code(const struct filling *filling)
{
	for (size_t i = 1; i < filling->elf->section_count; i++)
		if (lade_section_is_code(&filling->elf->sections[i]))
			return true;
	return false;
}

/* Code that nothing asks for is an error; maps alone may be there for others to share. */
static int check_programs(struct filling *filling)
{
	if (filling->object->programs.count || (!filling->functions.count && !has_other_code(filling)))
		return 0;
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.no-program",
			       "%s: no section is a program of the samples dialect", filling->elf->file);
	for (size_t i = 1; i < filling->elf->section_count; i++)
		if (lade_section_is_code(&filling->elf->sections[i]))
			finding_evidence(finding, "section %s holds code", filling->elf->sections[i].name);
	return -ENOEXEC;
}

static int samples_fill_all(struct filling *filling)
{
	int result = lade_datasec_fix(filling);
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		result = use_section(filling, &filling->elf->sections[i]);
	if (result == 0)
		result = lade_code_relocate(filling);
	if (result == 0)
		result = add_programs(filling);
	if (result == 0)
		result = check_programs(filling);
	if (result == 0)
		lade_linkage_fix(filling);
	return result == 0 ? lade_fill_report(filling) : result;
}

static int samples_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
			struct lade_error **error)
{
	struct filling filling;
	int result = lade_fill_begin(&filling, dialect, source, object, error);
	filling.refuse = refuse_data;
	if (result == 0)
		result = samples_fill_all(&filling);
	lade_fill_clear(&filling);
	return result;
}

const struct dialect lade_dialect_samples = { "samples", "samples", samples_fill };
