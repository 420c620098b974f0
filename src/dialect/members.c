/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/members.h"

#include <errno.h>
#include <string.h>

#define MAX_COMPARISONS (1U << 20)

int lade_member_source_open(const struct source *source, const char *section, struct member_source *ret_source)
{
	*ret_source = (struct member_source){ .btf = source->btf, .budget = MAX_COMPARISONS };
	if (source->btf)
		ret_source->datasec = lade_btf_find(source->btf, section, BTF_KIND_DATASEC);
	return ret_source->datasec ? 0 : lade_dwarf_open(source->elf, &ret_source->dwarf);
}

void lade_member_source_clear(struct member_source *source)
{
	source->dwarf = lade_dwarf_free(source->dwarf);
}

void lade_members_clear(struct record_members *members)
{
	array_clear(members);
	members->origin = members->struct_name = NULL;
}

const struct record_member *lade_members_find(const struct record_members *members, const char *name)
{
	array_foreach(member, members)
		if (strcmp(member->name, name) == 0)
			return member;
	return NULL;
}

static uint32_t variable_type(struct member_source *source, const char *variable)
{
	const struct btf_type *datasec = lade_btf_type(source->btf, source->datasec);
	uint32_t count = datasec ? lade_btf_vlen(datasec) : 0;
	for (uint32_t i = 0; i < count && source->budget; i++) {
		uint32_t at = (source->next + i) % count;
		const struct btf_type *type = lade_btf_type(source->btf, lade_btf_secinfos(datasec)[at].type);
		source->budget--;
		if (!type || lade_btf_kind(type) != BTF_KIND_VAR ||
		    strcmp(lade_btf_string(source->btf, type->name_off), variable) != 0)
			continue;
		source->next = at + 1;
		return type->type;
	}
	return 0;
}

/* An unnamed struct goes by the name of its typedef. */
static const char *name_of(const struct lade_btf *btf, uint32_t id, const struct btf_type *record)
{
	const char *name = lade_btf_string(btf, record->name_off);
	return *name ? name : lade_btf_type_name(btf, id);
}

static int read_btf(struct member_source *source, const char *variable, struct record_members *members)
{
	const struct lade_btf *btf = source->btf;
	uint32_t id = variable_type(source, variable);
	const struct btf_type *record = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));
	if (!record || lade_btf_kind(record) != BTF_KIND_STRUCT)
		return 0;
	for (uint32_t i = 0; i < lade_btf_vlen(record); i++) {
		const struct btf_member *item = &lade_btf_members(record)[i];
		int64_t bytes = lade_btf_size(btf, item->type);
		struct record_member *member = array_push(members);
		if (!member)
			return -ENOMEM;
		*member = (struct record_member){
			.name = lade_btf_string(btf, item->name_off),
			.offset = lade_btf_member_bit_offset(record, i) / 8,
			.bytes = bytes > 0 && !lade_btf_member_bit_size(record, i) ? (uint64_t)bytes : 0,
		};
	}
	members->struct_name = name_of(btf, id, record);
	members->origin = "BTF";
	return 0;
}

int lade_members_read(struct member_source *source, const char *variable, struct record_members *ret_members)
{
	*ret_members = (struct record_members){ 0 };
	int result = source->datasec ? read_btf(source, variable, ret_members)
		     : source->dwarf ? lade_dwarf_members(source->dwarf, variable, ret_members)
				     : 0;
	if (result < 0)
		lade_members_clear(ret_members);
	return result;
}
