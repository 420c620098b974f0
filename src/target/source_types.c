/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel's types, and what its enumerations list: exact for kernels of distributions, too, which backport. A number
 * counts when the name there is the mainline's: vendors put types of their own in places that the mainline took later.
 */
#include <ctype.h>
#include <stdio.h>

#include "btf/bytes.h"
#include "btf/lazy.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "target/internal.h"

static const struct {
	const char *name, *prefix;
	const char *ours; /* before the mainline's name in our tables */
} enums[TARGET_ENUMS] = {
	[TARGET_MAP_TYPES] = { "bpf_map_type", "BPF_MAP_TYPE_", "" },
	[TARGET_PROGRAM_TYPES] = { "bpf_prog_type", "BPF_PROG_TYPE_", "" },
	[TARGET_ATTACH_TYPES] = { "bpf_attach_type", "BPF_", "" },
	[TARGET_LINK_TYPES] = { "bpf_link_type", "BPF_LINK_TYPE_", "" },
	[TARGET_COMMANDS] = { "bpf_cmd", "BPF_", "bpf_" },
	[TARGET_HELPERS] = { "bpf_func_id", "BPF_FUNC_", "bpf_" },
};

const char *lade_target_enum_name(enum target_enum which)
{
	return enums[which].name;
}

/* ---- opening ---- */

struct target_types *lade_target_types_free(struct target_types *types)
{
	if (!types)
		return NULL;
	(void)lade_kernel_types_free(types->types);
	free(types->label);
	free(types);
	return NULL;
}

static int new_types(struct kernel_types_options *options, const char *label, struct target_types **ret_types,
		     struct lade_error **error)
{
	CLEANUP(cleanup_target_types) struct target_types *types = calloc(1, sizeof *types);
	if (types)
		types->label = lade_target_label(label);
	if (!types || !types->label)
		return lade_fail_memory(error);
	int result = lade_kernel_types_open(options, &types->types, error);
	if (result)
		return result;
	*ret_types = TAKE(types);
	return 0;
}

int lade_target_types_file(const char *path, struct target_types **ret_types, struct lade_error **error)
{
	struct kernel_types_options options = { .file = path };
	return new_types(&options, path, ret_types, error);
}

int lade_target_types_memory(struct target_blob *btf, const char *label, struct target_types **ret_types,
			     struct lade_error **error)
{
	struct lade_bytes bytes = { .fd = -1 };
	lade_bytes_take(&bytes, btf->bytes, btf->mapped, btf->size);
	*btf = (struct target_blob){ 0 };
	struct kernel_types_options options = { .file = label, .bytes = &bytes };
	int result = new_types(&options, label, ret_types, error);
	lade_bytes_clear(&bytes);
	return result;
}

/* ---- enumerations ---- */

struct numbers {
	const struct need_fact *facts; /* either these */
	const struct target_number *numbers;
	size_t count;
};

static struct numbers numbers_of(enum target_enum which)
{
	switch (which) {
	case TARGET_MAP_TYPES:
		return (struct numbers){ lade_need_maps, NULL, lade_need_map_count };
	case TARGET_PROGRAM_TYPES:
		return (struct numbers){ lade_need_programs, NULL, lade_need_program_count };
	case TARGET_ATTACH_TYPES:
		return (struct numbers){ lade_need_attachs, NULL, lade_need_attach_count };
	case TARGET_HELPERS:
		return (struct numbers){ lade_need_helpers, NULL, lade_need_helper_count };
	case TARGET_LINK_TYPES:
		return (struct numbers){ NULL, lade_target_links, lade_target_link_count };
	case TARGET_COMMANDS:
		return (struct numbers){ NULL, lade_target_commands, lade_target_command_count };
	case TARGET_ENUMS:
		break;
	}
	return (struct numbers){ NULL, NULL, 0 };
}

static uint32_t number_at(struct numbers numbers, size_t index)
{
	return numbers.facts ? numbers.facts[index].number : numbers.numbers[index].number;
}

