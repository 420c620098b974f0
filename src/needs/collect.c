/* SPDX-License-Identifier: BSD-2-Clause */
/* What an object's maps and programs ask for, by the tables. */
#include <stdio.h>
#include <string.h>

#include "base/glob.h"
#include "btf/core.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "object/reach.h"
#include "object/sections.h"

#define LONG_PROGRAM 4096 /* instructions; before 5.2 */

static const char *text(uint32_t offset)
{
	return lade_need_text + offset;
}

static const char *loss_of(const char *option)
{
	for (size_t i = 0; i < lade_need_option_count; i++)
		if (strcmp(text(lade_need_options[i].name), option) == 0)
			return text(lade_need_options[i].loss);
	return "";
}

/* ---- putting ---- */

__attribute__((format(printf, 4, 5))) static void put_kernel(struct lade_needs *needs, const char *version,
							     const char *who, const char *format, ...)
{
	char reason[160];
	va_list values;

	va_start(values, format);
	(void)vsnprintf(reason, sizeof reason, format, values);
	va_end(values);
	if (lade_needs_version(version))
		lade_needs_put(needs, LADE_NEED_KERNEL, version, reason, false, who);
}

/* Each word of "CONFIG_A CONFIG_B", "CAP_A CAP_B". reason NULL: what the option is for. */
static void put_words(struct lade_needs *needs, enum lade_need_kind kind, const char *words, const char *reason,
		      const char *who)
{
	char word[64];
	int length;

	for (; sscanf(words, " %63s%n", word, &length) == 1; words += length)
		lade_needs_put(needs, kind, word, reason ? reason : loss_of(word), false, who);
}

static void put_rules(struct lade_needs *needs, const char *what, const char *name, const char *who)
{
	for (size_t i = 0; i < lade_need_rule_count; i++) {
		const struct need_rule *rule = &lade_need_rules[i];
		if (strcmp(text(rule->what), what) == 0 && lade_glob_matches(text(rule->match), name))
			lade_needs_put(needs, (enum lade_need_kind)rule->kind, text(rule->name), text(rule->reason),
				       rule->to_attach, who);
	}
}

void lade_needs_feature(struct lade_needs *needs, const char *feature, const char *who)
{
	put_rules(needs, "feature", feature, who);
}

void lade_needs_helper(struct lade_needs *needs, uint32_t helper, const char *who)
{
	const struct need_fact *fact = lade_need_helper(helper);

	if (!fact)
		return;
	put_kernel(needs, text(fact->since), who, "helper %s", text(fact->name));
	put_rules(needs, "helper", text(fact->name), who);
}

/* ---- maps ---- */

/* Flags that a load leaves away where the kernel does not know them are not needed: those of data maps and tables. */
static void add_flags(struct lade_needs *needs, const struct lade_map *map, const char *who)
{
	for (size_t i = 0; i < lade_need_flag_count && !map->is_data && !map->ops_type; i++)
		if (map->definition.flags & lade_need_flags[i].number)
			put_kernel(needs, text(lade_need_flags[i].since), who, "map flag %s",
				   text(lade_need_flags[i].name));
}

/* On one CPU: with more of them a map of values for each takes more. */
static void add_sizes(struct lade_needs *needs, const struct map_definition *map, const char *who)
{
	uint64_t size;
	const struct need_limit *limit = lade_need_map_limit(map, 1, &size);

	if (limit && limit->before)
		put_kernel(needs, limit->before, who, "%s", limit->what);
	if (lade_need_map_cost(map, 1) >= NEED_MAP_COST_MOST)
		put_kernel(needs, "5.11", who, "a map that takes 4 GiB or more");
}

static void add_map(struct lade_needs *needs, const struct lade_map *map)
{
	const struct need_fact *fact = lade_need_map(map->definition.type);
	char who[320];

	(void)snprintf(who, sizeof who, "map %s of %s", map->name, map->object->name);
	needs->window = map->policy ? map->policy->kernel.min : 0;
	needs->optional = false;
	if (map->is_data)
		lade_needs_feature(needs, "data", who);
	add_flags(needs, map, who);
	add_sizes(needs, &map->definition, who);
	if (!fact)
		return;
	put_kernel(needs, text(fact->since), who, "maps of type %s", text(fact->name));
	put_words(needs, LADE_NEED_CONFIG, text(fact->options), NULL, who);
	put_rules(needs, "map", text(fact->name), who);
}

/* ---- programs ---- */

static void add_attach_type(struct lade_needs *needs, const struct lade_program *program, const char *who)
{
	const struct need_fact *fact;
	char reason[96];

	if (!program->has_expected_attach_type || program->expected_attach_type_optional)
		return;
	fact = lade_need_attach(program->expected_attach_type);
	if (!fact)
		return;
	(void)snprintf(reason, sizeof reason, "attach type %s", text(fact->name));
	lade_needs_put(needs, LADE_NEED_KERNEL, text(fact->since), reason, !lade_need_checks_attach_type(program->type),
		       who);
}

