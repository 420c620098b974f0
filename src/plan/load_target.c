/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program is verified against: a function, tracepoint, hook or iterator of the kernel or a module, named by
 * the section; or a function of another program, or a device, named by lade_program_set_target(). Programs of the same
 * object: own_target.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/similar.h"
#include "plan/plan.h"

#define XDP_DEVICE_BOUND (1U << 6) /* BPF_F_XDP_DEV_BOUND_ONLY, since 6.3 */

/* How the kernel's BTF spells what such programs go to; the first row that fits. 0: any. */
static const struct target_rule {
	uint32_t program_type, attach_type;
	const char *prefix;
	uint32_t kind;
	const char *what;
} rules[] = {
	{ BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "btf_trace_", BTF_KIND_TYPEDEF, "tracepoint" },
	{ BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_", BTF_KIND_FUNC, "iterator" },
	{ BPF_PROG_TYPE_LSM, 0, "bpf_lsm_", BTF_KIND_FUNC, "LSM hook" },
	{ 0, 0, "", BTF_KIND_FUNC, "function" },
};

static const struct target_rule *rule_of(const struct lade_program *program)
{
	const struct target_rule *rule = rules;

	while ((rule->program_type && rule->program_type != program->type) ||
	       (rule->attach_type && rule->attach_type != program->expected_attach_type))
		rule++; /* the last one fits everything */
	return rule;
}

bool lade_load_target_is_id(const char *text, uint32_t *ret_id)
{
	unsigned long long id;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	id = strtoull(text, NULL, 10);
	*ret_id = errno || id > UINT32_MAX ? 0 : (uint32_t)id; /* 0 is nobody's */
	return true;
}

enum load_target_kind lade_load_target_kind(const struct lade_program *program)
{
	const char *request = program->target_request;
	uint32_t id;

	if (!request)
		return LOAD_TARGET_SECTION;
	if (program->type == BPF_PROG_TYPE_XDP)
		return LOAD_TARGET_DEVICE;
	if (!program->attach_btf_id_needed)
		return LOAD_TARGET_REFUSED;
	if (lade_load_target_is_id(request, &id) || strchr(request, '/'))
		return LOAD_TARGET_PROGRAM;
	if (lade_load_target_own(program))
		return LOAD_TARGET_OWN;
	if (program->type == BPF_PROG_TYPE_EXT)
		return LOAD_TARGET_PROGRAM;
	return LOAD_TARGET_FUNCTION;
}

/* "[MODULE:]NAME" as the section or the request has it; NULL: neither says. */
static const char *wanted(const struct lade_program *program)
{
	const char *text =
		lade_load_target_kind(program) == LOAD_TARGET_FUNCTION ? program->target_request : program->load_target;

	return text && *text ? text : NULL;
}

/* What follows "MODULE:"; *ret_length: of the module's name, 0: none. */
static const char *without_module(const char *text, size_t *ret_length)
{
	const char *colon = strchr(text, ':');

	*ret_length = colon ? (size_t)(colon - text) : 0;
	return colon ? colon + 1 : text;
}

static char *kernel_name(const struct target_rule *rule, const char *name)
{
	char *result;

	return asprintf(&result, "%s%s", rule->prefix, name) < 0 ? NULL : result;
}

int lade_load_target_name(const struct lade_program *program, char **ret_name)
{
	enum load_target_kind kind = lade_load_target_kind(program);
	const char *text = wanted(program);
	size_t module;
	char *name;

	if ((kind != LOAD_TARGET_SECTION && kind != LOAD_TARGET_FUNCTION) || !text ||
	    program->type == BPF_PROG_TYPE_EXT) {
		*ret_name = NULL;
		return 0;
	}
	name = kernel_name(rule_of(program), without_module(text, &module));
	if (!name)
		return -ENOMEM;
	*ret_name = name;
	return 0;
}

/* ---- findings ---- */

static int refuse_missing(const struct lade_plan *plan, const struct lade_program *program, struct lade_error **error)
{
	bool replaces = program->type == BPF_PROG_TYPE_EXT;
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "plan.target.missing",
			       "%s: section %s does not say what program %s is to be verified against",
			       plan->object->file, program->section, program->name);

	finding_program(finding, program->name);
	if (replaces) {
		finding_cause(finding, "the program replaces a function of another program, which the section cannot "
				       "name");
		finding_fix(finding, "name that program: --target %s=PIN or --target %s=ID", program->name,
			    program->name);
		return -EINVAL;
	}
	finding_fix(finding, "name the %s: --target %s=NAME, or SEC(\"%s/NAME\")", rule_of(program)->what,
		    program->name, program->section);
	return -EINVAL;
}

