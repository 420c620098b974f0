/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables and functions of the kernel, by name and type, in its BTF and that of its modules. */
#include <stdio.h>
#include <string.h>

#include "base/similar.h"
#include "plan/externs.h"

/* ---- words ---- */

static char *spelled(const struct lade_btf *btf, uint32_t id)
{
	struct strbuf text = { 0 };

	lade_btf_spell(btf, id, &text);
	return lade_strbuf_take(&text);
}

static const char *kind_text(const struct object_extern *outside)
{
	return outside->kind == EXTERN_KFUNC ? "function" : "variable";
}

static char *absent_text(const struct object_extern *outside)
{
	char *text;

	return asprintf(&text, "neither this kernel nor its modules have a %s of this name in their BTF",
			kind_text(outside)) < 0
		       ? NULL
		       : text;
}

static bool is_callable(const struct lade_btf *btf, const struct btf_type *type)
{
	return lade_btf_kind(type) == BTF_KIND_DECL_TAG &&
	       strcmp(lade_btf_string(btf, type->name_off), "bpf_kfunc") == 0;
}

/* What the kernel has under a name like that. Newer kernels say which of their functions programs may call. */
static void suggest(const struct lade_plan *plan, const struct object_extern *outside, struct lade_finding *finding)
{
	const struct lade_btf *btf = plan->target->types ? lade_kernel_types_base(plan->target->types) : NULL;
	struct similar_names similar = { .wanted = outside->name }, callable = { .wanted = outside->name };
	uint32_t kind = outside->kind == EXTERN_KFUNC ? BTF_KIND_FUNC : BTF_KIND_VAR;

	for (uint32_t id = 1; btf && id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (lade_btf_kind(type) == kind)
			lade_similar_consider(&similar, lade_btf_string(btf, type->name_off));
		else if (kind == BTF_KIND_FUNC && is_callable(btf, type))
			lade_similar_consider(&callable, lade_btf_type_name(btf, type->type));
	}
	lade_similar_evidence(callable.count ? &callable : &similar, finding, kind_text(outside));
	lade_similar_clear(&callable);
	lade_similar_clear(&similar);
}

static int fail_absent(const struct lade_plan *plan, const struct lade_program *program,
		       const struct object_extern *outside, const char *why, struct lade_error **error)
{
	bool is_function = outside->kind == EXTERN_KFUNC;
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, is_function ? "kfunc.absent" : "ksym.absent",
			       "%s: program %s refers to the kernel %s %s, which is not there", plan->object->file,
			       program->name, kind_text(outside), outside->name);

	finding_program(finding, program->name);
	finding_evidence(finding, "%s", why);
	finding_fix(finding,
		    "run it on a kernel that has it; load the module that has it; or declare it __weak and test %s",
		    is_function ? "bpf_ksym_exists() before each call" : "its address before each use");
	suggest(plan, outside, finding);
	return -ENOENT;
}

static void add_if_undefined(const struct lade_btf *btf, uint32_t id, struct lade_finding *finding)
{
	const struct btf_type *pointer = lade_btf_type(btf, lade_btf_skip_modifiers(btf, id));
	uint32_t target = lade_btf_kind(pointer) == BTF_KIND_PTR ? lade_btf_skip_modifiers(btf, pointer->type) : 0;

	if (lade_btf_kind(lade_btf_type(btf, target)) == BTF_KIND_FWD)
		finding_evidence(finding,
				 "the object does not define struct %s: a struct that is only announced is "
				 "taken for another one; struct %s {} will do",
				 lade_btf_type_name(btf, target), lade_btf_type_name(btf, target));
}

/* Both sides may be spelled alike all the same: libbpf's rule tells a struct from its forward declaration. */
static void add_undefined(const struct lade_btf *btf, uint32_t id, struct lade_finding *finding)
{
	const struct btf_type *type = lade_btf_type(btf, id);
	const struct btf_param *params = lade_btf_params(type);

	if (!params)
		return;
	add_if_undefined(btf, type->type, finding);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++)
		add_if_undefined(btf, params[i].type, finding);
}

static int fail_type(const struct lade_plan *plan, const struct lade_program *program,
		     const struct object_extern *outside, const struct kernel_type *type, struct lade_error **error)
{
	bool is_function = outside->kind == EXTERN_KFUNC;
	CLEANUP(cleanup_free) char *ours = spelled(plan->object->btf, outside->declared_type);
	CLEANUP(cleanup_free) char *theirs = spelled(type->btf, lade_btf_type(type->btf, type->id)->type);
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, is_function ? "kfunc.prototype" : "ksym.type",
			       "%s: program %s declares the kernel %s %s as something else than it is",
			       plan->object->file, program->name, kind_text(outside), outside->name);

	finding_program(finding, program->name);
	finding_evidence(finding, "object: %s", ours ? ours : "?");
	finding_evidence(finding, "kernel: %s  (type %u%s%s)", theirs ? theirs : "?", type->id,
			 type->module ? " of module " : "", type->module ? type->module : "");
	add_undefined(plan->object->btf, outside->declared_type, finding);
	return -EINVAL;
}

/* ---- looking up ---- */

static bool fits(const struct lade_plan *plan, const struct object_extern *outside, const struct kernel_type *type)
{
	const struct btf_type *found = lade_btf_type(type->btf, type->id);
	uint32_t theirs = found ? lade_btf_skip_modifiers(type->btf, found->type) : 0;

	return lade_core_is_compatible(plan->object->btf, outside->declared_type, type->btf, theirs);
}

