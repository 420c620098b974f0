/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf_core_type_matches(): has the target everything that the object's type has, with the same shape? Integers by
 * size and sign, arrays by length, enums by size and names, structs member by member; but behind a pointer, structs
 * only by name, and there a forward declaration will do.
 */
#include <errno.h>

#include "btf/core_internal.h"

static int fail(struct core_pair *pair, const char *reason)
{
	pair->reason = reason;
	return -EINVAL;
}

/* Two places in the types, and how they were reached. */
struct place {
	uint32_t local, target;
	bool behind_pointer;
	int level;
};

static int match(struct core_pair *pair, struct place place);

/* ---- enums ---- */

static bool has_enumerator(const struct core_pair *pair, const struct btf_type *target, const char *wanted)
{
	for (uint32_t i = 0; i < lade_btf_vlen(target); i++)
		if (lade_core_same_name(wanted, lade_core_enumerator_name(pair->target, target, i)))
			return true;
	return false;
}

static int enums_match(struct core_pair *pair, const struct btf_type *local, const struct btf_type *target)
{
	if (!lade_core_is_enum(target) || local->size != target->size || lade_btf_vlen(local) > lade_btf_vlen(target))
		return 0;
	for (uint32_t i = 0; i < lade_btf_vlen(local); i++) {
		if (!lade_core_spend(pair->budget, CORE_TYPE_STEPS + (uint64_t)lade_btf_vlen(target)))
			return fail(pair, "its types are too entangled to compare");
		if (!has_enumerator(pair, target, lade_core_enumerator_name(pair->local, local, i)))
			return 0;
	}
	return 1;
}

/* ---- structs ---- */

static int has_member(struct core_pair *pair, const struct btf_member *wanted, const struct btf_type *target,
		      const struct place *place)
{
	const char *name = lade_btf_string(pair->local, wanted->name_off);
	const struct btf_member *members = lade_btf_members(target);
	for (uint32_t i = 0; i < lade_btf_vlen(target); i++) {
		if (!lade_core_same_name(name, lade_btf_string(pair->target, members[i].name_off)))
			continue;
		int result = match(
			pair, (struct place){ wanted->type, members[i].type, place->behind_pointer, place->level - 1 });
		if (result)
			return result;
	}
	return 0;
}

static int members_match(struct core_pair *pair, const struct btf_type *local, const struct btf_type *target,
			 const struct place *place)
{
	if (lade_btf_vlen(local) > lade_btf_vlen(target))
		return 0;
	for (uint32_t i = 0; i < lade_btf_vlen(local); i++) {
		if (!lade_core_spend(pair->budget, CORE_TYPE_STEPS + (uint64_t)lade_btf_vlen(target)))
			return fail(pair, "its types are too entangled to compare");
		int result = has_member(pair, &lade_btf_members(local)[i], target, place);
		if (result <= 0)
			return result;
	}
	return 1;
}

/* A forward declaration's kind_flag says union. */
static bool declares(const struct btf_type *forward, const struct btf_type *composite)
{
	return lade_btf_kind(forward) == BTF_KIND_FWD &&
	       lade_btf_kind(composite) == (lade_btf_kind_flag(forward) ? BTF_KIND_UNION : BTF_KIND_STRUCT);
}

static int structs_match(struct core_pair *pair, const struct btf_type *local, const struct btf_type *target,
			 const struct place *place)
{
	bool same_kind = lade_btf_kind(local) == lade_btf_kind(target);
	if (place->behind_pointer)
		return same_kind || declares(target, local);
	return same_kind ? members_match(pair, local, target, place) : 0;
}

static int forwards_match(const struct btf_type *local, const struct btf_type *target, bool behind_pointer)
{
	if (lade_btf_kind(target) == BTF_KIND_FWD)
		return lade_btf_kind_flag(local) == lade_btf_kind_flag(target);
	return behind_pointer && declares(local, target);
}

/* ---- what leads on to other types ---- */

static int params_match(struct core_pair *pair, const struct btf_type *local, const struct btf_type *target,
			const struct place *place)
{
	uint32_t count = lade_btf_vlen(local);
	if (count != lade_btf_vlen(target))
		return 0;
	if (!lade_core_spend(pair->budget, CORE_TYPE_STEPS * (1 + (uint64_t)count)))
		return fail(pair, "its types are too entangled to compare");
	for (uint32_t i = 0; i < count; i++) {
		int result =
			match(pair, (struct place){ lade_btf_params(local)[i].type, lade_btf_params(target)[i].type,
						    place->behind_pointer, place->level - 1 });
		if (result <= 0)
			return result;
	}
	return 1;
}

static bool ints_match(const struct btf_type *local, const struct btf_type *target)
{
	return local->size == target->size &&
	       !((lade_btf_int_encoding(local) ^ lade_btf_int_encoding(target)) & BTF_INT_SIGNED);
}

/* Goes on to what an array, a pointer or a function is made of. 1: look at that; 0: they differ already. */
static int descend(struct core_pair *pair, const struct btf_type *local, const struct btf_type *target,
		   struct place *place)
{
	int result = 1;
	if (lade_btf_kind(local) == BTF_KIND_ARRAY) {
		const struct btf_array *left = lade_btf_array(local), *right = lade_btf_array(target);
		place->local = left->type;
		place->target = right->type;
		return left->nelems == right->nelems;
	}
	if (lade_btf_kind(local) == BTF_KIND_PTR)
		place->behind_pointer = true;
	else
		result = params_match(pair, local, target, place);
	place->local = local->type;
	place->target = target->type;
	return result;
}

/* Ends at a type that leads nowhere: 1 or 0; *ret_more: at one that does. */
static int match_here(struct core_pair *pair, struct place *place, bool *ret_more)
{
	place->local = lade_btf_skip_modifiers(pair->local, place->local);
	place->target = lade_btf_skip_modifiers(pair->target, place->target);
	const struct btf_type *local = lade_btf_type(pair->local, place->local);
	const struct btf_type *target = lade_btf_type(pair->target, place->target);
	bool same_kind = lade_btf_kind(local) == lade_btf_kind(target);
	*ret_more = false;
	if (!lade_core_same_name(lade_btf_type_name(pair->local, place->local),
				 lade_btf_type_name(pair->target, place->target)))
		return 0;
	switch (lade_btf_kind(local)) {
	case BTF_KIND_UNKN:
		return same_kind;
	case BTF_KIND_FWD:
		return forwards_match(local, target, place->behind_pointer);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return enums_match(pair, local, target);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return structs_match(pair, local, target, place);
	case BTF_KIND_INT:
		return same_kind && ints_match(local, target);
	case BTF_KIND_PTR:
	case BTF_KIND_ARRAY:
	case BTF_KIND_FUNC_PROTO:
		*ret_more = same_kind;
		return same_kind ? descend(pair, local, target, place) : 0;
	default:
		return 0;
	}
}

static int match(struct core_pair *pair, struct place place)
{
	if (place.level <= 0)
		return fail(pair, "structs or functions are nested more than 32 deep");
	for (int depth = 0; depth < CORE_MAX_LEVEL; depth++) {
		bool more;
		int result = match_here(pair, &place, &more);
		if (result <= 0 || !more)
			return result;
	}
	return fail(pair, "pointers are nested more than 32 deep");
}

int lade_core_types_match(struct core_pair *pair, uint32_t local, uint32_t target)
{
	return match(pair, (struct place){ local, target, false, CORE_MAX_LEVEL });
}
