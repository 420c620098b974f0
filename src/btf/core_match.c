/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding in a type of the target what an access string names in a type of the object. */
#include <errno.h>

#include "btf/core_internal.h"

/* ---- names and kinds ---- */

/* X___Y, where neither X nor Y is an underscore. */
static bool is_flavour(const char *at)
{
	return at[0] != '_' && at[1] == '_' && at[2] == '_' && at[3] == '_' && at[4] != '_';
}

size_t lade_core_essential_length(const char *name)
{
	size_t length = strlen(name);
	for (size_t i = length < 5 ? 0 : length - 4; i > 0; i--)
		if (is_flavour(name + i - 1))
			return i;
	return length;
}

bool lade_core_same_name(const char *left, const char *right)
{
	/* Most names differ in their first letter. */
	if (*left != *right)
		return false;
	size_t length = lade_core_essential_length(left);
	return length == lade_core_essential_length(right) && memcmp(left, right, length) == 0;
}

bool lade_core_is_enum(const struct btf_type *type)
{
	uint32_t kind = lade_btf_kind(type);
	return kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64;
}

bool lade_core_is_composite(const struct btf_type *type)
{
	uint32_t kind = lade_btf_kind(type);
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

bool lade_core_kinds_agree(const struct btf_type *left, const struct btf_type *right)
{
	return lade_btf_kind(left) == lade_btf_kind(right) || (lade_core_is_enum(left) && lade_core_is_enum(right));
}

uint32_t lade_core_enumerators(const struct btf_type *type)
{
	return lade_core_is_enum(type) ? lade_btf_vlen(type) : 0;
}

const char *lade_core_enumerator_name(const struct lade_btf *btf, const struct btf_type *type, uint32_t index)
{
	const struct btf_enum *narrow = lade_btf_enums(type);
	return lade_btf_string(btf, narrow ? narrow[index].name_off : lade_btf_enums64(type)[index].name_off);
}

/* ---- fields ---- */

struct search {
	struct core_budget *budget;
	const struct core_path *local;
	const struct core_step *wanted;
	uint32_t wanted_type; /* of the member, in the object */
	struct core_path *target;
	uint32_t end; /* type that the last step leads to */
	const char *reason;
};

static int fail(struct search *search, const char *reason)
{
	search->reason = reason;
	return -EINVAL;
}

static int search_struct(struct search *search, uint32_t id);

/* The member has the name: it is the field, or there is none. */
static int take_member(struct search *search, uint32_t id, uint32_t index, const char *name, uint32_t type)
{
	struct core_path *target = search->target;
	const struct core_pair pair = { .local = search->local->types.btf, .target = target->types.btf };
	int compatible = lade_core_fields_compatible(&pair, search->wanted_type, type);
	if (compatible <= 0)
		return compatible;
	target->steps[target->count++] = (struct core_step){ .type_id = id, .index = index, .name = name };
	search->end = type;
	return 1;
}

static int try_member(struct search *search, uint32_t id, const struct btf_type *type, uint32_t index)
{
	const struct btf_member *member = &lade_btf_members(type)[index];
	const char *name = lade_btf_string(search->target->types.btf, member->name_off);
	return *name ? take_member(search, id, index, name, member->type) : search_struct(search, member->type);
}

static bool is_wanted(const struct search *search, const struct btf_member *member)
{
	if (!member->name_off)
		return true;
	const char *name = lade_btf_string(search->target->types.btf, member->name_off);
	return !*name || (*name == *search->wanted->name && strcmp(name, search->wanted->name) == 0);
}

/* Also through anonymous structs and unions. */
static int search_struct(struct search *search, uint32_t id)
{
	struct core_path *target = search->target;
	id = lade_btf_skip_modifiers(target->types.btf, id);
	const struct btf_type *type = lade_btf_type(target->types.btf, id);
	if (!lade_core_is_composite(type))
		return 0;
	uint32_t count = lade_btf_vlen(type);
	if (!lade_core_spend(search->budget, CORE_TYPE_STEPS + (uint64_t)count))
		return fail(search, "the types are too entangled to look for it");
	if (count && target->depth == CORE_MAX_DEPTH)
		return fail(search, "structs of the target are nested more than 64 deep");
	const struct btf_member *members = lade_btf_members(type);
	for (uint32_t i = 0; i < count; i++) {
		if (!is_wanted(search, &members[i]))
			continue;
		uint64_t offset_before = target->bit_offset;
		uint32_t depth_before = target->depth++;
		target->bit_offset += lade_btf_member_bit_offset(type, i);
		int found = try_member(search, id, type, i);
		if (found)
			return found;
		target->bit_offset = offset_before;
		target->depth = depth_before;
		if (*lade_btf_string(target->types.btf, members[i].name_off))
			return 0;
	}
	return 0;
}

static int match_member(struct search *search)
{
	const struct btf_type *type = lade_btf_type(search->local->types.btf, search->wanted->type_id);
	search->wanted_type = lade_btf_members(type)[search->wanted->index].type;
	int found = search_struct(search, search->end);
	if (found > 0 && search->target->bit_offset > UINT32_MAX)
		return fail(search, "the field lies beyond 512 MiB of the target's type");
	return found;
}

/* From an array to the type of its elements. */
static int enter_array(struct search *search)
{
	const struct core_path *target = search->target;
	const struct btf_type *type = lade_btf_type(target->types.btf, search->end);
	const struct btf_array *array = lade_btf_array(type);
	if (!array || (search->wanted->index >= array->nelems &&
		       !lade_core_is_flexible(target->types.btf, &target->steps[target->count - 1], array->nelems)))
		return 0;
	search->end = lade_btf_skip_modifiers(target->types.btf, array->type);
	return 1;
}

static int match_element(struct search *search)
{
	struct core_path *target = search->target;
	/* The first step is the struct itself, taken as an array: &s[0]. */
	int found = target->count ? enter_array(search) : 1;
	if (found <= 0)
		return found;
	if (target->depth == CORE_MAX_DEPTH)
		return fail(search, "structs of the target are nested more than 64 deep");
	int64_t bytes = lade_core_size(&target->types, search->end);
	if (bytes < 0)
		return fail(search, "the target's type has no size");
	target->depth++;
	target->steps[target->count++] = (struct core_step){ .type_id = search->end, .index = search->wanted->index };
	if (!lade_core_advance(target, search->wanted->index, (uint64_t)bytes))
		return fail(search, "the element lies beyond 512 MiB of the target's type");
	return 1;
}

int lade_core_match_fields(struct core_budget *budget, const struct core_path *local, uint32_t steps,
			   struct core_path *target, uint32_t *ret_end, const char **ret_reason)
{
	struct search search = { .budget = budget, .local = local, .target = target, .end = target->root };
	for (uint32_t i = 0; i < steps; i++) {
		search.wanted = &local->steps[i];
		search.end = lade_btf_skip_modifiers(target->types.btf, search.end);
		int found = search.wanted->name ? match_member(&search) : match_element(&search);
		if (found <= 0) {
			*ret_reason = search.reason;
			return found;
		}
	}
	*ret_end = search.end;
	return 1;
}

/* ---- enumerators ---- */

static int match_enumerator(struct core_budget *budget, const struct core_path *local, struct core_path *target,
			    const char **ret_reason)
{
	const struct lade_btf *btf = target->types.btf;
	uint32_t id = lade_btf_skip_modifiers(btf, target->root);
	const struct btf_type *type = lade_btf_type(btf, id);
	uint32_t count = lade_core_enumerators(type);
	if (!lade_core_spend(budget, count)) {
		*ret_reason = "the object asks too much";
		return -EINVAL;
	}
	for (uint32_t i = 0; i < count; i++) {
		const char *name = lade_core_enumerator_name(btf, type, i);
		if (!lade_core_same_name(local->steps[0].name, name))
			continue;
		target->steps[target->count++] = (struct core_step){ .type_id = id, .index = i, .name = name };
		return 1;
	}
	return 0;
}

/* ---- all three ---- */

static int match_type(struct core_budget *budget, uint32_t kind, const struct core_path *local,
		      const struct core_path *target, const char **ret_reason)
{
	struct core_pair pair = { .local = local->types.btf, .target = target->types.btf, .budget = budget };
	int matches = kind == BPF_CORE_TYPE_MATCHES ? lade_core_types_match(&pair, local->root, target->root)
						    : lade_core_types_compatible(&pair, local->root, target->root);
	*ret_reason = pair.reason;
	return matches;
}

int lade_core_match(struct core_budget *budget, uint32_t kind, const struct core_path *local,
		    const struct core_types *types, uint32_t id, struct core_path *target, const char **ret_reason)
{
	uint32_t end;
	target->types = *types;
	target->root = id;
	target->count = target->depth = 0;
	target->bit_offset = 0;
	switch (lade_core_kind(kind)->family) {
	case CORE_FIELD:
		return lade_core_match_fields(budget, local, local->count, target, &end, ret_reason);
	case CORE_ENUM:
		return match_enumerator(budget, local, target, ret_reason);
	default:
		return match_type(budget, kind, local, target, ret_reason);
	}
}
