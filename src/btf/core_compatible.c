/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is the target's type one that the object can mean by its own? Loosely: names were compared before, sizes may
 * differ. The strict comparison (bpf_core_type_matches) is in core_same.c.
 */
#include <errno.h>

#include "btf/core_internal.h"

/* Integers that say "bits 3 to 7 of a byte": bitfields as the first compilers wrote them. */
static bool is_part_of_int(const struct btf_type *type)
{
	uint32_t word;
	memcpy(&word, type + 1, sizeof word);
	return BTF_INT_OFFSET(word) != 0;
}

static bool ints_compatible(const struct btf_type *local, const struct btf_type *target)
{
	return !is_part_of_int(local) && !is_part_of_int(target);
}

/* One has no name, or both have the same. */
static bool names_compatible(const char *local, const char *target)
{
	return !*local || !*target || lade_core_same_name(local, target);
}

/* Types of fields: what they point to does not matter. */
int lade_core_fields_compatible(const struct core_pair *pair, uint32_t local, uint32_t target)
{
	for (unsigned level = 0; level < CORE_MAX_DEPTH; level++) {
		local = lade_btf_skip_modifiers(pair->local, local);
		target = lade_btf_skip_modifiers(pair->target, target);
		const struct btf_type *left = lade_btf_type(pair->local, local);
		const struct btf_type *right = lade_btf_type(pair->target, target);
		if (lade_core_is_composite(left) && lade_core_is_composite(right))
			return 1;
		if (!lade_core_kinds_agree(left, right))
			return 0;
		switch (lade_btf_kind(left)) {
		case BTF_KIND_PTR:
		case BTF_KIND_FLOAT:
			return 1;
		case BTF_KIND_FWD:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
			return names_compatible(lade_btf_type_name(pair->local, local),
						lade_btf_type_name(pair->target, target));
		case BTF_KIND_INT:
			return ints_compatible(left, right);
		case BTF_KIND_ARRAY:
			local = lade_btf_array(left)->type;
			target = lade_btf_array(right)->type;
			break;
		default:
			return 0;
		}
	}
	return 0;
}

/* ---- whole types ---- */

static int fail(struct core_pair *pair, const char *reason)
{
	pair->reason = reason;
	return -EINVAL;
}

static int compatible(struct core_pair *pair, uint32_t local, uint32_t target, int level);

static int params_compatible(struct core_pair *pair, const struct btf_type *left, const struct btf_type *right,
			     int level)
{
	uint32_t count = lade_btf_vlen(left);
	if (count != lade_btf_vlen(right))
		return 0;
	if (!lade_core_spend(pair->budget, CORE_TYPE_STEPS * (1 + (uint64_t)count)))
		return fail(pair, "its types are too entangled to compare");
	for (uint32_t i = 0; i < count; i++) {
		if (level <= 0)
			return fail(pair, "functions are nested more than 32 deep");
		uint32_t local = lade_btf_skip_modifiers(pair->local, lade_btf_params(left)[i].type);
		uint32_t target = lade_btf_skip_modifiers(pair->target, lade_btf_params(right)[i].type);
		int result = compatible(pair, local, target, level - 1);
		if (result <= 0)
			return result;
	}
	return 1;
}

/* The next pair of types to look at, in place. 1: go on with them; 0: not compatible. */
static int descend(struct core_pair *pair, uint32_t *local, uint32_t *target, int level)
{
	const struct btf_type *left = lade_btf_type(pair->local, *local);
	const struct btf_type *right = lade_btf_type(pair->target, *target);
	int result = 1;
	if (lade_btf_kind(left) == BTF_KIND_ARRAY) {
		*local = lade_btf_array(left)->type;
		*target = lade_btf_array(right)->type;
		return 1;
	}
	if (lade_btf_kind(left) == BTF_KIND_FUNC_PROTO)
		result = params_compatible(pair, left, right, level);
	*local = left->type;
	*target = right->type;
	return result;
}

static int compatible(struct core_pair *pair, uint32_t local, uint32_t target, int level)
{
	/* Even a typedef is only compatible with a typedef, at the root. */
	if (!lade_core_kinds_agree(lade_btf_type(pair->local, local), lade_btf_type(pair->target, target)))
		return 0;
	for (int depth = 0; depth < CORE_MAX_LEVEL; depth++) {
		local = lade_btf_skip_modifiers(pair->local, local);
		target = lade_btf_skip_modifiers(pair->target, target);
		const struct btf_type *left = lade_btf_type(pair->local, local);
		const struct btf_type *right = lade_btf_type(pair->target, target);
		if (!lade_core_kinds_agree(left, right))
			return 0;
		switch (lade_btf_kind(left)) {
		case BTF_KIND_UNKN:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FWD:
			return 1;
		case BTF_KIND_INT:
			return ints_compatible(left, right);
		case BTF_KIND_PTR:
		case BTF_KIND_ARRAY:
		case BTF_KIND_FUNC_PROTO: {
			int result = descend(pair, &local, &target, level);
			if (result <= 0)
				return result;
			break;
		}
		default:
			return 0;
		}
	}
	return fail(pair, "pointers are nested more than 32 deep");
}

int lade_core_types_compatible(struct core_pair *pair, uint32_t local, uint32_t target)
{
	return compatible(pair, local, target, CORE_MAX_LEVEL);
}
