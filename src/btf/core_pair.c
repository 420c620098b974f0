/* SPDX-License-Identifier: BSD-2-Clause */
/* Comparing what a program declares of the kernel (variables, functions) with what the kernel has. */
#include "btf/core_internal.h"

size_t lade_core_name_length(const char *name)
{
	return lade_core_essential_length(name);
}

bool lade_core_is_compatible(const struct lade_btf *local, uint32_t local_id, const struct lade_btf *target,
			     uint32_t target_id)
{
	struct core_budget budget = { .steps = CORE_MAX_STEPS };
	struct core_pair pair = { .local = local, .target = target, .budget = &budget };

	return lade_core_types_compatible(&pair, local_id, target_id) > 0;
}