/* do_execve, sys_execve: the function of the system call, whose name does not change. */
static bool is_its_system_call(const char *wanted, const char *name)
{
	const char *short_name = strncmp(wanted, "do_", 3) == 0    ? wanted + 3
				 : strncmp(wanted, "sys_", 4) == 0 ? wanted + 4
								   : NULL;
	const char *found = short_name && strncmp(name, "__", 2) == 0 ? strstr(name, "_sys_") : NULL;

	return found && strncmp(name, "__ia32", 6) != 0 && strncmp(name, "__se", 4) != 0 &&
	       strncmp(name, "__do", 4) != 0 && strcmp(found + 5, short_name) == 0;
}

/* A name that goes on where the wanted one ends is nearer than its length says: do_execve, do_execveat_common. */
static void consider(struct similar_names *similar, const char *name)
{
	size_t length = strlen(similar->wanted);

	if (is_its_system_call(similar->wanted, name))
		lade_similar_add(similar, name, 1);
	else if (length > 2 && strncmp(name, similar->wanted, length) == 0)
		lade_similar_add(similar, name, 2 + (unsigned)(strlen(name) - length) / 4);
	else
		lade_similar_consider(similar, name);
}

static void consider_all(struct similar_names *similar, const struct lade_btf *btf, const struct target_rule *rule)
{
	size_t prefix = strlen(rule->prefix);

	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		const char *name;
		if (!type || lade_btf_kind(type) != rule->kind)
			continue;
		name = lade_btf_string(btf, type->name_off);
		if (strncmp(name, rule->prefix, prefix) == 0 && name[prefix])
			consider(similar, name + prefix);
	}
}

static void add_near_names(struct lade_finding *finding, const struct lade_btf *btf, const struct target_rule *rule,
			   const char *name)
{
	struct similar_names similar = { .wanted = name };

	if (btf)
		consider_all(&similar, btf, rule);
	lade_similar_evidence(&similar, finding, rule->what);
	if (similar.count)
		finding_fix(finding, "did you mean %s?", similar.names[0]);
	lade_similar_clear(&similar);
}

/* The kernel has a type of another kind under that name: an inlined function leaves none, a syscall another one. */
static void explain_unknown(struct lade_finding *finding, const struct lade_program *program,
			    struct kernel_types *types, const char *text, bool with_names)
{
	const struct target_rule *rule = rule_of(program);
	size_t module;
	const char *name = without_module(text, &module);
	const struct lade_btf *btf = lade_kernel_types_base(types);

	finding_program(finding, program->name);
	if (module && strncmp(text, "vmlinux:", module + 1) != 0) {
		CLEANUP(cleanup_free) char *copy = strndup(text, module);
		btf = copy ? lade_kernel_types_module(types, copy) : NULL;
		finding_evidence(finding,
				 btf ? "the BTF of module %s does not have it"
				     : "module %s is not loaded or has no BTF",
				 copy ? copy : "?");
	} else {
		finding_evidence(finding, "neither the kernel's BTF nor that of a module has %s%s", rule->prefix, name);
	}
	if (with_names)
		add_near_names(finding, btf, rule, name);
}

/* All names of a kernel are looked through for those that are near: for the first programs that have none. */
#define EXPLAINED_MOST 4

static int refuse_unknown(const struct lade_plan *plan, const struct lade_program *program, struct kernel_types *types,
			  const char *text, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ESRCH, "plan.target.unknown", "%s: this kernel has no %s %s for program %s",
			       plan->object->file, rule_of(program)->what, text, program->name);

	explain_unknown(finding, program, types, text, error && lade_error_finding_count(*error) <= EXPLAINED_MOST);
	return -ESRCH;
}

/* ---- in the kernel and its modules ---- */

struct search {
	const struct target_rule *rule;
	const char *name;   /* as BTF has it */
	const char *module; /* NULL: any */
	size_t module_length;
};

