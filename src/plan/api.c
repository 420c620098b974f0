/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of a plan: the dry run. */
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "base/info.h"
#include "plan/plan.h"

static const char *const operation_names[] = {
	[OPERATION_BTF_LOAD] = "btf_load",     [OPERATION_MAP_CREATE] = "map_create",
	[OPERATION_MAP_REUSE] = "map_reuse",   [OPERATION_MAP_WRITE] = "map_write",
	[OPERATION_MAP_FREEZE] = "map_freeze", [OPERATION_PROGRAM_LOAD] = "prog_load",
	[OPERATION_SLOT_FILL] = "slot_fill",   [OPERATION_PIN] = "pin",
	[OPERATION_ATTACH] = "attach",
};

LADE_API int lade_plan_new(struct lade_object *object, const struct lade_load_opts *opts, struct lade_plan **ret_plan,
			   struct lade_error **error)
{
	struct lade_load_opts known;
	int processors = get_nprocs_conf();
	struct plan_target target = { .possible_cpus = processors > 0 ? (uint32_t)processors : 1,
				      .page_bytes = (uint32_t)sysconf(_SC_PAGESIZE),
				      .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };
	int r = opts_read(&known, sizeof known, opts);
	struct utsname name;

	if (uname(&name) == 0) {
		target.kernel_version = lade_policy_kernel(name.release);
		target.machine = lade_policy_machine(name.machine);
	}
	return r < 0 ? lade_fail(error, -r, "internal.options", "unknown load options")
		     : lade_plan_build(object, &target, &known, ret_plan, error);
}

LADE_API size_t lade_plan_step_count(const struct lade_plan *plan)
{
	return plan->operations.count;
}

LADE_API int lade_plan_step(const struct lade_plan *plan, size_t index, struct lade_plan_step_info *info)
{
	struct operation *operation;
	struct lade_plan_step_info full;

	if (index >= plan->operations.count)
		return -ENOENT;
	operation = &plan->operations.items[index];
	if (!operation->text)
		operation->text = lade_plan_text(plan, operation);
	if (!operation->text)
		return -ENOMEM;
	full = (struct lade_plan_step_info){
		.operation = operation_names[operation->kind],
		.slot = operation->slot == NO_SLOT ? -1 : (int)operation->slot,
		.text = operation->text,
		.needs = operation->needs.items,
		.need_count = operation->needs.count,
	};
	return info_fill(info, &full, sizeof full);
}
