/* SPDX-License-Identifier: BSD-2-Clause */
#include "btf/core_candidates.h"

#include <errno.h>

/* ---- the size of pointers, which is that of long ---- */

static const char *const long_names[] = { "long unsigned int", "unsigned long", "long int", "long" };

static uint32_t long_bytes(const struct btf_type *type, const char *name)
{
	if (lade_btf_kind(type) != BTF_KIND_INT || (type->size != sizeof(uint32_t) && type->size != sizeof(uint64_t)))
		return 0;
	for (size_t i = 0; i < ELEMENTS(long_names); i++)
		if (strcmp(name, long_names[i]) == 0)
			return type->size;
	return 0;
}

/* Unless the types are sorted by name it is one of the first. */
static uint32_t scan_for_long(const struct lade_btf *btf)
{
	for (uint32_t id = 1; id < 64; id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		uint32_t bytes = long_bytes(type, lade_btf_type_name(btf, id));
		if (bytes || !type)
			return bytes;
	}
	return 0;
}

static uint32_t search_long(struct kernel_types *types)
{
	for (size_t i = 0; i < ELEMENTS(long_names); i++) {
		struct kernel_type found = { 0 };
		struct lade_error *error CLEANUP(cleanup_lade_error) = NULL;
		if (lade_kernel_types_exact(types, long_names[i], BTF_KIND_INT, false, &found, &error) == 0 && found.id)
			return long_bytes(lade_btf_type(found.btf, found.id), long_names[i]);
	}
	return 0;
}

uint32_t lade_core_pointer_bytes(struct core_targets *targets)
{
	if (!targets->pointer_bytes)
		targets->pointer_bytes = scan_for_long(lade_kernel_types_base(targets->types));
	if (!targets->pointer_bytes)
		targets->pointer_bytes = search_long(targets->types);
	if (!targets->pointer_bytes)
		targets->pointer_bytes = sizeof(void *);
	return targets->pointer_bytes;
}

/* ---- candidates ---- */

static int keep_same_kind(const struct core_targets *targets, const struct btf_type *local,
			  const struct kernel_type_list *namesakes, struct kernel_type_list *list,
			  struct lade_error **error)
{
	if (!lade_core_spend(targets->budget, namesakes->count * (uint64_t)CORE_CANDIDATE_STEPS))
		return -E2BIG;
	array_foreach(namesake, namesakes) {
		if (!lade_core_kinds_agree(local, lade_btf_type(namesake->btf, namesake->id)))
			continue;
		struct kernel_type *kept = array_push(list);
		if (!kept)
			return lade_fail_memory(error);
		*kept = *namesake;
	}
	return 0;
}

/* Modules only when the kernel itself has none. */
static int collect(struct core_targets *targets, uint32_t local_id, struct core_candidates *candidates,
		   struct lade_error **error)
{
	const struct btf_type *local = lade_btf_type(targets->local, local_id);
	const char *name = lade_btf_type_name(targets->local, local_id);
	const struct kernel_type_list *in_modules = NULL;
	int result = lade_kernel_types_find(targets->types, name, &candidates->namesakes, error);
	if (result == 0)
		result = keep_same_kind(targets, local, candidates->namesakes, &candidates->list, error);
	if (result < 0 || candidates->list.count)
		return result;
	result = lade_kernel_types_find_in_modules(targets->types, name, &in_modules, error);
	return result < 0 ? result : keep_same_kind(targets, local, in_modules, &candidates->list, error);
}

static struct core_candidates *find(const struct core_targets *targets, uint32_t local_id)
{
	uint32_t place = targets->places ? targets->places[local_id] : 0;
	return place ? &targets->all.items[place - 1] : NULL;
}

static int add(struct core_targets *targets, uint32_t local_id, struct lade_error **error)
{
	if (!targets->places)
		targets->places = calloc(lade_btf_count(targets->local), sizeof *targets->places);
	struct core_candidates *place = targets->places ? array_push(&targets->all) : NULL;
	if (!place)
		return lade_fail_memory(error);
	int result = collect(targets, local_id, place, error);
	if (result < 0) {
		array_clear(&place->list);
		targets->all.count--;
		return result;
	}
	targets->places[local_id] = (uint32_t)targets->all.count;
	return 0;
}

int lade_core_candidates(struct core_targets *targets, uint32_t local_id, struct core_candidates **ret_candidates,
			 struct lade_error **error)
{
	int result = find(targets, local_id) ? 0 : add(targets, local_id, error);
	if (result == 0)
		*ret_candidates = find(targets, local_id);
	return result;
}

void lade_core_targets_clear(struct core_targets *targets)
{
	array_foreach(candidates, &targets->all)
		array_clear(&candidates->list);
	array_clear(&targets->all);
	free(targets->places);
	targets->places = NULL;
}
