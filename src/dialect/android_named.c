/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layout E: the objects of NetBpfLoad since Android 16. Definitions are named NAME_def; they hold the paths of
 * pins, a program's holds its types too. A map's own symbol lies in .maps, as libbpf would have it.
 *
 *     map:      0 type  4 key_size  8 value_size  12 max_entries  16 map_flags  20 uid  24 gid  28 mode
 *               32 min_loader  36 max_loader  40 min_kernel  44 max_kernel
 *               48 create_location[70]  118 pin_location[70]  188 name_idx
 *     program:  0 type  4 attach_type  8 uid  12 gid  16 min_kernel  20 max_kernel  24 optional
 *               28 min_loader  32 max_loader  36 create_location[70]  106 pin_location[70]  176 name_idx
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "dialect/android.h"

#define PATH_BYTES 70
#define SUFFIX     "_def"

/* Versions are signed here: what is below zero has no lower bound. */
static uint32_t version(const struct android *android, const struct android_record *record, uint64_t offset)
{
	uint32_t word = lade_android_word(android, record, offset, 0);
	return word > INT_MAX ? 0 : word;
}

static int fail_name(struct android *android, const struct android_record *record)
{
	return lade_fail(android->filling.error, ENOEXEC, "dialect.android.definition",
			 "%s: the definition %s does not end in " SUFFIX, android->filling.elf->file,
			 record->symbol->name);
}

/* NAME of NAME_def. */
static int bare_name(struct android *android, const struct android_record *record, char **ret_name)
{
	const char *full = record->symbol->name;
	size_t length = strlen(full), suffix = strlen(SUFFIX);
	if (length <= suffix || strcmp(full + length - suffix, SUFFIX) != 0)
		return fail_name(android, record);
	*ret_name = strndup(full, length - suffix);
	return *ret_name ? 0 : lade_fail_memory(android->filling.error);
}

/* Paths of the record; the last component of pin_location names the pin. */
static int read_paths(struct android *android, const struct android_record *record, uint64_t offset,
		      struct part_policy *policy)
{
	int result = lade_android_text(android, record, offset, PATH_BYTES, &policy->create_location);
	if (result == 0)
		result = lade_android_text(android, record, offset + PATH_BYTES, PATH_BYTES, &policy->pin_location);
	if (result < 0 || !policy->pin_location)
		return result;
	const char *slash = strrchr(policy->pin_location, '/');
	policy->pin_name = strdup(slash ? slash + 1 : policy->pin_location);
	return policy->pin_name ? 0 : lade_fail_memory(android->filling.error);
}

/* ---- maps ---- */

static int read_map_policy(struct android *android, const struct android_record *record, struct lade_map *map)
{
	struct part_policy *policy = map->policy = calloc(1, sizeof *policy);
	if (!policy)
		return lade_fail_memory(android->filling.error);
	policy->has_owner = policy->has_mode = true;
	policy->uid = lade_android_word(android, record, 20, 0);
	policy->gid = lade_android_word(android, record, 24, 0);
	policy->mode = lade_android_word(android, record, 28, 0);
	policy->loader.min = version(android, record, 32);
	policy->loader.max = version(android, record, 36);
	policy->kernel.min = lade_android_word(android, record, 40, 0);
	policy->kernel.max = lade_android_word(android, record, 44, 0);
	int result = read_paths(android, record, 48, policy);
	return result < 0 ? result : lade_android_judge(android, policy, UINT32_MAX, &map->skip);
}

/* Instructions refer to the map's own symbol, not to its definition. */
static void place_map(struct android *android, const struct android_record *record, struct lade_map *map)
{
	const struct elf_section *maps = lade_elf_section(android->filling.elf, ".maps");
	const struct elf_symbol *symbol = maps ? lade_fill_symbol(&android->filling, map->name, maps->index) : NULL;
	map->elf_section = symbol ? maps->index : record->symbol->section;
	map->section_offset = symbol ? symbol->value : record->offset;
	if (maps)
		android->filling.uses[maps->index].role = ROLE_MAPS;
}

static int add_map(struct android *android, const struct elf_section *section, const struct android_record *record)
{
	char *name CLEANUP(cleanup_free) = NULL;
	int result = bare_name(android, record, &name);
	if (result < 0)
		return result;
	struct lade_map *map = lade_object_add_map(android->filling.object, name, section->name);
	if (!map)
		return lade_fail_memory(android->filling.error);
	map->definition = (struct map_definition){
		.type = lade_android_word(android, record, 0, 0),
		.key_size = lade_android_word(android, record, 4, 0),
		.value_size = lade_android_word(android, record, 8, 0),
		.max_entries = lade_android_word(android, record, 12, 0),
		.flags = lade_android_word(android, record, 16, 0),
	};
	place_map(android, record, map);
	return read_map_policy(android, record, map);
}

int lade_android_named_maps(struct android *android, const struct elf_section *section)
{
	struct android_records records = { 0 };
	int result = lade_android_records(android, section, android->map_bytes, &records);
	for (size_t i = 0; result == 0 && i < records.count; i++)
		result = add_map(android, section, &records.items[i]);
	lade_android_records_clear(&records);
	return result;
}

/* ---- programs ---- */

/* The kernel gets the name without object and prefix: what name_idx points to. */
static int read_kernel_name(struct android *android, const struct android_record *record, struct lade_program *program)
{
	const char *path = program->policy->pin_location;
	uint32_t index = lade_android_word(android, record, 176, 0);
	if (!path || index >= strlen(path))
		return 0;
	free(program->kernel_name);
	program->kernel_name = strdup(path + index);
	return program->kernel_name ? 0 : lade_fail_memory(android->filling.error);
}

static void read_types(struct android *android, const struct android_record *record, struct lade_program *program)
{
	uint32_t type = lade_android_word(android, record, 0, 0);
	if (!type)
		return;
	if (program->type != type)
		program->row = NULL; /* what the section's name says about attaching is another type's */
	program->type = type;
	program->expected_attach_type = lade_android_word(android, record, 4, 0);
	program->has_expected_attach_type = true;
}

int lade_android_named_program(struct android *android, const struct android_record *record,
			       struct lade_program *program)
{
	struct part_policy *policy = program->policy;
	policy->has_owner = true;
	policy->uid = lade_android_word(android, record, 8, 0);
	policy->gid = lade_android_word(android, record, 12, 0);
	policy->kernel.min = lade_android_word(android, record, 16, 0);
	policy->kernel.max = lade_android_word(android, record, 20, 0);
	policy->optional = lade_android_byte(record, 24) != 0;
	policy->loader.min = version(android, record, 28);
	policy->loader.max = version(android, record, 32);
	read_types(android, record, program);
	int result = read_paths(android, record, 36, policy);
	return result < 0 ? result : read_kernel_name(android, record, program);
}