static uint32_t since_at(struct numbers numbers, size_t index)
{
	return lade_needs_version(numbers.facts ? lade_need_text + numbers.facts[index].since
						: lade_target_text + numbers.numbers[index].since);
}

static const char *mainline_name(enum target_enum which, uint32_t number)
{
	struct numbers numbers = numbers_of(which);
	for (size_t i = 0; i < numbers.count; i++)
		if (number_at(numbers, i) == number)
			return numbers.facts ? lade_need_text + numbers.facts[i].name
					     : lade_target_text + numbers.numbers[i].name;
	return NULL;
}

/* "BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED" and "cgroup_storage": what was added behind does not matter. */
static bool is_same(enum target_enum which, const char *constant, const char *mainline)
{
	size_t prefix = strlen(enums[which].prefix), ours = strlen(enums[which].ours);
	if (strncmp(constant, enums[which].prefix, prefix) != 0 || strncmp(mainline, enums[which].ours, ours) != 0)
		return false;
	constant += prefix;
	for (mainline += ours; *mainline; mainline++, constant++)
		if (tolower((unsigned char)*constant) != *mainline)
			return false;
	return !*constant || *constant == '_';
}

static void take_constant(struct target_types *types, enum target_enum which, const char *name, uint64_t value)
{
	if (value >= LADE_TARGET_VALUES || !strncmp(name, "__", 2) || strncmp(name, "BPF_", 4) != 0)
		return;
	const char *mainline = mainline_name(which, (uint32_t)value);
	uint64_t *bits =
		!mainline || is_same(which, name, mainline) ? types->enums[which].listed : types->enums[which].others;
	bits[value / 64] |= 1ULL << value % 64;
}

static bool has(const uint64_t *bits, uint32_t number)
{
	return number < LADE_TARGET_VALUES && bits[number / 64] >> number % 64 & 1;
}

static void take_enum(struct target_types *types, enum target_enum which, const struct lade_btf *btf, uint32_t id)
{
	const struct btf_type *type = lade_btf_type(btf, id);
	uint32_t count = lade_btf_vlen(type);
	const struct btf_enum *constants = lade_btf_enums(type);
	const struct btf_enum64 *longs = lade_btf_enums64(type);
	for (uint32_t i = 0; i < count && i < LADE_TARGET_VALUES * 2; i++)
		if (constants)
			take_constant(types, which, lade_btf_string(btf, constants[i].name_off),
				      (uint32_t)constants[i].val);
		else if (longs && !longs[i].val_hi32)
			take_constant(types, which, lade_btf_string(btf, longs[i].name_off), longs[i].val_lo32);
	for (uint32_t i = 0; i < LADE_TARGET_VALUES; i++)
		types->enums[which].known |= has(types->enums[which].listed, i);
}

/* The oldest release of which something is not listed. */
static uint32_t ceiling_of(const struct target_types *types)
{
	uint32_t ceiling = UINT32_MAX;
	for (unsigned which = 0; which < TARGET_ENUMS; which++) {
		struct numbers numbers = numbers_of(which);
		for (size_t i = 0; i < numbers.count && types->enums[which].known; i++) {
			uint32_t since = since_at(numbers, i);
			if (since && since < ceiling && !has(types->enums[which].listed, number_at(numbers, i)))
				ceiling = since;
		}
	}
	return ceiling;
}

/* The newest release before that of which there is anything. */
static uint32_t level_of(const struct target_types *types, uint32_t ceiling)
{
	uint32_t level = 0;
	for (unsigned which = 0; which < TARGET_ENUMS; which++) {
		struct numbers numbers = numbers_of(which);
		for (size_t i = 0; i < numbers.count && types->enums[which].known; i++) {
			uint32_t since = since_at(numbers, i);
			if (since > level && since < ceiling)
				level = since;
		}
	}
	return level;
}

