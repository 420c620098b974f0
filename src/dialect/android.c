/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialects of Android's bpfloader and NetBpfLoad, in all layouts of their metadata. */
#include <errno.h>
#include <string.h>

#include "dialect/android.h"

/* ---- sections ---- */

/* Layout E states a program's type in its definition; its sections are called TYPE/NAME$VERSION. */
static bool is_program_section(const struct android *android, const char *name)
{
	if (lade_section_find("android", name, NULL))
		return true;
	return android->layout == 'e' && strchr(name, '/');
}

static int use_code(struct android *android, const struct elf_section *section)
{
	struct section_use *use = &android->filling.uses[section->index];
	if (strcmp(section->name, ".text") == 0)
		use->role = ROLE_SUBPROGRAMS;
	else if (is_program_section(android, section->name))
		use->role = ROLE_PROGRAM;
	use->why = use->role == ROLE_IGNORED ? "its name is no program of the Android dialect" : NULL;
	return use->role == ROLE_IGNORED ? 0 : lade_code_cut(&android->filling, section->index);
}

static int use_maps(struct android *android, const struct elf_section *section)
{
	struct section_use *use = &android->filling.uses[section->index];
	if (android->filling.object->maps.count)
		return 0;
	*use = (struct section_use){ ROLE_MAPS, NULL, NO_INDEX, use->datasec };
	return android->layout == 'e' ? lade_android_named_maps(android, section) : lade_android_maps(android, section);
}

static int use_section(struct android *android, const struct elf_section *section)
{
	struct section_use *use = &android->filling.uses[section->index];
	if (use->role != ROLE_IGNORED || !section->size)
		return 0;
	if (lade_section_is_code(section))
		return use_code(android, section);
	if (section->type == SHT_PROGBITS &&
	    strcmp(section->name, android->layout == 'e' ? ".android_maps" : "maps") == 0)
		return use_maps(android, section);
	if (strncmp(section->name, ".maps.", 6) == 0)
		use->why = "names the types of a map's key and value in BTF";
	else if (strncmp(section->name, "size_of_bpf_", 12) == 0)
		use->role = ROLE_POLICY;
	else if (android->filling.uses[section->index].role == ROLE_IGNORED)
		use->why = "the Android dialect has no global data";
	return 0;
}

static int use_sections(struct android *android)
{
	int result = 0;
	for (size_t i = 1; result == 0 && i < android->filling.elf->section_count; i++)
		result = use_section(android, &android->filling.elf->sections[i]);
	return result;
}

/* Android's loader leaves such an instruction as it is, and the kernel refuses it unless nothing loads it. */
static int leave_data(struct filling *filling, uint32_t function, uint32_t instruction, const struct elf_symbol *symbol,
		      uint64_t offset)
{
	const struct lade_function *body = &filling->object->functions.items[function];
	const char *section =
		symbol->section < filling->elf->section_count ? filling->elf->sections[symbol->section].name : "";
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "dialect.android.data",
			      "instruction %u of %s refers to %s in section %s, which Android does not load",
			      instruction, body->name, lade_symbol_is_named(symbol) ? symbol->name : "data", section);
	finding_program(note, body->name);
	finding_instruction(note, instruction);
	finding_evidence(note, "%llu bytes into the section", (unsigned long long)offset);
	return 1;
}

static int check_programs(struct android *android)
{
	const struct lade_object *object = android->filling.object;
	if (object->programs.count || object->maps.count)
		return 0;
	return lade_fail(android->filling.error, ENOEXEC, "dialect.no-program",
			 "%s: no map, and no section is a program of the Android dialect", android->filling.elf->file);
}

/* ---- the whole ---- */

typedef int step_fn(struct android *android);

static int fix_datasec(struct android *android)
{
	return lade_datasec_fix(&android->filling);
}

static int relocate(struct android *android)
{
	return lade_code_relocate(&android->filling);
}

static int report(struct android *android)
{
	lade_linkage_fix(&android->filling);
	return lade_fill_report(&android->filling);
}

static void note_sections(const struct android *android, struct object_policy *policy)
{
	static const struct {
		const char *name;
		enum policy_section bit;
	} rows[] = { { "size_of_bpf_map_def", POLICY_MAP_SIZE },
		     { "size_of_bpf_prog_def", POLICY_PROGRAM_SIZE },
		     { "progs", POLICY_PROGRAMS } };
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (lade_elf_section(android->filling.elf, rows[i].name))
			policy->stated |= UINT32_C(1) << rows[i].bit;
}

static int keep_sizes(struct android *android)
{
	struct object_policy *policy = android->filling.object->policy;
	int result = lade_android_sizes(android);
	if (result < 0)
		return result;
	policy->map_bytes = (uint32_t)android->map_bytes;
	policy->program_bytes = (uint32_t)android->program_bytes;
	note_sections(android, policy);
	if (lade_strings_addf(&android->filling.object->evidence,
			      "records of %u bytes for maps, %u for programs; judged as bpfloader %u",
			      policy->map_bytes, policy->program_bytes, android->loader) < 0)
		return lade_fail_memory(android->filling.error);
	return 0;
}

static void read_options(struct android *android)
{
	const struct lade_open_opts *options = android->filling.object->options;
	android->loader = options && options->loader_version ? options->loader_version
			  : android->layout == 'e'           ? LOADER_NEWEST_E
							     : LOADER_NEWEST;
	android->build = options && options->build_type ? lade_policy_build(options->build_type) : 0;
}

static int android_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
			struct lade_error **error)
{
	static step_fn *const steps[] = {
		lade_android_gates,    keep_sizes,     fix_datasec, use_sections, relocate,
		lade_android_programs, check_programs, report,
	};
	struct android android = { .layout = dialect->name[strlen("android-")] };
	int result = lade_fill_begin(&android.filling, dialect, source, object, error);
	android.filling.refuse = leave_data;
	read_options(&android);
	for (size_t i = 0; result == 0 && i < ELEMENTS(steps); i++)
		result = steps[i](&android);
	free(android.object_skip);
	lade_fill_clear(&android.filling);
	return result;
}

/* Files that Android 16's Rust loader takes: libbpf's objects with Android's names of sections. */
static int android_f_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
			  struct lade_error **error)
{
	return lade_dialect_btf.fill(dialect, source, object, error);
}

const struct dialect lade_dialects_android[ANDROID_LAYOUTS] = {
	{ .name = "android-a", .section_table = "android", .fill = android_fill },
	{ .name = "android-b", .section_table = "android", .fill = android_fill },
	{ .name = "android-c", .section_table = "android", .fill = android_fill },
	{ .name = "android-d", .section_table = "android", .fill = android_fill },
	{ .name = "android-e", .section_table = "android", .fill = android_fill },
	{ .name = "android-f", .section_table = "android", .other_table = "libbpf", .fill = android_f_fill },
};
