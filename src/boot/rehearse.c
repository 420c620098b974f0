/* SPDX-License-Identifier: BSD-2-Clause */
/* A dry run makes the plan of each object: what no kernel is needed to refuse, it refuses. */
#include "boot/load.h"
#include "plan/plan.h"

static bool needs_types(const struct lade_object *object)
{
	struct strings names = { 0 };
	bool needed = false;
	int r = lade_plan_type_names(object, &names, &needed);

	lade_strings_clear(&names);
	return r < 0 || needed;
}

static int make_plan(struct boot_item *item, const struct boot_device *device)
{
	const struct plan_target target = {
		.possible_cpus = 1, /* of a device that is not here: it only has to be some number */
		.page_bytes = 4096,
		.kernel_version = device->kernel,
		.machine = device->machine,
	};
	const struct lade_load_opts opts = { .size = sizeof opts, .name = item->name };
	struct lade_plan *plan = NULL;
	int r = lade_plan_build(item->object, &target, &opts, &plan, &item->error);

	(void)lade_plan_free(plan);
	return r;
}

void lade_boot_rehearse(struct boot_item *item, const struct lade_context *context, const struct boot_device *device,
			const struct boot_owners *owners)
{
	lade_boot_tell_plan(item, context, owners);
	if (item->outcome != LADE_BOOT_PLANNED || !item->object || needs_types(item->object))
		return; /* types are the kernel's that is meant, which is not here */
	if (lade_boot_apply(item, context) < 0 || make_plan(item, device) < 0)
		lade_boot_fail(item);
}
