/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds of relocations, and access strings. */
#include <errno.h>

#include "btf/core_internal.h"

static const struct core_kind kinds[] = {
	[BPF_CORE_FIELD_BYTE_OFFSET] = { "byte_off", "field offset", CORE_FIELD },
	[BPF_CORE_FIELD_BYTE_SIZE] = { "byte_sz", "field size", CORE_FIELD },
	[BPF_CORE_FIELD_EXISTS] = { "field_exists", "field existence", CORE_FIELD },
	[BPF_CORE_FIELD_SIGNED] = { "signed", "field signedness", CORE_FIELD },
	[BPF_CORE_FIELD_LSHIFT_U64] = { "lshift_u64", "left shift of a field", CORE_FIELD },
	[BPF_CORE_FIELD_RSHIFT_U64] = { "rshift_u64", "right shift of a field", CORE_FIELD },
	[BPF_CORE_TYPE_ID_LOCAL] = { "local_type_id", "type id in the object", CORE_TYPE },
	[BPF_CORE_TYPE_ID_TARGET] = { "target_type_id", "type id in the kernel", CORE_TYPE },
	[BPF_CORE_TYPE_EXISTS] = { "type_exists", "type existence", CORE_TYPE },
	[BPF_CORE_TYPE_SIZE] = { "type_size", "type size", CORE_TYPE },
	[BPF_CORE_ENUMVAL_EXISTS] = { "enumval_exists", "enumerator existence", CORE_ENUM },
	[BPF_CORE_ENUMVAL_VALUE] = { "enumval_value", "enumerator value", CORE_ENUM },
	[BPF_CORE_TYPE_MATCHES] = { "type_matches", "type match", CORE_TYPE },
};

const struct core_kind *lade_core_kind(uint32_t kind)
{
	return kind < ELEMENTS(kinds) ? &kinds[kind] : NULL;
}

const char *lade_core_kind_name(uint32_t kind)
{
	return kind < ELEMENTS(kinds) ? kinds[kind].name : NULL;
}

/* ---- sizes ---- */

int64_t lade_core_size(const struct core_types *types, uint32_t id)
{
	return lade_btf_size_with(types->btf, id, types->pointer_bytes);
}

bool lade_core_advance(struct core_path *path, uint64_t elements, uint64_t bytes)
{
	uint64_t bits;
	return !__builtin_mul_overflow(elements, bytes, &bits) && !__builtin_mul_overflow(bits, 8, &bits) &&
	       !__builtin_add_overflow(path->bit_offset, bits, &path->bit_offset) && path->bit_offset <= UINT32_MAX;
}

/* ---- the string ---- */

static const char *read_number(const char *text, uint32_t *ret_number)
{
	uint32_t number = 0;
	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint32_t)(*text - '0'), &number) || number > INT32_MAX)
			return NULL;
	*ret_number = number;
	return text;
}

static const char *read_indices(const char *text, uint32_t *indices, uint32_t *ret_count)
{
	uint32_t count = 0;
	for (;; text++) {
		if (count == CORE_MAX_DEPTH)
			return "its access string has more than 64 numbers";
		text = read_number(text, &indices[count]);
		if (!text)
			return "its access string is not numbers with colons between them";
		count++;
		if (!*text)
			break;
		if (*text != ':')
			return "its access string is not numbers with colons between them";
	}
	*ret_count = count;
	return NULL;
}

/* ---- the way ---- */

bool lade_core_is_flexible(const struct lade_btf *btf, const struct core_step *parent, uint32_t elements)
{
	/* A member, of no length, and the last one. */
	return parent && parent->name && !elements &&
	       parent->index + 1 == lade_btf_vlen(lade_btf_type(btf, parent->type_id));
}

static struct core_step *add_step(struct core_path *path, uint32_t type_id, uint32_t index, const char *name)
{
	struct core_step *step = &path->steps[path->count++];
	*step = (struct core_step){ .type_id = type_id, .index = index, .name = name };
	return step;
}