/* A function may be declared several times, as NAME___flavour; a variable has its own name. */
static char *lookup_name(const struct object_extern *outside)
{
	return outside->kind == EXTERN_KFUNC ? strndup(outside->name, lade_core_name_length(outside->name))
					     : strdup(outside->name);
}

static int look_up(struct kernel_types *types, const struct object_extern *outside, struct kernel_type *ret_type,
		   struct lade_error **error)
{
	CLEANUP(cleanup_free) char *name = lookup_name(outside);
	uint32_t kind = outside->kind == EXTERN_KFUNC ? BTF_KIND_FUNC : BTF_KIND_VAR;

	return name ? lade_kernel_types_exact(types, name, kind, true, ret_type, error) : lade_fail_memory(error);
}

static int keep_why(struct plan_extern *found, char *why, struct lade_error **error)
{
	found->why = why;
	found->type = (struct kernel_type){ 0 };
	return why ? 0 : lade_fail_memory(error);
}

static char *mismatch_text(const struct lade_plan *plan, const struct object_extern *outside,
			   const struct kernel_type *type)
{
	CLEANUP(cleanup_free) char *ours = spelled(plan->object->btf, outside->declared_type);
	CLEANUP(cleanup_free) char *theirs = spelled(type->btf, lade_btf_type(type->btf, type->id)->type);
	char *text;

	return asprintf(&text, "the object declares it as %s, the kernel has %s", ours ? ours : "?",
			theirs ? theirs : "?") < 0
		       ? NULL
		       : text;
}

static int resolve(struct lade_plan *plan, const struct lade_program *program, const struct object_extern *outside,
		   struct plan_extern *found, struct lade_error **error)
{
	struct kernel_types *types = NULL;
	int r;

	if (!plan->target->types && outside->is_weak)
		return keep_why(found, strdup("the types of this kernel are not known"), error);
	r = lade_plan_need_types(plan, outside->name, &types, error);
	if (r == 0)
		r = look_up(types, outside, &found->type, error);
	if (r < 0)
		return r;
	if (!found->type.id) {
		r = keep_why(found, absent_text(outside), error);
		return r < 0 || outside->is_weak ? r : fail_absent(plan, program, outside, found->why, error);
	}
	if (fits(plan, outside, &found->type))
		return 0;
	/* As in libbpf: of a weak function another one is none. */
	if (outside->is_weak && outside->kind == EXTERN_KFUNC)
		return keep_why(found, mismatch_text(plan, outside, &found->type), error);
	return fail_type(plan, program, outside, &found->type, error);
}

/* ---- places of modules in fd_array ---- */

static uint32_t known_module(const struct lade_plan *plan, const char *module)
{
	for (size_t i = 0; i < plan->object->externs.count; i++) {
		const struct plan_extern *other = &plan->externs[i];
		if (other->module_index && strcmp(other->type.module, module) == 0)
			return other->module_index;
	}
	return 0;
}

static int number(struct lade_plan *plan, struct plan_extern *found, struct lade_error **error)
{
	if (!found->type.id || !found->type.module || found->module_index)
		return 0;
	found->module_index = known_module(plan, found->type.module);
	if (found->module_index)
		return 0;
	if (plan->module_count == INT16_MAX) /* it goes into an instruction's off */
		return lade_fail(error, E2BIG, "plan.too-large", "%s: calls functions of more than %d modules",
				 plan->object->file, INT16_MAX);
	found->module_index = ++plan->module_count;
	return 0;
}

/*
 * Modules are numbered in the order of the externs, as libbpf does, so that the instructions are the same: functions
 * that no program reaches count as well.
 */
static int number_modules(struct lade_plan *plan, const struct lade_program *program, struct lade_error **error)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->object->externs.count; i++) {
		const struct object_extern *outside = &plan->object->externs.items[i];
		struct plan_extern *found = &plan->externs[i];
		if (outside->kind != EXTERN_KFUNC)
			continue;
		if (!found->is_known && resolve(plan, program, outside, found, NULL) < 0) {
			free(TAKE(found->why)); /* an error, if ever a program reaches it */
			found->type = (struct kernel_type){ 0 };
			continue;
		}
		found->is_known = true;
		r = number(plan, found, error);
	}
	return r;
}

int lade_plan_extern_find(struct lade_plan *plan, const struct lade_program *program, uint32_t target,
			  const struct plan_extern **ret_found, struct lade_error **error)
{
	const struct object_extern *outside = &plan->object->externs.items[target];
	struct plan_extern *found;
	int r = 0;

	if (!plan->externs)
		plan->externs = calloc(plan->object->externs.count, sizeof *plan->externs);
	if (!plan->externs)
		return lade_fail_memory(error);
	found = &plan->externs[target];
	if (!found->is_known) {
		free(TAKE(found->why));
		r = resolve(plan, program, outside, found, error);
	}
	if (r < 0) {
		found->type = (struct kernel_type){ 0 };
		return r;
	}
	found->is_known = true;
	if (outside->kind == EXTERN_KFUNC && found->type.module && !found->module_index)
		r = number_modules(plan, program, error);
	if (r == 0)
		*ret_found = found;
	return r;
}

void lade_plan_externs_free(struct lade_plan *plan)
{
	for (size_t i = 0; plan->externs && i < plan->object->externs.count; i++)
		free(plan->externs[i].why);
	free(plan->externs);
	free(plan->kconfig_values);
}
