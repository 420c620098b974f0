/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table with open addressing. */
#include "btf/core_memo.h"

static size_t hash(uint32_t type_id, uint32_t access, uint32_t kind)
{
	uint64_t mixed = ((uint64_t)type_id << 32 | access) ^ (uint64_t)kind << 27;
	mixed *= 0x9E3779B97F4A7C15ULL;
	return (size_t)(mixed ^ mixed >> 29);
}

/* The one with this question, or the free one where it belongs. */
static struct core_memory *find_slot(const struct core_memo *memo, uint32_t type_id, uint32_t access, uint32_t kind)
{
	for (size_t at = hash(type_id, access, kind);; at++) {
		struct core_memory *slot = &memo->slots[at & (memo->capacity - 1)];
		if (!slot->used || (slot->type_id == type_id && slot->access == access && slot->kind == kind))
			return slot;
	}
}

struct core_memory *lade_core_recall(const struct core_memo *memo, const struct btf_core_relocation *relocation)
{
	if (!memo->count)
		return NULL;
	struct core_memory *slot =
		find_slot(memo, relocation->type_id, relocation->access_string_offset, relocation->kind);
	return slot->used ? slot : NULL;
}

static bool grow(struct core_memo *memo)
{
	struct core_memo larger = { .capacity = memo->capacity ? memo->capacity * 2 : 64, .count = memo->count };
	larger.slots = calloc(larger.capacity, sizeof *larger.slots);
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < memo->capacity; i++) {
		const struct core_memory *old = &memo->slots[i];
		if (old->used)
			*find_slot(&larger, old->type_id, old->access, old->kind) = *old;
	}
	free(memo->slots);
	*memo = larger;
	return true;
}

struct core_memory *lade_core_remember(struct core_memo *memo, const struct btf_core_relocation *relocation)
{
	if (memo->count >= memo->capacity / 4 * 3 && !grow(memo))
		return NULL;
	struct core_memory *slot =
		find_slot(memo, relocation->type_id, relocation->access_string_offset, relocation->kind);
	*slot = (struct core_memory){ .type_id = relocation->type_id,
				      .access = relocation->access_string_offset,
				      .kind = relocation->kind,
				      .used = true };
	memo->count++;
	return slot;
}

void lade_core_memo_clear(struct core_memo *memo)
{
	free(memo->slots);
	*memo = (struct core_memo){ 0 };
}
