/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map records of layouts A to D. Fields were only ever appended:
 *
 *     0 type  4 key_size  8 value_size  12 max_entries  16 map_flags                    all
 *     20 uid  24 gid  28 mode                                                           B: 32 bytes
 *     32 min_loader  36 max_loader                                                      C: 40
 *     40 min_kernel  44 max_kernel                                                      C: 48
 *     48 selinux_context[32]  80 pin_subdir[32]  112 shared  113 ignore_on  114 pad     D: 116
 *     116 uid; the one at 20 is zero                                                    D: 120
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dialect/android.h"

#define TEXT_BYTES 32
#define UID_MOVED  120 /* bytes of a record whose uid lies at its end */

/* The key and value that a map's `.maps.NAME` variable describes in BTF: a struct of two members. */
static void find_btf(const struct android *android, struct lade_map *map)
{
	const struct lade_btf *btf = android->filling.source->btf;
	struct map_definition *definition = &map->definition;
	char *name;
	if (!btf || definition->type == BPF_MAP_TYPE_DEVMAP_HASH || definition->type == BPF_MAP_TYPE_RINGBUF ||
	    asprintf(&name, "____btf_map_%s", map->name) < 0)
		return;
	const struct btf_type *record = lade_btf_type(btf, lade_btf_find(btf, name, BTF_KIND_STRUCT));
	free(name);
	if (!record || lade_btf_kind(record) != BTF_KIND_STRUCT || lade_btf_vlen(record) < 2)
		return;
	uint32_t key = lade_btf_members(record)[0].type, value = lade_btf_members(record)[1].type;
	int64_t key_size = lade_btf_size(btf, key), value_size = lade_btf_size(btf, value);
	if (key_size != definition->key_size || value_size != definition->value_size)
		return;
	definition->btf_key_type = key;
	definition->btf_value_type = value;
}

static void read_definition(const struct android *android, const struct android_record *record,
			    struct map_definition *definition)
{
	definition->type = lade_android_word(android, record, 0, 0);
	definition->key_size = lade_android_word(android, record, 4, 0);
	definition->value_size = lade_android_word(android, record, 8, 0);
	definition->max_entries = lade_android_word(android, record, 12, 0);
	definition->flags = lade_android_word(android, record, 16, 0);
}

/* Loaders since 0.28 stop when word 20 is not zero; older ones took it for the uid. */
static int read_uid(struct android *android, const struct android_record *record, struct part_policy *policy)
{
	uint32_t old = lade_android_word(android, record, 20, 0);
	policy->uid = record->size >= UID_MOVED && android->loader >= LOADER_HAS_UID_MOVED
			      ? lade_android_word(android, record, UID_MOVED - 4, 0)
			      : old;
	if (!old || android->loader < LOADER_HAS_UID_MOVED)
		return 0;
	const char *name = record->symbol->name;
	if (record->size < UID_MOVED) {
		struct lade_finding *note =
			lade_note_add(&android->filling.object->notes, "dialect.android.old-uid",
				      "map %s: uid %u lies where loaders since 0.28 want zero", name, old);
		finding_map(note, name);
		return 0;
	}
	struct lade_finding *finding = lade_error_add(android->filling.error, ENOEXEC, "dialect.android.zero",
						      "%s: map %s: word 20 of its record is %u, not zero",
						      android->filling.elf->file, name, old);
	finding_map(finding, name);
	finding_evidence(finding, "a record of %llu bytes has its uid at 116: %u", (unsigned long long)record->size,
			 policy->uid);
	return -ENOEXEC;
}

static int read_owner(struct android *android, const struct android_record *record, struct part_policy *policy)
{
	if (android->layout == 'a')
		return 0;
	policy->has_owner = policy->has_mode = true;
	policy->gid = lade_android_word(android, record, 24, 0);
	policy->mode = lade_android_word(android, record, 28, 0);
	return read_uid(android, record, policy);
}

static void read_windows(const struct android *android, const struct android_record *record, struct part_policy *policy)
{
	policy->loader.min = lade_android_word(android, record, 32, 0);
	policy->loader.max = lade_android_word(android, record, 36, POLICY_LOADER_ANY);
	policy->kernel.min = lade_android_word(android, record, 40, 0);
	policy->kernel.max = lade_android_word(android, record, 44, POLICY_KERNEL_ANY);
}

static int read_policy(struct android *android, const struct android_record *record, struct lade_map *map)
{
	struct part_policy *policy = map->policy = calloc(1, sizeof *policy);
	if (!policy)
		return lade_fail_memory(android->filling.error);
	read_windows(android, record, policy);
	int result = read_owner(android, record, policy);
	if (result == 0)
		result = lade_android_text(android, record, 48, TEXT_BYTES, &policy->selinux_context);
	if (result == 0)
		result = lade_android_text(android, record, 80, TEXT_BYTES, &policy->pin_subdir);
	if (result < 0)
		return result;
	policy->shared = lade_android_byte(record, 112) != 0;
	policy->ignore_on = lade_android_byte(record, 113);
	policy->pin_name = lade_android_pin_name(android, "map", policy->shared, map->name);
	if (!policy->pin_name)
		return lade_fail_memory(android->filling.error);
	lade_android_check_places(android, "map", map->name, policy);
	return lade_android_judge(android, policy, LOADER_HAS_BUILD_MAP, &map->skip);
}

static int read_map(struct android *android, const struct elf_section *section, const struct android_record *record)
{
	struct lade_map *map = lade_object_add_map(android->filling.object, record->symbol->name, section->name);
	if (!map)
		return lade_fail_memory(android->filling.error);
	map->section_offset = record->offset;
	map->elf_section = section->index;
	read_definition(android, record, &map->definition);
	find_btf(android, map);
	return read_policy(android, record, map);
}

int lade_android_maps(struct android *android, const struct elf_section *section)
{
	struct android_records records = { 0 };
	int result = lade_android_records(android, section, android->map_bytes, &records);
	for (size_t i = 0; result == 0 && i < records.count; i++)
		result = read_map(android, section, &records.items[i]);
	lade_android_records_clear(&records);
	return result;
}
