/* SPDX-License-Identifier: BSD-2-Clause */
/* The modern dialect: maps, globals and programs described by BTF. */
#include "dialect/fill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct section_rule {
	const char *base; /* the name, or the name and a dot */
	bool exact;
	struct section_use use;
};

/* Sections without code, by name; the first match wins. */
static const struct section_rule section_rules[] = {
	{ ".maps", true, { ROLE_MAPS, NULL, NO_INDEX, 0 } },
	{ "maps", true, { ROLE_IGNORED, "map records of an older dialect", NO_INDEX, 0 } },
	{ ".data", false, { ROLE_DATA, NULL, NO_INDEX, 0 } },
	{ ".rodata", false, { ROLE_DATA, "read-only", NO_INDEX, 0 } },
	{ ".bss", false, { ROLE_DATA, "zeros", NO_INDEX, 0 } },
	{ ".struct_ops", true, { ROLE_STRUCT_OPS, NULL, NO_INDEX, 0 } },
	{ ".struct_ops.link", true, { ROLE_STRUCT_OPS, NULL, NO_INDEX, 0 } },
	{ "?.struct_ops", true, { ROLE_STRUCT_OPS, "only when asked for", NO_INDEX, 0 } },
	{ "?.struct_ops.link", true, { ROLE_STRUCT_OPS, "only when asked for", NO_INDEX, 0 } },
	{ ".jumptables", true, { ROLE_JUMPS, NULL, NO_INDEX, 0 } },
	{ ".addr_space.1", true, { ROLE_ARENA, NULL, NO_INDEX, 0 } },
};

static bool rule_matches(const struct section_rule *rule, const char *name)
{
	return rule->exact ? strcmp(rule->base, name) == 0 : lade_section_has_base(name, rule->base);
}

static void use_data_section(struct filling *filling, const struct elf_section *section)
{
	struct section_use *use = &filling->uses[section->index];
	for (size_t i = 0; i < ELEMENTS(section_rules); i++) {
		if (!rule_matches(&section_rules[i], section->name))
			continue;
		uint32_t datasec = use->datasec;
		*use = section_rules[i].use;
		use->datasec = datasec;
		return;
	}
}

static int use_section(struct filling *filling, const struct elf_section *section)
{
	struct section_use *use = &filling->uses[section->index];
	if (use->role != ROLE_IGNORED || !section->size)
		return 0;
	if (lade_section_is_code(section)) {
		use->role = strcmp(section->name, ".text") == 0 ? ROLE_SUBPROGRAMS : ROLE_PROGRAM;
		use->why = NULL;
		if (use->role == ROLE_PROGRAM && filling->road->takes && !filling->road->takes(filling, section)) {
			*use = (struct section_use){ ROLE_IGNORED, "its name is no program of this dialect", NO_INDEX,
						     use->datasec };
			return 0;
		}
		return lade_code_cut(filling, section->index);
	}
	if (section->type == SHT_PROGBITS || section->type == SHT_NOBITS)
		use_data_section(filling, section);
	return 0;
}

static int use_sections(struct filling *filling)
{
	int result = 0;
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		result = use_section(filling, &filling->elf->sections[i]);
	return result;
}

static int refuse_legacy_map(struct filling *filling, uint32_t function, uint32_t instruction,
			     const struct elf_symbol *symbol, uint64_t offset)
{
	const char *section =
		symbol->section < filling->elf->section_count ? filling->elf->sections[symbol->section].name : "";
	if (strcmp(section, "maps") != 0)
		return 0;
	const struct lade_function *body = &filling->object->functions.items[function];
	struct lade_finding *finding = lade_error_add(filling->error, ENOEXEC, "dialect.btf.mixed",
						      "%s: instruction %u of %s uses map %s of section maps",
						      filling->elf->file, instruction, body->name, symbol->name);
	finding_program(finding, body->name);
	finding_map(finding, symbol->name);
	finding_evidence(finding, "section .maps is there too; the map lies in section maps at %llu",
			 (unsigned long long)offset);
	return -ENOEXEC;
}

/* ---- programs ---- */

