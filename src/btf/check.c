/* SPDX-License-Identifier: BSD-2-Clause */
/* What each kind of type promises: names, ids, sizes, offsets. One function a kind, chosen by a table. */
#include "btf/internal.h"

#define BITS 8u

typedef int check_fn(const struct lade_btf_place *place, const struct btf_type *type);

static int check_name(const struct lade_btf_place *place, const char *what, uint32_t offset)
{
	if (lade_btf_string_ok(place->btf, offset))
		return 0;
	return lade_btf_fail_type(place, "%s at %u, but the strings have %u bytes", what, offset,
				  place->btf->strings_length);
}

static int check_id(const struct lade_btf_place *place, const char *what, uint32_t id)
{
	if (id < place->btf->count)
		return 0;
	return lade_btf_fail_type(place, "%s is type %u, but there are only %u", what, id, place->btf->count - 1);
}

static int check_size(const struct lade_btf_place *place, const struct btf_type *type, uint32_t allowed)
{
	/* `allowed` is a set: bit n stands for n bytes. */
	if (type->size < 32 && allowed & 1u << type->size)
		return 0;
	return lade_btf_fail_type(place, "%s of %u bytes", lade_btf_kind_name(lade_btf_kind(type)), type->size);
}

static int check_int(const struct lade_btf_place *place, const struct btf_type *type)
{
	uint32_t word;
	memcpy(&word, type + 1, sizeof word);
	if (type->size == 0 || type->size > 16)
		return check_size(place, type, 0);
	if (BTF_INT_OFFSET(word) + BTF_INT_BITS(word) > type->size * BITS || !BTF_INT_BITS(word))
		return lade_btf_fail_type(place, "int of %u bits at bit %u does not fit into %u bytes",
					  BTF_INT_BITS(word), BTF_INT_OFFSET(word), type->size);
	return 0;
}

static int check_array(const struct lade_btf_place *place, const struct btf_type *type)
{
	const struct btf_array *array = lade_btf_array(type);
	int result = check_id(place, "the element of the array", array->type);
	return result ? result : check_id(place, "the index of the array", array->index_type);
}

/* That a member ends inside the type is not checked: an array at the end may be of any length. */
static int check_member(const struct lade_btf_place *place, const struct btf_type *type, uint32_t index)
{
	uint64_t end = (uint64_t)lade_btf_member_bit_offset(type, index) + lade_btf_member_bit_size(type, index);
	if (end <= (uint64_t)type->size * BITS)
		return 0;
	return lade_btf_fail_type(place, "member %u lies at bit %u, beyond the %u bytes of the %s", index,
				  lade_btf_member_bit_offset(type, index), type->size,
				  lade_btf_kind_name(lade_btf_kind(type)));
}

static int check_members(const struct lade_btf_place *place, const struct btf_type *type)
{
	const struct btf_member *members = lade_btf_members(type);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		int result = check_name(place, "the name of a member is", members[i].name_off);
		if (!result)
			result = check_id(place, "a member", members[i].type);
		if (!result)
			result = check_member(place, type, i);
		if (result)
			return result;
	}
	return 0;
}

/* Size 0: a forward declaration. */
static int check_enum(const struct lade_btf_place *place, const struct btf_type *type)
{
	const struct btf_enum *values = lade_btf_enums(type);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		int result = check_name(place, "the name of a value is", values[i].name_off);
		if (result)
			return result;
	}
	return check_size(place, type, 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | (lade_btf_vlen(type) ? 0 : 1u));
}

static int check_enum64(const struct lade_btf_place *place, const struct btf_type *type)
{
	const struct btf_enum64 *values = lade_btf_enums64(type);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		int result = check_name(place, "the name of a value is", values[i].name_off);
		if (result)
			return result;
	}
	return check_size(place, type, 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | (lade_btf_vlen(type) ? 0 : 1u));
}

static int check_params(const struct lade_btf_place *place, const struct btf_type *type)
{
	const struct btf_param *params = lade_btf_params(type);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		int result = check_name(place, "the name of a parameter is", params[i].name_off);
		if (!result)
			result = check_id(place, "a parameter", params[i].type);
		if (result)
			return result;
	}
	return 0;
}

