/* SPDX-License-Identifier: BSD-2-Clause */
/* What a relocation asks for, as a number: of the object's type and of the target's. */
#include <errno.h>

#include "btf/core_internal.h"

struct value {
	uint64_t value;
	uint32_t bytes;   /* of a field, when its offset was asked for and it is no bitfield */
	uint32_t type_id; /* its type */
	bool unchecked;
};

/* ---- fields ---- */

/* Where the field lies: of a bitfield, the aligned integer around it. */
struct extent {
	const struct btf_type *type;
	uint32_t type_id;
	uint32_t bit_offset, bits;
	uint32_t byte_offset, bytes;
	bool is_bitfield;
};

/* The smallest aligned load that holds the whole bitfield. */
static const char *fit_bitfield(struct extent *extent)
{
	uint32_t bytes =
		lade_core_is_enum(extent->type) || lade_btf_kind(extent->type) == BTF_KIND_INT ? extent->type->size : 0;
	uint64_t end = (uint64_t)extent->bit_offset + extent->bits;
	if (!bytes)
		return "a bitfield's type is not an integer";
	for (;; bytes *= 2) {
		extent->byte_offset = extent->bit_offset / 8 / bytes * bytes;
		if (end - extent->byte_offset * 8ULL <= bytes * 8ULL)
			break;
		if (bytes >= sizeof(uint64_t))
			return "no load of 64 bits holds the whole bitfield";
	}
	extent->bytes = bytes;
	return NULL;
}

static const char *measure_member(const struct core_path *path, const struct core_step *step, struct extent *extent)
{
	const struct btf_type *owner = lade_btf_type(path->types.btf, step->type_id);
	uint32_t id = lade_btf_skip_modifiers(path->types.btf, lade_btf_members(owner)[step->index].type);
	*extent = (struct extent){ .type = lade_btf_type(path->types.btf, id),
				   .type_id = id,
				   .bit_offset = (uint32_t)path->bit_offset,
				   .bits = lade_btf_member_bit_size(owner, step->index) };
	extent->is_bitfield = extent->bits > 0;
	if (extent->is_bitfield)
		return fit_bitfield(extent);
	int64_t bytes = lade_core_size(&path->types, id);
	if (bytes < 0)
		return "the field's type has no size";
	extent->bytes = (uint32_t)bytes;
	extent->bits = extent->bytes * 8;
	extent->byte_offset = extent->bit_offset / 8;
	return NULL;
}

/* The size that a load of it has: of arrays, that of one element. */
static const char *load_size(const struct core_path *path, uint32_t id, uint32_t *ret_bytes)
{
	const struct btf_type *type;
	unsigned level = 0;
	for (; level < CORE_MAX_DEPTH; level++) {
		id = lade_btf_skip_modifiers(path->types.btf, id);
		type = lade_btf_type(path->types.btf, id);
		if (lade_btf_kind(type) != BTF_KIND_ARRAY)
			break;
		id = lade_btf_array(type)->type;
	}
	int64_t bytes = level < CORE_MAX_DEPTH ? lade_core_size(&path->types, id) : -EINVAL;
	if (bytes < 0)
		return "the field's type has no size";
	*ret_bytes = (uint32_t)bytes;
	return NULL;
}

static bool is_signed(const struct btf_type *type)
{
	return lade_core_is_enum(type) ? lade_btf_kind_flag(type) : lade_btf_int_encoding(type) & BTF_INT_SIGNED;
}

/* Shifts that leave the field alone in 64 bits, after a load of it into the low bytes. In 32 bits, as libbpf has it. */
static uint32_t left_shift(const struct extent *extent)
{
	uint32_t skipped = extent->bit_offset - extent->byte_offset * 8;
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 64 - (skipped + extent->bits)
							 : (8 - extent->bytes) * 8 + skipped;
}

static const char *member_value(uint32_t kind, const struct core_path *path, const struct core_step *step,
				struct value *value)
{
	struct extent extent;
	const char *reason = measure_member(path, step, &extent);
	if (reason)
		return reason;
	/* The compiler may choose another load for a bitfield. */
	value->unchecked = extent.is_bitfield;
	switch (kind) {
	case BPF_CORE_FIELD_BYTE_OFFSET:
		value->value = extent.byte_offset;
		if (extent.is_bitfield)
			return NULL;
		value->type_id = extent.type_id;
		return load_size(path, extent.type_id, &value->bytes);
	case BPF_CORE_FIELD_BYTE_SIZE:
		value->value = extent.bytes;
		return NULL;
	case BPF_CORE_FIELD_SIGNED:
		value->value = is_signed(extent.type);
		value->unchecked = false;
		return NULL;
	case BPF_CORE_FIELD_LSHIFT_U64:
		value->value = left_shift(&extent);
		return NULL;
	default: /* BPF_CORE_FIELD_RSHIFT_U64 */
		value->value = 64 - extent.bits;
		value->unchecked = false;
		return NULL;
	}
}