static void add_type(struct lade_needs *needs, const struct lade_program *program, const char *who)
{
	const struct need_fact *fact = lade_need_program(program->type);
	char reason[96];

	if (!fact || !program->type)
		return;
	(void)snprintf(reason, sizeof reason, "loading programs of type %s", text(fact->name));
	put_kernel(needs, text(fact->since), who, "programs of type %s", text(fact->name));
	put_words(needs, LADE_NEED_CONFIG, text(fact->options), NULL, who);
	put_words(needs, LADE_NEED_CAPABILITY, text(fact->capabilities), reason, who);
	put_rules(needs, "program", text(fact->name), who);
}

/* "5.15": a patch of 0 is none. */
static const char *window_text(uint32_t version, char buffer[POLICY_KERNEL_TEXT])
{
	(void)lade_policy_kernel_text(version, buffer);
	if (!(version & UINT16_MAX) && strlen(buffer) > 2)
		buffer[strlen(buffer) - 2] = '\0';
	return buffer;
}

static void add_window(struct lade_needs *needs, const struct lade_program *program, const char *who)
{
	char buffer[POLICY_KERNEL_TEXT];
	const struct part_policy *policy = program->policy;

	if (!policy)
		return;
	if (policy->kernel.min)
		put_kernel(needs, window_text(policy->kernel.min, buffer), who, "the object says so");
	if (policy->kernel.max != POLICY_KERNEL_ANY)
		lade_needs_put(needs, LADE_NEED_KERNEL_BELOW, window_text(policy->kernel.max, buffer),
			       "the object says so", false, who);
}

static const char *extern_feature(enum extern_kind kind)
{
	static const char *const features[] = {
		[EXTERN_KCONFIG] = "kconfig",
		[EXTERN_KSYM] = "ksym",
		[EXTERN_ADDRESS] = "address",
		[EXTERN_KFUNC] = "kfunc",
	};

	return (size_t)kind < ELEMENTS(features) ? features[kind] : NULL;
}

static const char *relocation_feature(const struct lade_object *object, const struct function_relocation *relocation)
{
	const struct object_extern *symbol;

	switch (relocation->kind) {
	case RELOCATION_CALL:
		return "call";
	case RELOCATION_FUNCTION:
		return "callback";
	case RELOCATION_MAP_VALUE:
		return "data";
	case RELOCATION_EXTERN:
		symbol = &object->externs.items[relocation->target];
		return symbol->is_weak ? NULL : extern_feature(symbol->kind);
	default:
		return NULL;
	}
}

/* "bpf_task_acquire___mine" is bpf_task_acquire. */
static void add_kfunc(struct lade_needs *needs, const struct lade_object *object,
		      const struct function_relocation *relocation, const char *who)
{
	const struct object_extern *outside =
		relocation->kind == RELOCATION_EXTERN ? &object->externs.items[relocation->target] : NULL;
	char name[128];

	if (!outside || outside->kind != EXTERN_KFUNC || outside->is_weak)
		return;
	(void)snprintf(name, sizeof name, "%.*s", (int)lade_core_name_length(outside->name), outside->name);
	if (lade_need_kfunc(name))
		put_kernel(needs, lade_need_kfunc(name), who, "the kernel's function %s", name);
}

static void add_function(struct lade_needs *needs, const struct lade_object *object, uint32_t index, const char *who)
{
	const struct lade_function *function = &object->functions.items[index];

	for (size_t i = 0; i < function->relocations.count; i++) {
		const char *feature = relocation_feature(object, &function->relocations.items[i]);
		if (feature)
			lade_needs_feature(needs, feature, who);
		add_kfunc(needs, object, &function->relocations.items[i], who);
	}
	if (function->core.count)
		lade_needs_feature(needs, "core", who);
	lade_needs_code(needs, function, who);
}

/* "field_exists", "type_exists", "type_matches", "enumval_exists" */
static bool asks_existence(const char *kind)
{
	return kind && (strstr(kind, "exists") || strstr(kind, "matches"));
}

/* Does it ask what the kernel has, and perhaps do without? The verifier does not look at what it then leaves out. */
static bool asks_kernel(const struct lade_object *object, uint32_t index)
{
	const struct lade_function *function = &object->functions.items[index];

	array_foreach(relocation, &function->relocations)
		if (relocation->kind == RELOCATION_EXTERN &&
		    (object->externs.items[relocation->target].kind == EXTERN_KCONFIG ||
		     object->externs.items[relocation->target].is_weak))
			return true;
	array_foreach(relocation, &function->core)
		if (asks_existence(lade_core_kind_name(relocation->kind)))
			return true;
	return false;
}

static bool program_asks_kernel(const struct lade_program *program)
{
	if (asks_kernel(program->object, program->function))
		return true;
	array_foreach(function, &program->reach_functions)
		if (asks_kernel(program->object, *function))
			return true;
	return false;
}

#define TAIL_CALL 12