static int check_func(const struct lade_btf_place *place, const struct btf_type *type)
{
	if (lade_btf_vlen(type) > BTF_FUNC_EXTERN)
		return lade_btf_fail_type(place, "func of linkage %u", lade_btf_vlen(type));
	if (lade_btf_kind(lade_btf_type(place->btf, type->type)) != BTF_KIND_FUNC_PROTO)
		return lade_btf_fail_type(place, "func of type %u, which is no func_proto", type->type);
	return 0;
}

static int check_var(const struct lade_btf_place *place, const struct btf_type *type)
{
	struct btf_var variable;
	memcpy(&variable, type + 1, sizeof variable);
	if (variable.linkage > BTF_VAR_GLOBAL_EXTERN)
		return lade_btf_fail_type(place, "var of linkage %u", variable.linkage);
	return 0;
}

static int check_secinfo(const struct lade_btf_place *place, const struct btf_var_secinfo *info)
{
	uint32_t end, kind = lade_btf_kind(lade_btf_type(place->btf, info->type));
	if (kind != BTF_KIND_VAR && kind != BTF_KIND_FUNC) /* functions: extern ones */
		return lade_btf_fail_type(place, "the section holds type %u, which is neither var nor func",
					  info->type);
	if (__builtin_add_overflow(info->offset, info->size, &end))
		return lade_btf_fail_type(place, "a variable of %u bytes at %u ends beyond 4 GiB", info->size,
					  info->offset);
	return 0;
}

static int check_datasec(const struct lade_btf_place *place, const struct btf_type *type)
{
	const struct btf_var_secinfo *infos = lade_btf_secinfos(type);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		int result = check_id(place, "a variable of the section", infos[i].type);
		if (!result)
			result = check_secinfo(place, &infos[i]);
		if (result)
			return result;
	}
	return 0;
}

static int check_float(const struct lade_btf_place *place, const struct btf_type *type)
{
	return check_size(place, type, 1u << 2 | 1u << 4 | 1u << 8 | 1u << 12 | 1u << 16);
}

static int check_decl_tag(const struct lade_btf_place *place, const struct btf_type *type)
{
	struct btf_decl_tag tag;
	memcpy(&tag, type + 1, sizeof tag);
	if (tag.component_idx < -1)
		return lade_btf_fail_type(place, "decl_tag of component %d", tag.component_idx);
	return 0;
}

static check_fn *const checks[] = {
	[BTF_KIND_INT] = check_int,           [BTF_KIND_ARRAY] = check_array,       [BTF_KIND_STRUCT] = check_members,
	[BTF_KIND_UNION] = check_members,     [BTF_KIND_ENUM] = check_enum,         [BTF_KIND_FUNC] = check_func,
	[BTF_KIND_FUNC_PROTO] = check_params, [BTF_KIND_VAR] = check_var,           [BTF_KIND_DATASEC] = check_datasec,
	[BTF_KIND_FLOAT] = check_float,       [BTF_KIND_DECL_TAG] = check_decl_tag, [BTF_KIND_ENUM64] = check_enum64,
};

static int check_info(const struct lade_btf_place *place, const struct btf_type *type,
		      const struct lade_btf_kind_rule *rule)
{
	if (lade_btf_kind_flag(type) && !rule->has_kind_flag)
		return lade_btf_fail_type(place, "%s with the kind flag, which it cannot have (info %#x)", rule->name,
					  type->info);
	if (lade_btf_vlen(type) && !rule->element && !rule->vlen_is_linkage)
		return lade_btf_fail_type(place, "%s with %u elements, of which it has none (info %#x)", rule->name,
					  lade_btf_vlen(type), type->info);
	return 0;
}

int lade_btf_check_type(const struct lade_btf_place *place, const struct btf_type *type)
{
	uint32_t kind = lade_btf_kind(type);
	const struct lade_btf_kind_rule *rule = lade_btf_kind_rule(kind);
	int result = check_name(place, "the name is", type->name_off);
	if (result || !rule) /* a kind that only the layout section knows: nothing more can be said */
		return result;
	result = check_info(place, type, rule);
	if (!result && rule->refers)
		result = check_id(place, "what it refers to", type->type);
	return result || !checks[kind] ? result : checks[kind](place, type);
}