static const char *element_value(uint32_t kind, const struct core_path *path, const struct core_step *step,
				 struct value *value)
{
	int64_t bytes = lade_core_size(&path->types, step->type_id);
	if (bytes < 0)
		return "the element's type has no size";
	if (kind == BPF_CORE_FIELD_BYTE_SIZE) {
		value->value = (uint64_t)bytes;
		return NULL;
	}
	if (kind != BPF_CORE_FIELD_BYTE_OFFSET)
		return "an element of an array has no sign and no shifts";
	value->value = path->bit_offset / 8;
	value->type_id = step->type_id;
	return load_size(path, step->type_id, &value->bytes);
}

static const char *field_value(uint32_t kind, const struct core_path *path, struct value *value)
{
	const struct core_step *last = &path->steps[path->count - 1];
	if (kind == BPF_CORE_FIELD_EXISTS) {
		value->value = 1;
		return NULL;
	}
	return last->name ? member_value(kind, path, last, value) : element_value(kind, path, last, value);
}

/* ---- types and enumerators ---- */

static const char *type_value(uint32_t kind, const struct core_path *path, struct value *value)
{
	int64_t bytes;
	switch (kind) {
	case BPF_CORE_TYPE_ID_LOCAL:
	case BPF_CORE_TYPE_ID_TARGET:
		value->value = path->root;
		value->unchecked = true; /* linking the object renumbers types, not instructions */
		return NULL;
	case BPF_CORE_TYPE_SIZE:
		bytes = lade_core_size(&path->types, path->root);
		value->value = (uint64_t)bytes;
		return bytes < 0 ? "the type has no size" : NULL;
	default: /* BPF_CORE_TYPE_EXISTS, BPF_CORE_TYPE_MATCHES */
		value->value = 1;
		return NULL;
	}
}

static const char *enum_value(uint32_t kind, const struct core_path *path, struct value *value)
{
	const struct core_step *step = &path->steps[0];
	const struct btf_type *type = lade_btf_type(path->types.btf, step->type_id);
	const struct btf_enum *narrow = lade_btf_enums(type);
	const struct btf_enum64 *wide = lade_btf_enums64(type);
	if (kind == BPF_CORE_ENUMVAL_EXISTS)
		value->value = 1;
	else if (narrow)
		value->value = (uint64_t)(int64_t)narrow[step->index].val;
	else
		value->value = (uint64_t)wide[step->index].val_hi32 << 32 | wide[step->index].val_lo32;
	return NULL;
}

static const char *value_of(uint32_t kind, const struct core_path *path, struct value *value)
{
	static const char *(*const families[])(uint32_t, const struct core_path *, struct value *) = {
		[CORE_FIELD] = field_value, [CORE_TYPE] = type_value, [CORE_ENUM] = enum_value
	};
	*value = (struct value){ 0 };
	return families[lade_core_kind(kind)->family](kind, path, value);
}

/* ---- both ---- */

static bool poisons(uint32_t kind)
{
	enum core_family family = lade_core_kind(kind)->family;
	return family != CORE_TYPE && kind != BPF_CORE_FIELD_EXISTS && kind != BPF_CORE_ENUMVAL_EXISTS;
}

static bool is_unsigned_int(const struct btf_type *type)
{
	return lade_btf_kind(type) == BTF_KIND_INT && lade_btf_int_encoding(type) != BTF_INT_SIGNED;
}

/* Pointers and unsigned integers may be read with another size: zeroes fill the rest. */
static bool size_is_adjustable(const struct btf_type *local, const struct btf_type *target)
{
	return (lade_btf_kind(local) == BTF_KIND_PTR && lade_btf_kind(target) == BTF_KIND_PTR) ||
	       (is_unsigned_int(local) && is_unsigned_int(target));
}

int lade_core_answer(uint32_t kind, const struct core_path *local, const struct core_path *target,
		     struct core_answer *ret_answer, const char **ret_reason)
{
	struct value here, there = { 0 };
	*ret_reason = value_of(kind, local, &here);
	if (!*ret_reason && target)
		*ret_reason = value_of(kind, target, &there);
	if (*ret_reason)
		return -EINVAL;
	*ret_answer = (struct core_answer){
		.local_value = here.value,
		.value = there.value,
		.local_bytes = here.bytes,
		.bytes = there.bytes,
		.unchecked = here.unchecked,
		.poison = !target && poisons(kind),
	};
	ret_answer->unsafe_size = target && here.bytes != there.bytes &&
				  !size_is_adjustable(lade_btf_type(local->types.btf, here.type_id),
						      lade_btf_type(target->types.btf, there.type_id));
	return 0;
}
