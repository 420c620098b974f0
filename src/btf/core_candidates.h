/* SPDX-License-Identifier: BSD-2-Clause */
/* Which types of the target a type of the object can stand for. */
#ifndef LADE_BTF_CORE_CANDIDATES_H
#define LADE_BTF_CORE_CANDIDATES_H

#include "btf/core_internal.h"

struct core_candidates {
	/* Of the same kind. Like libbpf's it gets shorter: once some of them have what a relocation asks for, the
	 * others are out for all later relocations of this type of the object. */
	struct kernel_type_list list;
	const struct kernel_type_list *namesakes; /* of any kind */
};

struct core_targets {
	const struct lade_btf *local;
	struct kernel_types *types; /* NULL: none */
	uint32_t pointer_bytes;     /* 0: not known yet */
	struct core_budget *budget;
	uint32_t *places; /* by type id of the object, plus one */
	struct {
		struct core_candidates *items;
		size_t count, capacity;
	} all;
};

/* *ret_candidates is good until the next call. -ENOMEM, what reading the target failed with, or -E2BIG without a
 * finding: the budget is spent. */
int lade_core_candidates(struct core_targets *targets, uint32_t local_id, struct core_candidates **ret_candidates,
			 struct lade_error **error);
/* Of the target's processor. */
uint32_t lade_core_pointer_bytes(struct core_targets *targets);
void lade_core_targets_clear(struct core_targets *targets);

#endif