/* An object of one function in .text is one program, as libbpf has it; else .text holds subprograms. */
static bool is_program(const struct filling *filling, const struct function_place *place)
{
	if (filling->uses[place->section].role == ROLE_SUBPROGRAMS)
		return filling->functions.count == 1;
	return !(place->is_local && place->is_called);
}

/* Types for others to use, code that others link: libbpf loads nothing and is content, and scripts rely on it. */
static int accept_nothing(struct filling *filling)
{
	struct lade_finding *note;
	if (!filling->source->btf)
		return lade_fail(filling->error, ENOEXEC, "dialect.no-program", "%s: no section holds a program",
				 filling->elf->file);
	note = lade_note_add(&filling->object->notes, "dialect.btf.nothing", "%s: nothing in it can be loaded",
			     filling->elf->file);
	finding_evidence(note, "it holds types, but no map and no function in a section of its own");
	return 0;
}

/* A function in .text alone: whoever wants it loaded says its type, which takes the reason away. */
static int leave_text_out(struct filling *filling, struct lade_program *program)
{
	if (strcmp(program->section, ".text") != 0 || program->row || !filling->source->btf)
		return 0;
	if (asprintf(&program->skip, "no section names its type: --type %s=TYPE", program->name) < 0) {
		program->skip = NULL;
		return lade_fail_memory(filling->error);
	}
	return 0;
}

static int add_programs(struct filling *filling)
{
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < filling->functions.count; i++) {
		struct lade_program *program;
		if (!is_program(filling, &filling->functions.items[i]))
			continue;
		result = lade_program_make(filling, i, &program);
		if (result == 0 && filling->road->program)
			result = filling->road->program(filling, program);
		if (result == 0)
			result = leave_text_out(filling, program);
	}
	if (result < 0 || filling->object->programs.count || filling->object->maps.count)
		return result;
	return accept_nothing(filling);
}

/* Pointers in data: nobody sets them, libbpf neither. */
static void note_data_relocations(struct filling *filling)
{
	for (size_t i = 1; i < filling->elf->section_count; i++) {
		const struct elf_section *section = &filling->elf->sections[i];
		if ((section->type != SHT_REL && section->type != SHT_RELA) || !section->size ||
		    section->info >= filling->elf->section_count || filling->uses[section->info].role != ROLE_DATA)
			continue;
		struct lade_finding *note = lade_note_add(&filling->object->notes, "dialect.btf.data-pointer",
							  "pointers in section %s stay as the compiler left them",
							  filling->elf->sections[section->info].name);
		finding_evidence(note, "section %zu, %s, relocates it", i, section->name);
	}
}

static int read_legacy_maps(struct filling *filling)
{
	int result = filling->road->maps ? filling->road->maps(filling) : 0;
	if (result == 0 && filling->road->maps)
		lade_annotations_read(filling);
	return result;
}

static int finish(struct filling *filling)
{
	return filling->road->finish ? filling->road->finish(filling) : 0;
}

typedef int step_fn(struct filling *filling);

int lade_road_fill(const struct road *road, const struct dialect *dialect, const struct source *source,
		   struct lade_object *object, struct lade_error **error)
{
	static step_fn *const steps[] = {
		lade_externs_read,
		lade_datasec_fix,
		use_sections,
		read_legacy_maps,
		lade_btf_maps_read,
		lade_btf_data_read,
		lade_kconfig_map,
		lade_btf_arena_read,
		lade_btf_struct_ops_read,
		lade_code_relocate,
		add_programs,
		lade_btf_slots_read,
		lade_btf_ops_slots_read,
		finish,
		lade_fill_report,
	};
	struct filling filling;
	int result = lade_fill_begin(&filling, dialect, source, object, error);
	filling.refuse = refuse_legacy_map;
	filling.road = road;
	for (size_t i = 0; result == 0 && i < ELEMENTS(steps); i++)
		result = steps[i](&filling);
	if (result == 0) {
		lade_linkage_fix(&filling);
		note_data_relocations(&filling);
	}
	lade_fill_clear(&filling);
	return result;
}

static int btf_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		    struct lade_error **error)
{
	static const struct road road = { 0 };
	return lade_road_fill(&road, dialect, source, object, error);
}

const struct dialect lade_dialect_btf = { "btf", "libbpf", btf_fill };