static bool is_it(const struct search *search, const struct kernel_type *type)
{
	const struct btf_type *record = lade_btf_type(type->btf, type->id);

	if (!record || lade_btf_kind(record) != search->rule->kind ||
	    strcmp(lade_btf_string(type->btf, record->name_off), search->name) != 0)
		return false;
	return !search->module || (strlen(type->module) == search->module_length &&
				   strncmp(type->module, search->module, search->module_length) == 0);
}

static int search_module(struct kernel_types *types, const struct search *search, struct kernel_type *ret_type,
			 struct lade_error **error)
{
	const struct kernel_type_list *list;
	int r = lade_kernel_types_find_in_modules(types, search->name, &list, error);

	if (r < 0)
		return r;
	array_foreach(type, list) {
		if (is_it(search, type)) {
			*ret_type = *type;
			break;
		}
	}
	return 0;
}

static int find_type(struct kernel_types *types, const struct lade_program *program, const char *text,
		     struct kernel_type *ret_type, struct lade_error **error)
{
	struct search search = { .rule = rule_of(program) };
	const char *plain = without_module(text, &search.module_length);
	CLEANUP(cleanup_free) char *name = kernel_name(search.rule, plain);
	bool in_kernel = search.module_length && strncmp(text, "vmlinux:", search.module_length + 1) == 0;

	if (!name)
		return lade_fail_memory(error);
	search.name = name;
	search.module = search.module_length && !in_kernel ? text : NULL;
	if (search.module)
		return search_module(types, &search, ret_type, error);
	return lade_kernel_types_exact(types, name, search.rule->kind, !in_kernel, ret_type, error);
}

static int target_kernel(struct lade_plan *plan, const struct lade_program *program, struct program_operation *result,
			 struct lade_error **error)
{
	struct kernel_type type = { 0 };
	struct kernel_types *types;
	const char *text = wanted(program);
	char what[256];
	int r;

	if (!text || program->type == BPF_PROG_TYPE_EXT)
		return refuse_missing(plan, program, error);
	if (lade_plan_leaves_open(plan))
		return 0;
	(void)snprintf(what, sizeof what, "program %s", program->name);
	r = lade_plan_need_types(plan, what, &types, error);
	if (r == 0)
		r = find_type(types, program, text, &type, error);
	if (r < 0)
		return r;
	if (!type.id)
		return refuse_unknown(plan, program, types, text, error);
	result->attach_btf_id = type.id;
	return lade_plan_module_btf(plan, type.module, &result->attach_btf_slot, error);
}

/* ---- left out where the kernel does not have it ---- */

/* Would be loaded, against something of the kernel that its section names. */
static bool is_concerned(const struct lade_plan *plan, uint32_t index)
{
	const struct lade_program *program = plan->object->programs.items[index];

	return program->autoload && !program->skip && !plan->program_skips[index] && program->attach_btf_id_needed &&
	       program->type != BPF_PROG_TYPE_STRUCT_OPS && program->type != BPF_PROG_TYPE_EXT &&
	       lade_load_target_kind(program) == LOAD_TARGET_SECTION && wanted(program);
}

static bool is_loaded(const struct lade_plan *plan, uint32_t index)
{
	const struct lade_program *program = plan->object->programs.items[index];

	return program->autoload && !program->skip && !plan->program_skips[index];
}

/* absent: by program index. 1: something else would be loaded, too. */
static int find_absent(const struct lade_plan *plan, bool *absent, struct lade_error **error)
{
	int remains = 0;

	for (uint32_t i = 0; i < plan->object->programs.count; i++) {
		const struct lade_program *program = plan->object->programs.items[i];
		struct kernel_type type = { 0 };
		int r = is_concerned(plan, i) ? find_type(plan->target->types, program, wanted(program), &type, error)
					      : 0;
		if (r < 0)
			return r;
		absent[i] = is_concerned(plan, i) && !type.id;
		remains |= is_loaded(plan, i) && !absent[i];
	}
	return remains;
}

static int leave_out(struct lade_plan *plan, uint32_t index)
{
	const struct lade_program *program = plan->object->programs.items[index];
	const char *what = rule_of(program)->what, *text = wanted(program);
	struct lade_finding *note = lade_note_add(&plan->notes, "plan.target.absent",
						  "%s: program %s is left out: this kernel has no %s %s",
						  plan->object->file, program->name, what, text);

	explain_unknown(note, program, plan->target->types, text, plan->notes.count <= EXPLAINED_MOST);
	return asprintf(&plan->program_skips[index], "this kernel has no %s %s", what, text);
}

