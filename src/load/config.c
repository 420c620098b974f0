/* SPDX-License-Identifier: BSD-2-Clause */
/* What the object asks of the kernel's configuration, found out before the plan is made. */
#include "kernel/config.h"
#include "load/known.h"

static int ask(struct kernel_config *config, const struct lade_object *object)
{
	int r = 0;

	array_foreach(outside, &object->externs)
		if (r == 0 && outside->kind == EXTERN_KCONFIG && !outside->is_set)
			r = lade_kernel_config_ask(config, outside->name);
	return r;
}

int lade_known_config(struct known *known, struct lade_context *context, struct kernel *kernel,
		      const struct lade_object *object, struct lade_error **error)
{
	int r;

	if (object->kconfig_map == NO_INDEX || !context)
		return 0;
	if (!context->config)
		context->config = lade_kernel_config_new(context->config_file);
	if (!context->config || ask(context->config, object) < 0)
		return lade_fail_memory(error);
	r = lade_kernel_config_find(context->config, kernel, error);
	if (r == 0)
		known->target.config = context->config;
	return r;
}