static const char *enter_member(struct core_path *path, uint32_t *id, uint32_t index)
{
	const struct btf_type *type = lade_btf_type(path->types.btf, *id);
	if (index >= lade_btf_vlen(type))
		return "its access string names a member that the struct does not have";
	const struct btf_member *member = &lade_btf_members(type)[index];
	const char *name = lade_btf_string(path->types.btf, member->name_off);
	path->bit_offset += lade_btf_member_bit_offset(type, index);
	if (*name)
		add_step(path, *id, index, name);
	*id = member->type;
	return path->bit_offset > UINT32_MAX ? "the field lies beyond 512 MiB" : NULL;
}

static const char *enter_element(struct core_path *path, uint32_t *id, uint32_t index)
{
	const struct btf_array *array = lade_btf_array(lade_btf_type(path->types.btf, *id));
	if (index >= array->nelems &&
	    !lade_core_is_flexible(path->types.btf, &path->steps[path->count - 1], array->nelems))
		return "its access string names an element beyond the end of the array";
	*id = lade_btf_skip_modifiers(path->types.btf, array->type);
	int64_t bytes = lade_core_size(&path->types, *id);
	if (bytes < 0)
		return "elements of the array have no size";
	add_step(path, *id, index, NULL);
	return lade_core_advance(path, index, (uint64_t)bytes) ? NULL : "the element lies beyond 512 MiB";
}

static const char *follow(struct core_path *path, uint32_t id, const uint32_t *indices, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		const char *reason = "its access string goes into a type that has no members";
		id = lade_btf_skip_modifiers(path->types.btf, id);
		const struct btf_type *type = lade_btf_type(path->types.btf, id);
		if (lade_core_is_composite(type))
			reason = enter_member(path, &id, indices[i]);
		else if (lade_btf_kind(type) == BTF_KIND_ARRAY)
			reason = enter_element(path, &id, indices[i]);
		if (reason)
			return reason;
	}
	return NULL;
}

static const char *parse_field(struct core_path *path, uint32_t id, const uint32_t *indices, uint32_t count)
{
	int64_t bytes = lade_core_size(&path->types, id);
	if (bytes < 0)
		return "its type has no size";
	add_step(path, id, indices[0], NULL);
	if (!lade_core_advance(path, indices[0], (uint64_t)bytes))
		return "the element lies beyond 512 MiB";
	return follow(path, id, indices, count);
}

static const char *parse_enumerator(struct core_path *path, uint32_t id, const uint32_t *indices, uint32_t count)
{
	const struct btf_type *type = lade_btf_type(path->types.btf, id);
	if (!lade_core_is_enum(type))
		return "its type is no enum";
	if (count != 1 || indices[0] >= lade_btf_vlen(type))
		return "its access string names an enumerator that the enum does not have";
	add_step(path, id, indices[0], lade_core_enumerator_name(path->types.btf, type, indices[0]));
	return NULL;
}

static const char *parse(struct core_path *path, enum core_family family, const char *text)
{
	uint32_t indices[CORE_MAX_DEPTH], count = 0;
	if (family == CORE_TYPE)
		return strcmp(text, "0") == 0 ? NULL : "the access string of a question about a whole type is not 0";
	const char *reason = read_indices(text, indices, &count);
	if (reason)
		return reason;
	uint32_t id = lade_btf_skip_modifiers(path->types.btf, path->root);
	return family == CORE_ENUM ? parse_enumerator(path, id, indices, count) : parse_field(path, id, indices, count);
}

int lade_core_parse(const struct lade_btf *local, const struct btf_core_relocation *relocation, struct core_path *path,
		    const char **ret_reason)
{
	const struct core_kind *kind = lade_core_kind(relocation->kind);
	path->types = (struct core_types){ .btf = local, .pointer_bytes = sizeof(uint64_t) };
	path->root = relocation->type_id;
	path->count = path->depth = 0;
	path->bit_offset = 0;
	if (!kind)
		*ret_reason = "its kind is not known";
	else if (relocation->type_id >= lade_btf_count(local))
		*ret_reason = "its type id is beyond the last type";
	else
		*ret_reason = parse(path, kind->family, lade_btf_string(local, relocation->access_string_offset));
	return *ret_reason ? -EINVAL : 0;
}