/* Structs that only kernels of one machine have. */
static const struct {
	const char *name, *machine;
} machines[] = {
	{ "cpuinfo_x86", "x86_64" },
	{ "cpuinfo_arm64", "aarch64" },
	{ "lowcore", "s390x" },
};

static void learn_machine(struct target_types *types)
{
	for (size_t i = 0; i < ELEMENTS(machines) && !types->machine; i++) {
		struct kernel_type type = { .id = 0 };
		if (lade_kernel_types_exact(types->types, machines[i].name, BTF_KIND_STRUCT, false, &type, NULL) == 0 &&
		    type.id)
			types->machine = machines[i].machine;
	}
}

static void learn(struct target_types *types)
{
	const char *names[TARGET_ENUMS + ELEMENTS(machines)];
	if (types->tried)
		return;
	types->tried = true;
	for (unsigned which = 0; which < TARGET_ENUMS; which++)
		names[which] = enums[which].name;
	for (size_t i = 0; i < ELEMENTS(machines); i++)
		names[TARGET_ENUMS + i] = machines[i].name;
	if (lade_kernel_types_want(types->types, names, ELEMENTS(names), NULL) < 0)
		return;
	learn_machine(types);
	for (unsigned which = 0; which < TARGET_ENUMS; which++) {
		const struct kernel_type_list *list = NULL;
		if (lade_kernel_types_find(types->types, enums[which].name, &list, NULL) < 0)
			continue;
		for (size_t i = 0; i < list->count; i++)
			take_enum(types, which, list->items[i].btf, list->items[i].id);
	}
	types->ceiling = ceiling_of(types);
	types->level = level_of(types, types->ceiling);
}

enum known lade_target_types_list(struct target_types *types, enum target_enum which, uint32_t number)
{
	learn(types);
	if (!types->enums[which].known)
		return KNOWN_NOT;
	return has(types->enums[which].listed, number) ? KNOWN_YES : KNOWN_NO;
}

uint32_t lade_target_types_level(struct target_types *types)
{
	learn(types);
	return types->level;
}

/* ---- flags of maps: constants of an enumeration without a name ---- */

struct flag_search {
	struct target_types *types;
	const struct lade_btf *btf;
};

static int examine(void *context, uint32_t id, uint32_t offset, const struct btf_type *type)
{
	const struct flag_search *search = context;
	(void)offset;
	if (type->name_off || lade_btf_kind(type) != BTF_KIND_ENUM)
		return 0;
	const struct btf_type *whole = lade_btf_type(search->btf, id);
	const struct btf_enum *constants = lade_btf_enums(whole);
	uint32_t count = constants ? lade_btf_vlen(whole) : 0, flags = 0;
	bool is_it = false;
	for (uint32_t i = 0; i < count; i++) {
		is_it |= !strcmp(lade_btf_string(search->btf, constants[i].name_off), "BPF_F_NO_PREALLOC");
		flags |= (uint32_t)constants[i].val;
	}
	if (is_it)
		search->types->map_flags = flags;
	return is_it;
}

const char *lade_target_types_machine(struct target_types *types)
{
	learn(types);
	return types->machine;
}

uint32_t lade_target_types_ceiling(struct target_types *types)
{
	learn(types);
	return types->ceiling;
}

uint32_t lade_target_types_flags(struct target_types *types)
{
	const struct lade_btf *btf = lade_kernel_types_base(types->types);
	struct flag_search search = { types, btf };
	if (types->has_flags_tried || !btf->lazy)
		return types->map_flags;
	types->has_flags_tried = true;
	struct lade_btf_seeker *seeker = calloc(1, sizeof *seeker);
	if (!seeker)
		return 0;
	seeker->hit = examine;
	seeker->context = &search;
	lade_btf_seek(seeker, 0);
	(void)lade_btf_walk(btf, seeker, NULL);
	free(seeker);
	return types->map_flags;
}
