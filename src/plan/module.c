/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors of modules' BTF: one operation for each module, shared by all programs. */
#include <string.h>

#include "plan/plan.h"

int lade_plan_module_btf(struct lade_plan *plan, const char *module, uint32_t *ret_slot, struct lade_error **error)
{
	struct operation *operation;

	if (!module) {
		*ret_slot = NO_SLOT;
		return 0;
	}
	array_foreach(known, &plan->operations) {
		if (known->kind == OPERATION_BTF_OPEN && strcmp(known->module, module) == 0) {
			*ret_slot = known->slot;
			return 0;
		}
	}
	operation = lade_plan_add(plan, OPERATION_BTF_OPEN);
	if (!operation)
		return lade_fail_memory(error);
	operation->slot = plan->slot_count++;
	operation->module = strdup(module);
	if (!operation->module)
		return lade_fail_memory(error);
	*ret_slot = operation->slot;
	return 0;
}
