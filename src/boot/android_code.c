/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of the right size, program sections that the loader knows, types that the location allows. */
#include <errno.h>
#include <stdio.h>

#include "boot/android.h"
#include "object/sections.h"

/* ---- sizes of the records ---- */

static int refuse_size(struct android_decision *android, const char *section, uint32_t found, uint32_t wanted)
{
	struct lade_finding *finding =
		lade_android_refuse(android, -1, "boot.android.size",
				    "section %s: records of %u bytes, this loader reads %u", section, found, wanted);
	if (android->loader == POLICY_LOADER_UNVERSIONED)
		finding_evidence(finding, "the platform's loader of Android %u takes one size only",
				 android->policy->android);
	else if (android->loader == LOADER_NONE)
		finding_evidence(finding, "the loader of Android %u takes one size only", android->policy->android);
	return 0;
}

/* Loaders that take records of exactly one size; 0: this one takes any from 32 and 20 bytes. */
static uint32_t exact_size(const struct android_decision *android, bool of_map)
{
	static const struct {
		unsigned android;
		uint32_t map, program;
	} rows[] = { { 10, 28, 0 }, { 11, 32, 20 }, { 15, 120, 92 }, { 16, 120, 92 } };
	bool is_exact = !loader_is_versioned(android->loader) || android->loader >= LOADER_EXACT;
	for (size_t i = 0; is_exact && i < ELEMENTS(rows); i++)
		if (rows[i].android == android->policy->android)
			return of_map ? rows[i].map : rows[i].program;
	return 0;
}

static int check_map_size(struct android_decision *android)
{
	uint32_t found = android->object->policy->map_bytes, exact = exact_size(android, true);
	if (!android->object->maps.count || found == exact || (!exact && found >= 32))
		return 0;
	uint32_t wanted = exact ? exact : 32;
	size_t bytes = android->object->maps.count * found;
	android_say(android, LADE_BOOT_ERROR, "createMaps failed due to improper sized maps section, %zu %% %u != 0",
		    bytes, wanted);
	android_say(android, LADE_BOOT_ERROR, "Failed to create maps: (ret=%d) in %s", -1, android->path);
	return refuse_size(android, "maps", found, wanted);
}

static size_t definitions(const struct lade_object *object)
{
	size_t count = 0;
	array_foreach(program, &object->programs)
		count += (*program)->policy && (*program)->policy->has_owner;
	return count;
}

static void say_no_code(struct android_decision *android)
{
	android_say(android, LADE_BOOT_ERROR, "Couldn't read all code sections in %s", android->path);
}

static int check_program_size(struct android_decision *android)
{
	uint32_t found = android->object->policy->program_bytes, exact = exact_size(android, false);
	size_t count = definitions(android->object);
	if (!count || !exact || found == exact)
		return 0;
	android_say(android, LADE_BOOT_ERROR, "readProgDefs failed due to improper sized progs section, %zu %% %u != 0",
		    count * found, exact);
	say_no_code(android);
	return refuse_size(android, "progs", found, exact);
}

/* ---- section progs ---- */

static int check_definitions(struct android_decision *android)
{
	bool is_there = android->object->policy->stated & UINT32_C(1) << POLICY_PROGRAMS;
	if (is_there || android->policy->android <= 10)
		return 0;
	android_say(android, LADE_BOOT_WARNING, "No %s section could be found in elf object", "progs");
	bool is_needed = android->loader >= LOADER_NETWORK; /* also of loaders without a version since Android 15 */
	if (!is_needed)
		return 0;
	say_no_code(android);
	(void)lade_android_refuse(android, -2, "boot.android.no-programs",
				  "no section progs, which loaders since 0.42 want even where no program is");
	return 0;
}

/* ---- sections ---- */

static int ignore_section(struct android_decision *android, uint32_t index)
{
	const struct lade_program *program = android->object->programs.items[index];
	struct boot_part *part = &android->decision->programs[index];
	const char *who = android->location->is_split && android->location->is_network ? "the network's loader"
			  : android->location->is_split                                ? "the platform's loader"
										       : "this loader";
	if (asprintf(&part->skip, "%s ignores sections such as %s", who, program->section) < 0) {
		part->skip = NULL;
		return -ENOMEM;
	}
	struct lade_finding *note =
		lade_note_add(&android->decision->notes, "boot.android.section", "%s: program %s is left out: %s",
			      android->object->file, program->name, part->skip);
	finding_program(note, program->name);
	return 0;
}

static void refuse_type(struct android_decision *android, const struct lade_program *program)
{
	const char *type = lade_program_type_name(program->type);
	android_say(android, LADE_BOOT_ERROR, "Program type %s not permitted here", type ? type : "unknown");
	say_no_code(android);
	struct lade_finding *finding = lade_android_refuse(
		android, -1, "boot.android.type", "section %s: Program type %s not permitted here: not in %s",
		program->section, type ? type : "unknown", android->location->directory);
	finding_program(finding, program->name);
	struct strbuf allowed = { 0 };
	lade_boot_types_text(android->location->types, &allowed);
	char *text CLEANUP(cleanup_free) = lade_strbuf_take(&allowed);
	finding_evidence(finding, "allowed: %s", text ? text : "");
}

/* Sections of fuse/ have a type only where the kernel gives them one; without, the loader ignores them. */
static int check_section(struct android_decision *android, uint32_t index)
{
	const struct lade_program *program = android->object->programs.items[index];
	if (!lade_android_knows_section(android->location, program->section))
		return ignore_section(android, index);
	if (program->type && !lade_boot_type_allowed(android->location->types, program->type))
		refuse_type(android, program);
	return 0;
}

int lade_android_code(struct android_decision *android)
{
	if (!android->object->policy || (android->loader >= LOADER_NAMED && loader_is_versioned(android->loader)))
		return 0;
	int result = check_program_size(android);
	if (result == 0 && android->decision->verdict == BOOT_LOAD)
		result = check_definitions(android);
	for (uint32_t i = 0;
	     result == 0 && android->decision->verdict == BOOT_LOAD && i < android->object->programs.count; i++)
		result = check_section(android, i);
	if (result == 0 && android->decision->verdict == BOOT_LOAD)
		result = check_map_size(android);
	return result;
}
