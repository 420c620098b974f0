/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading validated types. */
#include <errno.h>

#include "btf/internal.h"

uint32_t lade_btf_count(const struct lade_btf *btf)
{
	return btf->offsets ? btf->count : lade_btf_lazy_count(btf);
}

const struct btf_type *lade_btf_type(const struct lade_btf *btf, uint32_t id)
{
	if (!id) /* of no BTF at all, too */
		return NULL;
	if (__builtin_expect(!btf->offsets, 0))
		return lade_btf_lazy_type(btf, id);
	return id < btf->count ? (const struct btf_type *)(const void *)(btf->types + btf->offsets[id]) : NULL;
}

const char *lade_btf_string(const struct lade_btf *btf, uint32_t offset)
{
	if (__builtin_expect(!btf->offsets, 0))
		return lade_btf_lazy_string(btf, offset);
	return lade_btf_string_ok(btf, offset) ? btf->strings + offset : "";
}

const char *lade_btf_type_name(const struct lade_btf *btf, uint32_t id)
{
	const struct btf_type *type = lade_btf_type(btf, id);
	return type ? lade_btf_string(btf, type->name_off) : "";
}

/*
 * info: kind_flag 31 | kind 30..24 | vlen 23..0. Up to 7.1 the kind had the bits 28..24 and vlen 15..0, the
 * rest being zero.
 */
static const void *payload(const struct btf_type *type, uint32_t kind, uint32_t other_kind)
{
	uint32_t actual = lade_btf_kind(type);
	return type && (actual == kind || actual == other_kind) ? type + 1 : NULL;
}

const struct btf_member *lade_btf_members(const struct btf_type *type)
{
	return payload(type, BTF_KIND_STRUCT, BTF_KIND_UNION);
}

const struct btf_param *lade_btf_params(const struct btf_type *type)
{
	return payload(type, BTF_KIND_FUNC_PROTO, BTF_KIND_FUNC_PROTO);
}

const struct btf_enum *lade_btf_enums(const struct btf_type *type)
{
	return payload(type, BTF_KIND_ENUM, BTF_KIND_ENUM);
}

const struct btf_enum64 *lade_btf_enums64(const struct btf_type *type)
{
	return payload(type, BTF_KIND_ENUM64, BTF_KIND_ENUM64);
}

const struct btf_array *lade_btf_array(const struct btf_type *type)
{
	return payload(type, BTF_KIND_ARRAY, BTF_KIND_ARRAY);
}

const struct btf_var_secinfo *lade_btf_secinfos(const struct btf_type *type)
{
	return payload(type, BTF_KIND_DATASEC, BTF_KIND_DATASEC);
}

static uint32_t int_word(const struct btf_type *type)
{
	uint32_t word = 0;
	const void *bytes = payload(type, BTF_KIND_INT, BTF_KIND_INT);
	if (bytes)
		memcpy(&word, bytes, sizeof word);
	return word;
}

uint32_t lade_btf_int_encoding(const struct btf_type *type)
{
	return BTF_INT_ENCODING(int_word(type));
}

uint32_t lade_btf_int_bits(const struct btf_type *type)
{
	return BTF_INT_BITS(int_word(type));
}

static uint32_t member_word(const struct btf_type *type, uint32_t member)
{
	const struct btf_member *members = lade_btf_members(type);
	return members && member < lade_btf_vlen(type) ? members[member].offset : 0;
}

uint32_t lade_btf_member_bit_offset(const struct btf_type *type, uint32_t member)
{
	uint32_t word = member_word(type, member);
	return lade_btf_kind_flag(type) ? BTF_MEMBER_BIT_OFFSET(word) : word;
}

uint32_t lade_btf_member_bit_size(const struct btf_type *type, uint32_t member)
{
	return lade_btf_kind_flag(type) ? BTF_MEMBER_BITFIELD_SIZE(member_word(type, member)) : 0;
}

static bool is_modifier(uint32_t kind)
{
	return kind == BTF_KIND_TYPEDEF || kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE ||
	       kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
}

uint32_t lade_btf_skip_modifiers(const struct lade_btf *btf, uint32_t id)
{
	for (unsigned depth = 0; depth < LADE_BTF_MAX_DEPTH; depth++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (!type)
			return 0;
		if (!is_modifier(lade_btf_kind(type)))
			return id;
		id = type->type;
	}
	return 0;
}

static bool has_size(uint32_t kind)
{
	return kind == BTF_KIND_INT || kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM ||
	       kind == BTF_KIND_ENUM64 || kind == BTF_KIND_FLOAT || kind == BTF_KIND_DATASEC;
}

/* Elements times their size, multiplied up through arrays of arrays. */
static int64_t total(uint64_t elements, uint64_t size)
{
	uint64_t bytes;
	if (__builtin_mul_overflow(elements, size, &bytes) || bytes > UINT32_MAX)
		return -E2BIG;
	return (int64_t)bytes;
}

int64_t lade_btf_size(const struct lade_btf *btf, uint32_t id)
{
	return lade_btf_size_with(btf, id, sizeof(uint64_t));
}

int64_t lade_btf_size_with(const struct lade_btf *btf, uint32_t id, uint32_t pointer_bytes)
{
	uint64_t elements = 1;
	bool overflow = false;
	for (unsigned depth = 0; depth < LADE_BTF_MAX_DEPTH; depth++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		uint32_t kind = lade_btf_kind(type);
		if (has_size(kind) || kind == BTF_KIND_PTR) {
			uint64_t size = kind == BTF_KIND_PTR ? pointer_bytes : type->size;
			return overflow && size ? -E2BIG : total(overflow ? 0 : elements, size);
		}
		if (kind == BTF_KIND_ARRAY) {
			/* An empty array makes all of it empty, however long the others are. */
			uint32_t count = lade_btf_array(type)->nelems;
			overflow = count && (overflow || __builtin_mul_overflow(elements, count, &elements));
			elements = count ? elements : 0;
			id = lade_btf_array(type)->type;
		} else if (is_modifier(kind) || kind == BTF_KIND_VAR) {
			id = type->type;
		} else {
			return -EINVAL;
		}
	}
	return -EINVAL;
}

uint32_t lade_btf_find(const struct lade_btf *btf, const char *name, uint32_t kind)
{
	if (!btf->offsets)
		return lade_btf_lazy_find(btf, name, kind);
	for (uint32_t id = 1; id < btf->count; id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (lade_btf_kind(type) == kind && type->name_off && !strcmp(btf->strings + type->name_off, name))
			return id;
	}
	return 0;
}
