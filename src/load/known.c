/* SPDX-License-Identifier: BSD-2-Clause */
#include "load/known.h"

static int announce(struct kernel_types *types, const struct strings *names, struct lade_error **error)
{
	return lade_kernel_types_want(types, (const char *const *)names->items, names->count, error);
}

/* Where another kernel's types were given, names are looked up in both: which is asked for which, only the plan knows.
 */
static int open_types(struct known *known, struct lade_context *context, const struct strings *names,
		      struct lade_error **error)
{
	struct kernel_types *types = NULL, *core_types = NULL;
	int r = context->btf ? lade_context_core_types(context, &core_types, error) : 0;

	if (r == 0 && core_types)
		r = announce(core_types, names, error);
	if (r < 0)
		return r; /* the file that was asked for must be good */
	known->target.core_types = core_types;
	r = lade_context_types(context, &types, &known->types_error);
	if (r == 0)
		r = announce(types, names, &known->types_error);
	if (r == 0)
		known->target.types = types;
	return r == -ENOMEM ? lade_fail_memory(error) : 0;
}

int lade_known_types(struct known *known, struct lade_context *context, const struct lade_object *object,
		     struct lade_error **error)
{
	struct strings names = { 0 };
	bool needed = false;
	int r = lade_plan_type_names(object, &names, &needed);

	if (r < 0)
		return lade_fail_memory(error);
	known->target.types_error = &known->types_error;
	if (needed)
		r = open_types(known, context, &names, error);
	lade_strings_clear(&names);
	return r;
}

void lade_known_clear(struct known *known)
{
	for (size_t i = 0; known->opened && i < known->program_count; i++) {
		(void)fd_close(known->opened[i].fd);
		(void)lade_btf_free(known->opened[i].btf);
	}
	free(known->opened);
	free(known->load_targets);
	(void)lade_error_free(known->types_error);
	*known = (struct known){ 0 };
}
