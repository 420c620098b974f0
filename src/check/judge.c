/* SPDX-License-Identifier: BSD-2-Clause */
/* One object before one target: the plan, then theme by theme what it would do. */
#include <stdio.h>
#include <string.h>

#include "base/info.h"
#include "check/check.h"
#include "needs/needs.h"
#include "object/config.h"
#include "object/kconfig.h"
#include "plan/externs.h"

#define BIG_ENDIAN_MACHINES "s390x s390 ppc64 ppc mips mips64 sparc64 m68k parisc armeb aarch64_be"

/* ---- what the target is ---- */

/* Red Hat's kernels carry much of what came in releases years later. */
static bool is_backporting(const char *release)
{
	const char *el = release ? strstr(release, ".el") : NULL;

	return el && el[3] >= '0' && el[3] <= '9';
}

static bool is_word_of(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; length && (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

static bool is_big_endian(const char *machine)
{
	return machine && is_word_of(BIG_ENDIAN_MACHINES, machine);
}

/* "6.1.0-18-amd64" is somebody's build; "6.1.90" and "6.1" are the mainline's. */
static bool is_mainline(const char *release)
{
	return !release || strspn(release, "0123456789.") == strlen(release);
}

static void know_target(struct judging *judging)
{
	struct plan_target *plan_target = &judging->plan_target;

	judging->about.size = sizeof judging->about;
	(void)lade_target_describe(judging->target, &judging->about);
	judging->version = lade_target_version(judging->target);
	judging->backports = is_backporting(judging->about.release);
	judging->is_release = is_mainline(judging->about.release);
	judging->types = lade_target_types(judging->target, &judging->why_no_types);
	*plan_target = (struct plan_target){
		.possible_cpus = lade_target_cpus(judging->target),
		.big_endian = is_big_endian(lade_target_machine(judging->target)),
		.kernel_version = judging->version,
		.machine = lade_policy_machine(lade_target_machine(judging->target)),
		.far_offsets = lade_check_since(judging, 7, 0),
		.types = judging->types,
		.config = judging->about.has_config ? lade_target_config(judging->target) : NULL,
		.types_unknown = !judging->types,
		.keep_places = true,
	};
}

/* ---- the plan ---- */

/* Refusals of a bad object that another kernel would not have given. */
static const char *const about_target[] = { "plan.endian", "kconfig.type", "kconfig.range", "plan.policy.map",
					    "core.instruction" };

static bool is_about_target(const struct lade_finding *finding)
{
	for (size_t i = 0; i < ELEMENTS(about_target); i++)
		if (strcmp(finding->code, about_target[i]) == 0)
			return true;
	return finding->exit_code == 3 || finding->exit_code == 5;
}

/* What nobody can load anywhere: the object is bad, or the caller has not said enough. */
static bool is_about_object(const struct lade_error *error)
{
	for (size_t i = 0; i < lade_error_finding_count(error); i++)
		if (!is_about_target(lade_error_finding(error, i)))
			return true;
	return false;
}

static void keep_finding(struct judging *judging, const struct lade_finding *finding)
{
	struct lade_finding *copy = lade_finding_copy(finding);
	struct lade_finding **place = copy ? array_push(&judging->check->findings) : NULL;

	judging->failed |= !place;
	if (!place) {
		lade_finding_free(copy);
		return;
	}
	*place = copy;
}

/* The kernel function that the finding is about, if a module of that kernel may have it. */
static const char *module_with_function(const struct judging *judging, const struct lade_finding *finding)
{
	array_foreach(outside, &judging->object->externs) {
		char name[128];
		const char *module;
		if (outside->kind != EXTERN_KFUNC || !strstr(finding->message, outside->name))
			continue;
		(void)snprintf(name, sizeof name, "%.*s", (int)lade_core_name_length(outside->name), outside->name);
		module = lade_need_kfunc_module(name);
		if (module)
			return module;
	}
	return NULL;
}

/* "nf_nat:nf_nat_init" of the section that names what a program is verified against. */
static const char *module_with_target(const struct judging *judging, const struct lade_finding *finding)
{
	array_foreach(program, &judging->object->programs) {
		const char *target = (*program)->load_target;
		if (finding->program && strcmp(finding->program, (*program)->name) == 0 && target &&
		    strchr(target, ':') && strncmp(target, "vmlinux:", strlen("vmlinux:")) != 0)
			return target;
	}
	return NULL;
}

/* The types that are known are those of the kernel itself: who asks for a module's gets no answer from them. */
static const char *module_of(const struct judging *judging, const struct lade_finding *finding)
{
	if (strcmp(finding->code, "kfunc.absent") == 0)
		return module_with_function(judging, finding);
	return strcmp(finding->code, "plan.target.unknown") == 0 ? module_with_target(judging, finding) : NULL;
}

/* An unreadable configuration (5) settles nothing. */
static void keep_refusals(struct judging *judging, const struct lade_error *error)
{
	for (size_t i = 0; i < lade_error_finding_count(error); i++) {
		const struct lade_finding *finding = lade_error_finding(error, i);
		const char *module = module_of(judging, finding);
		struct lade_finding *kept;
		keep_finding(judging, finding);
		if (judging->failed || (finding->exit_code != 5 && !module))
			continue;
		kept = judging->check->findings.items[judging->check->findings.count - 1];
		kept->severity = LADE_WARNING;
		kept->confidence = LADE_LIKELY;
		if (module)
			finding_evidence(kept, "it may be in a module (%s), whose types are not known", module);
	}
}

/* All names that the object asks the types for, in one walk over them. */
static int announce(const struct judging *judging, struct lade_error **error)
{
	struct strings names = { 0 };
	bool needed;
	int r = lade_plan_type_names(judging->object, &names, &needed);

	if (r == 0 && names.count)
		r = lade_kernel_types_want(judging->types, (const char *const *)names.items, names.count, error);
	lade_strings_clear(&names);
	return r;
}

/* Once more as if nothing were known of the types, so that everything else is judged all the same. */
static int plan_without_types(struct judging *judging, const struct lade_load_opts *options, struct lade_error **error)
{
	judging->plan_target.types = NULL;
	judging->plan_target.types_unknown = true;
	judging->plan_target.config = NULL;
	return lade_plan_build(judging->object, &judging->plan_target, options, &judging->plan, error);
}

static int make_plan(struct judging *judging, struct lade_error **error)
{
	CLEANUP(cleanup_lade_error) struct lade_error *refused = NULL, *again = NULL;
	struct lade_load_opts options;
	int r = opts_read(&options, sizeof options, judging->opts.load);

	if (r < 0)
		return lade_fail(error, -r, "internal.options", "unknown load options");
	options.attach |= judging->opts.attach;
	if (judging->types)
		r = announce(judging, &refused);
	if (r == 0)
		r = lade_plan_build(judging->object, &judging->plan_target, &options, &judging->plan, &refused);
	if (r == 0)
		return 0;
	if (r == -ENOMEM || !refused)
		return lade_fail_memory(error);
	if (is_about_object(refused)) {
		lade_error_merge(error, &refused);
		return r;
	}
	keep_refusals(judging, refused);
	if (plan_without_types(judging, &options, &again) == -ENOMEM)
		return lade_fail_memory(error);
	return 0;
}

/* The release itself is no line of the configuration, but known. */
static void set_version_extern(struct judging *judging)
{
	const struct lade_object *object = judging->object;
	uint32_t code = (judging->version >> 8 & 0xffff00) | (judging->version & 0xff);

	array_foreach(outside, &object->externs) {
		uint8_t *place = judging->plan->kconfig_values + outside->offset;
		if (outside->kind != EXTERN_KCONFIG || strcmp(outside->name, "LINUX_KERNEL_VERSION") != 0 ||
		    outside->is_set || !judging->plan->kconfig_values || outside->length < sizeof code)
			continue;
		memcpy(place, &code, sizeof code);
	}
}

/* ---- programs ---- */

/* Is the content of .kconfig known at this offset? */
static bool kconfig_known(void *data, uint32_t offset)
{
	const struct judging *judging = data;
	const struct plan_target *target = &judging->plan_target;

	array_foreach(outside, &judging->object->externs) {
		if (outside->kind != EXTERN_KCONFIG || offset < outside->offset ||
		    offset - outside->offset >= outside->length)
			continue;
		if (outside->is_set)
			return true;
		if (strcmp(outside->name, "LINUX_KERNEL_VERSION") == 0)
			return target->kernel_version != 0;
		return target->config && strncmp(outside->name, "CONFIG_", strlen("CONFIG_")) == 0 &&
		       lade_kernel_config_knows(target->config, outside->name);
	}
	return false;
}

/* Lists of the kernel's own that the tables know, too. */
static const struct {
	const char *name; /* of the enum */
	struct known_fact (*ask)(struct lade_target *target, uint32_t number);
} known_enums[] = {
	{ "bpf_func_id", lade_target_helper },         { "bpf_map_type", lade_target_map_type },
	{ "bpf_prog_type", lade_target_program_type }, { "bpf_attach_type", lade_target_attach_type },
	{ "bpf_link_type", lade_target_link_type },
};

static bool enumerator(const struct lade_btf *btf, const struct btf_core_relocation *relocation, uint32_t *ret_value)
{
	uint32_t id = lade_btf_skip_modifiers(btf, relocation->type_id), index = 0;
	const struct btf_type *type = lade_btf_type(btf, id);

	if (!type || lade_btf_kind(type) != BTF_KIND_ENUM ||
	    sscanf(lade_btf_string(btf, relocation->access_string_offset), "%9u", &index) != 1 ||
	    index >= lade_btf_vlen(type))
		return false;
	*ret_value = (uint32_t)lade_btf_enums(type)[index].val;
	return true;
}

/* bpf_core_enum_value_exists(enum bpf_func_id, …) is how programs ask for helpers: the tables know without types. */
static int open_answer(void *data, const struct plan_unresolved *open)
{
	const struct judging *judging = data;
	const struct lade_btf *btf = judging->object->btf;
	const char *kind = lade_core_kind_name(open->core->kind);
	const char *name = lade_btf_type_name(btf, lade_btf_skip_modifiers(btf, open->core->type_id));
	uint32_t value;

	if (!kind || strcmp(kind, "enumval_exists") != 0 || !judging->version || judging->backports)
		return -1;
	for (size_t i = 0; i < ELEMENTS(known_enums); i++) {
		size_t length = strlen(known_enums[i].name);
		struct known_fact fact;
		if (strncmp(name, known_enums[i].name, length) != 0 || (name[length] && name[length] != '_') ||
		    !enumerator(btf, open->core, &value))
			continue;
		fact = known_enums[i].ask(judging->target, value);
		return fact.answer == KNOWN_NOT ? -1 : fact.answer == KNOWN_YES;
	}
	return -1;
}

static void judge_code(struct judging *judging, const struct operation *operation)
{
	const struct program_operation *load = operation->program_load;
	const struct flow_question question = {
		.plan = judging->plan,
		.load = load,
		.program = operation->program,
		.finds_gaps = lade_check_wants_gaps(judging),
		.folds_data = !judging->version || lade_check_since(judging, 5, 5),
		.kconfig_known = kconfig_known,
		.open_answer = open_answer,
		.data = judging,
	};
	struct flow flow = { 0 };

	if (lade_flow_find(&question, &flow) < 0) {
		judging->failed = true;
		return;
	}
	lade_check_code(judging, load, &flow);
	lade_check_stack(judging, load, &flow);
	lade_check_padding(judging, &flow);
	lade_check_core(judging, load, &flow);
	lade_check_externs(judging, load, &flow);
	lade_check_places(judging, load, &flow);
	lade_flow_clear(&flow);
}

static void judge_programs(struct judging *judging)
{
	for (size_t i = 0; i < judging->plan->operations.count && !judging->failed; i++) {
		const struct operation *operation = &judging->plan->operations.items[i];
		if (operation->kind != OPERATION_PROGRAM_LOAD)
			continue;
		judging->program = judging->object->programs.items[operation->program];
		judging->load = operation->program_load;
		judging->optional = judging->program->policy && judging->program->policy->optional;
		array_clear(&judging->helpers_seen);
		lade_check_program(judging, judging->load);
		judge_code(judging, operation);
	}
	judging->program = NULL;
	judging->load = NULL;
	judging->optional = false;
}

/* ---- what is to be known of every answer ---- */

static void say_unknown(struct judging *judging)
{
	struct lade_finding *finding;

	if (!judging->unknown.count)
		return;
	finding = lade_check_say(judging, VERDICT_UNSURE, "check.unknown",
				 "which release the kernel is of is not known, and %zu thing%s depend on it",
				 judging->unknown.count, judging->unknown.count == 1 ? "" : "s");
	array_foreach(what, &judging->unknown)
		finding_evidence(finding, "%s", *what);
}

static bool loads_programs(const struct lade_plan *plan)
{
	array_foreach(operation, &plan->operations)
		if (operation->kind == OPERATION_PROGRAM_LOAD)
			return true;
	return false;
}

static void say_always(struct judging *judging)
{
	struct lade_finding *note;

	/* "Only": where more is known, tables fill the gaps. */
	judging->check->by_table &= !judging->about.has_types && !judging->about.has_probes;

	if (lade_check_before(judging, 5, 10)) {
		judging->check->by_table = true;
		note = lade_check_say(judging, VERDICT_NOTE, "check.tables",
				      "what is said of kernel %s rests on tables", lade_target_name(judging->target));
		finding_confidence(note, LADE_LIKELY);
	}
	if (!judging->plan || loads_programs(judging->plan))
		(void)lade_check_say(judging, VERDICT_NOTE, "check.verifier",
				     "the verifier's judgement is not predicted");
}

static void keep_notes(struct judging *judging)
{
	array_foreach(note, &judging->plan->notes)
		keep_finding(judging, *note);
}

/* ---- the answer ---- */

static int rank(const struct lade_finding *finding)
{
	return finding->severity == LADE_ERROR ? 0 : finding->severity == LADE_WARNING ? 1 : 2;
}

/* Stable: what comes first in the object stays first. */
static void sort(struct findings *findings)
{
	for (size_t i = 1; i < findings->count; i++) {
		struct lade_finding *moved = findings->items[i];
		size_t place = i;
		for (; place && rank(findings->items[place - 1]) > rank(moved); place--)
			findings->items[place] = findings->items[place - 1];
		findings->items[place] = moved;
	}
}

static enum lade_check_answer answer_of(const struct findings *findings)
{
	static const enum lade_check_answer answers[] = { LADE_CHECK_DOES_NOT, LADE_CHECK_CANNOT_SAY,
							  LADE_CHECK_LOADS };

	return findings->count ? answers[rank(findings->items[0])] : LADE_CHECK_LOADS;
}

static int judge(struct judging *judging, struct lade_error **error)
{
	int r;

	know_target(judging);
	lade_check_options(judging);
	r = make_plan(judging, error);
	if (r == 0 && judging->plan) {
		set_version_extern(judging);
		keep_notes(judging);
		lade_check_btf(judging);
		lade_check_maps(judging);
		judge_programs(judging);
		lade_check_moved(judging);
		lade_check_open_core(judging);
		lade_check_open_symbols(judging);
		lade_check_open_targets(judging);
		lade_check_open_options(judging);
		lade_check_capabilities(judging);
	}
	if (r == 0) {
		say_unknown(judging);
		say_always(judging);
	}
	return r == 0 && judging->failed ? lade_fail_memory(error) : r;
}

LADE_API int lade_check_object(struct lade_object *object, struct lade_target *target,
			       const struct lade_check_opts *opts, struct lade_check **ret_check,
			       struct lade_error **error)
{
	CLEANUP(cleanup_lade_check) struct lade_check *check = calloc(1, sizeof *check);
	struct judging judging = { .check = check, .object = object, .target = target };
	int r = opts_read(&judging.opts, sizeof judging.opts, opts);

	if (r < 0)
		return lade_fail(error, -r, "internal.options", "unknown options of a check");
	if (!check || lade_object_settle_types(object) < 0)
		return lade_fail_memory(error);
	r = judge(&judging, error);
	(void)lade_plan_free(judging.plan);
	array_clear(&judging.helpers_seen);
	free(judging.externs_seen);
	array_foreach(said, &judging.said)
		free(said->what);
	array_clear(&judging.said);

	lade_strings_clear(&judging.unknown);
	lade_strings_clear(&judging.options);
	lade_strings_clear(&judging.open_options);
	lade_strings_clear(&judging.moved);
	if (r < 0)
		return r;
	sort(&check->findings);
	check->answer = answer_of(&check->findings);
	*ret_check = TAKE(check);
	return 0;
}