int lade_plan_skip_absent(struct lade_plan *plan, struct lade_error **error)
{
	CLEANUP(cleanup_free) bool *absent = calloc(plan->object->programs.count + 1, sizeof *absent);
	int remains;

	if (!absent)
		return lade_fail_memory(error);
	remains = plan->target->types ? find_absent(plan, absent, error) : 0;
	for (uint32_t i = 0; remains > 0 && i < plan->object->programs.count; i++) {
		if (absent[i] && leave_out(plan, i) < 0) {
			plan->program_skips[i] = NULL;
			return lade_fail_memory(error);
		}
	}
	return remains < 0 ? remains : 0;
}

/* ---- in another program ---- */

/* The function that the section names, else one of the program's own name, else the other's main function. */
static uint32_t find_in_program(const struct lade_program *program, const struct plan_load_target *target)
{
	uint32_t id;

	if (program->load_target)
		return lade_btf_find(target->btf, program->load_target, BTF_KIND_FUNC);
	id = lade_btf_find(target->btf, program->name, BTF_KIND_FUNC);
	return id ? id : target->main_function;
}

static int refuse_function(const struct lade_plan *plan, const struct lade_program *program,
			   const struct plan_load_target *target, struct lade_error **error)
{
	const struct target_rule *rule = &rules[ELEMENTS(rules) - 1];
	const char *name = program->load_target ? program->load_target : program->name;
	struct lade_finding *finding = lade_error_add(error, ESRCH, "plan.target.function",
						      "%s: program %s has no function %s, which %s needs",
						      plan->object->file, program->target_request, name, program->name);

	finding_program(finding, program->name);
	add_near_names(finding, target->btf, rule, name);
	return -ESRCH;
}

static int open_target(struct lade_plan *plan, const struct lade_program *program, uint32_t *ret_slot,
		       struct lade_error **error)
{
	struct operation *operation = lade_plan_add(plan, OPERATION_TARGET_OPEN);

	if (!operation)
		return lade_fail_memory(error);
	operation->slot = plan->slot_count++;
	operation->program = lade_program_index(program);
	*ret_slot = operation->slot;
	return 0;
}

static int target_program(struct lade_plan *plan, const struct lade_program *program, struct program_operation *result,
			  struct lade_error **error)
{
	const struct plan_load_target *targets = plan->target->load_targets;
	const struct plan_load_target *target = targets ? &targets[lade_program_index(program)] : NULL;

	if (target) { /* a dry run opens nothing, and leaves the id open */
		result->attach_btf_id = target->btf ? find_in_program(program, target) : 0;
		if (!result->attach_btf_id)
			return refuse_function(plan, program, target, error);
	}
	return open_target(plan, program, &result->attach_target_slot, error);
}

static int target_device(struct lade_plan *plan, const struct lade_program *program, struct program_operation *result)
{
	const struct plan_load_target *targets = plan->target->load_targets;

	result->flags |= XDP_DEVICE_BOUND;
	result->ifindex = targets ? targets[lade_program_index(program)].ifindex : 0;
	return 0;
}

static int refuse_target(const struct lade_plan *plan, const struct lade_program *program, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, EINVAL, "plan.target.kind",
						      "%s: program %s (section %s) is not verified against a target",
						      plan->object->file, program->name, program->section);

	finding_program(finding, program->name);
	return -EINVAL;
}

int lade_plan_load_target(struct lade_plan *plan, const struct lade_program *program, struct program_operation *result,
			  struct lade_error **error)
{
	switch (lade_load_target_kind(program)) {
	case LOAD_TARGET_DEVICE:
		return target_device(plan, program, result);
	case LOAD_TARGET_PROGRAM:
		return target_program(plan, program, result, error);
	case LOAD_TARGET_REFUSED:
		return refuse_target(plan, program, error);
	case LOAD_TARGET_OWN: /* when all are linked */
		return 0;
	case LOAD_TARGET_SECTION:
	case LOAD_TARGET_FUNCTION:
		break;
	}
	return program->attach_btf_id_needed ? target_kernel(plan, program, result, error) : 0;
}