static bool makes_tail_calls(const struct lade_function *function)
{
	for (uint32_t i = 0; i < function->instruction_count; i++)
		if (function->instructions[i].code == (BPF_JMP | BPF_CALL) && !function->instructions[i].src_reg &&
		    function->instructions[i].imm == TAIL_CALL)
			return true;
	return false;
}

/* Tail calls, by the program or a function of it. */
static bool calls_others(const struct lade_program *program)
{
	const struct lade_object *object = program->object;

	if (makes_tail_calls(&object->functions.items[program->function]))
		return true;
	array_foreach(function, &program->reach_functions)
		if (makes_tail_calls(&object->functions.items[*function]))
			return true;
	return false;
}

static void add_functions(struct lade_needs *needs, const struct lade_program *program, const char *who)
{
	const struct lade_object *object = program->object;
	uint64_t instructions = object->functions.items[program->function].instruction_count;

	needs->optional |= program_asks_kernel(program);
	add_function(needs, object, program->function, who);
	array_foreach(function, &program->reach_functions) {
		instructions += object->functions.items[*function].instruction_count;
		add_function(needs, object, *function, who);
	}
	if (instructions > LONG_PROGRAM)
		lade_needs_feature(needs, "long", who);
	if (program->reach_functions.count && calls_others(program))
		lade_needs_feature(needs, "tail-call-mixed", who);
}

static void add_sleeping_maps(struct lade_needs *needs, const struct lade_program *program, const char *who)
{
	array_foreach(map, &program->reach_maps) {
		const char *type = lade_map_type_name(program->object->maps.items[*map]->definition.type);
		if (type)
			put_rules(needs, "sleepable-map", type, who);
	}
}

static int add_program(struct lade_needs *needs, const struct lade_program *program)
{
	char who[320], name[64];

	if (lade_program_reach(program) < 0)
		return -ENOMEM;
	(void)snprintf(who, sizeof who, "program %s of %s", program->name, program->object->name);
	needs->window = program->policy ? program->policy->kernel.min : 0;
	needs->optional = program->policy && program->policy->optional;
	add_type(needs, program, who);
	put_rules(needs, "section", program->section, who);
	add_attach_type(needs, program, who);
	add_window(needs, program, who);
	if (program->attach_btf_id_needed)
		lade_needs_feature(needs, "target", who);
	if (program->flags & BPF_F_SLEEPABLE) {
		lade_need_sleepable_name(program->type, program->expected_attach_type, name, sizeof name);
		put_rules(needs, "sleepable", name, who);
		add_sleeping_maps(needs, program, who);
	}
	if (program->type == BPF_PROG_TYPE_TRACING && program->expected_attach_type == BPF_TRACE_ITER &&
	    program->load_target)
		put_rules(needs, "iterator", program->load_target, who);
	if (program->flags & BPF_F_XDP_HAS_FRAGS)
		lade_needs_feature(needs, "frags", who);
	add_functions(needs, program, who);
	return 0;
}

/* ---- the object ---- */

static void add_object(struct lade_needs *needs, const struct lade_object *object)
{
	needs->window = 0;
	needs->optional = false;
	lade_needs_put(needs, LADE_NEED_CONFIG, "CONFIG_BPF", loss_of("CONFIG_BPF"), false, object->name);
	lade_needs_put(needs, LADE_NEED_CONFIG, "CONFIG_BPF_SYSCALL", loss_of("CONFIG_BPF_SYSCALL"), false,
		       object->name);
	lade_needs_put(needs, LADE_NEED_CAPABILITY, "CAP_BPF", "bpf(2) for more than simple socket filters", false,
		       object->name);
}

static int compare(const void *one, const void *other)
{
	const struct need *a = one, *b = other;
	uint32_t first = lade_needs_version(a->name), second = lade_needs_version(b->name);

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind >= LADE_NEED_KERNEL && first != second)
		return first > second ? -1 : 1;
	if (a->to_attach != b->to_attach)
		return a->to_attach ? 1 : -1;
	if (a->left_out != b->left_out)
		return a->left_out ? 1 : -1;
	return 0;
}

/* Stable, so that what comes first in the object stays first. */
static void sort(struct lade_needs *needs)
{
	struct need *items = needs->items.items;

	for (size_t i = 1; i < needs->items.count; i++) {
		struct need moved = items[i];
		size_t place = i;
		for (; place && compare(&items[place - 1], &moved) > 0; place--)
			items[place] = items[place - 1];
		items[place] = moved;
	}
}

LADE_API int lade_needs_add(struct lade_needs *needs, const struct lade_object *object)
{
	if (lade_object_settle_types(object) < 0)
		return -ENOMEM;
	add_object(needs, object);
	array_foreach(map, &object->maps)
		if (!(*map)->skip && !(*map)->asleep)
			add_map(needs, *map);
	array_foreach(program, &object->programs)
		if ((*program)->autoload && !(*program)->skip && add_program(needs, *program) < 0)
			return -ENOMEM;
	sort(needs);
	return needs->failed ? -ENOMEM : 0;
}
