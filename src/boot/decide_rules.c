/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One object under policy files. What the object says of itself (Android's words) counts where the files are silent;
 * windows of kernels and options that are not there leave out, or fail what is not optional.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "boot/rules.h"
#include "object/sections.h"

struct rules {
	const struct boot_policy *policy;
	const struct boot_location *location;
	const struct lade_object *object;
	struct boot_decision *decision;
	struct rules_said said; /* of the object */
};

/* ---- verdicts ---- */

static int skip_object(struct rules *rules, const char *code, const char *why)
{
	struct lade_finding *note =
		lade_note_add(&rules->decision->notes, code, "%s is left out: %s", rules->object->file, why);
	finding_object(note, rules->object->file);
	rules->decision->verdict = BOOT_SKIP;
	return 0;
}

static void evidence_of_rule(struct lade_finding *finding, const struct boot_rule *rule)
{
	if (rule)
		finding_evidence(finding, "%s:%u says so", rule->file, rule->line);
}

/* ---- options of the kernel ---- */

static void note_unknown(struct rules *rules, const struct rules_config *config)
{
	struct lade_finding *note =
		lade_note_add(&rules->decision->notes, "boot.rule.config-unknown",
			      "%s: nobody knows whether this kernel has %s; it is taken for granted",
			      rules->object->file, config->wanted);
	evidence_of_rule(note, config->rule);
}

/* The first option that the kernel lacks; NULL: none. */
static const struct rules_config *missing_option(struct rules *rules, const struct rules_said *said,
						 const char **ret_value)
{
	array_foreach(config, &said->configs) {
		enum rules_answer answer = lade_rules_config(rules->policy, config->wanted, ret_value);
		if (answer == RULES_NO)
			return config;
		if (answer == RULES_UNKNOWN)
			note_unknown(rules, config);
	}
	return NULL;
}

static void refuse_config(struct rules *rules, const char *what, const char *name, const struct rules_config *config,
			  const char *value)
{
	rules->decision->verdict = BOOT_FAIL;
	struct lade_finding *finding =
		lade_error_add(&rules->decision->error, ENOTSUP, "boot.rule.config", "%s: %s%s needs %s",
			       rules->object->file, what, name, config->wanted);
	finding_object(finding, rules->object->file);
	if (value)
		finding_evidence(finding, "%.*s=%s", (int)strcspn(config->wanted, "="), config->wanted, value);
	else
		finding_evidence(finding, "%.*s is not set", (int)strcspn(config->wanted, "="), config->wanted);
	evidence_of_rule(finding, config->rule);
	finding_fix(finding, "boot a kernel with %s%s; or say optional = yes", config->wanted,
		    strchr(config->wanted, '=') ? "" : "=y");
}

/* ---- the object ---- */

static const char *critical_of(const struct rules *rules)
{
	const struct object_policy *policy = rules->object->policy;
	const char *own = policy ? policy->critical : NULL;
	if (rules->said.critical < 0)
		return own;
	if (!rules->said.critical)
		return NULL;
	return rules->said.reason ? rules->said.reason : own ? own : "by the policy";
}

static void begin(struct rules *rules)
{
	struct boot_decision *decision = rules->decision;
	decision->critical = critical_of(rules);
	decision->optional = rules->said.optional == 1;
	decision->order = rules->said.order;
	decision->timeout_ms = rules->said.timeout_ms;
}

static int judge_kernel(struct rules *rules)
{
	char *why CLEANUP(cleanup_free) = NULL;
	if (policy_window_holds(&rules->said.kernel, rules->policy->device.kernel))
		return 0;
	if (lade_policy_say_kernel(&why, &rules->said.kernel, rules->policy->device.kernel) < 0) {
		why = NULL;
		return -ENOMEM;
	}
	return skip_object(rules, "boot.rule.kernel", why);
}

static int judge_config(struct rules *rules)
{
	char why[160];
	const char *value;
	const struct rules_config *missing = missing_option(rules, &rules->said, &value);
	if (!missing)
		return 0;
	if (!rules->decision->optional) {
		refuse_config(rules, "it", "", missing, value);
		return 0;
	}
	(void)snprintf(why, sizeof why, "optional, and this kernel lacks %s", missing->wanted);
	return skip_object(rules, "boot.rule.config-missing", why);
}

/* An object of Android that is for other loaders. */
static int judge_loader(struct rules *rules)
{
	const struct object_policy *policy = rules->object->policy;
	if (!policy || policy_window_holds(&policy->loader, policy->judged_loader))
		return 0;
	return skip_object(rules, "boot.rule.loader", "the object is for other versions of bpfloader");
}

/* ---- types ---- */

static void refuse_type(struct rules *rules, const struct lade_program *program)
{
	const char *type = lade_program_type_name(program->type);
	rules->decision->verdict = BOOT_FAIL;
	struct lade_finding *finding =
		lade_error_add(&rules->decision->error, EPERM, "boot.rule.type",
			       "%s: program %s: programs of type %s are not allowed in %s", rules->object->file,
			       program->name, type ? type : "unknown", rules->location->directory);
	finding_object(finding, rules->object->file);
	finding_program(finding, program->name);
	struct strbuf allowed = { 0 };
	lade_boot_types_text(rules->location->types, &allowed);
	char *text CLEANUP(cleanup_free) = lade_strbuf_take(&allowed);
	finding_evidence(finding, "allowed: %s", text ? text : "");
	if (rules->location->file)
		finding_evidence(finding, "%s:%u says so", rules->location->file, rules->location->line);
}

static int judge_types(struct rules *rules)
{
	array_foreach(program, &rules->object->programs) {
		bool is_loaded = (*program)->autoload && !(*program)->skip;
		if (!is_loaded || rules->location->types == UINT64_MAX ||
		    ((*program)->type && lade_boot_type_allowed(rules->location->types, (*program)->type)))
			continue;
		refuse_type(rules, *program);
		return 0;
	}
	return 0;
}

/* ---- parts ---- */

static int say_skip(struct boot_part *part, const char *text)
{
	part->skip = strdup(text);
	return part->skip ? 0 : -ENOMEM;
}

/* The windows that the part itself has, as the plan would judge them. */
static int judge_own(const struct rules *rules, const struct part_policy *policy, struct boot_part *part)
{
	const struct boot_device *device = &rules->policy->device;
	const struct object_policy *whole = rules->object->policy;
	int result = 0;
	if (!policy)
		return 0;
	uint32_t ignored = whole && policy_loader_has(whole->judged_loader, POLICY_LOADER_HAS_MACHINE)
				   ? policy->ignore_on & device->machine
				   : 0;
	if (!policy_window_holds(&policy->kernel, device->kernel))
		result = lade_policy_say_kernel(&part->skip, &policy->kernel, device->kernel);
	else if (ignored)
		result = lade_policy_say_machine(&part->skip, ignored);
	if (result >= 0)
		return 0;
	part->skip = NULL;
	return -ENOMEM;
}

static int judge_part_config(struct rules *rules, const struct rules_said *said, const char *what, const char *name,
			     struct boot_part *part)
{
	char why[160];
	const char *value;
	const struct rules_config *missing = missing_option(rules, said, &value);
	if (!missing)
		return 0;
	if (!part->optional) {
		refuse_config(rules, what, name, missing, value);
		return 0;
	}
	(void)snprintf(why, sizeof why, "optional, and this kernel lacks %s", missing->wanted);
	return say_skip(part, why);
}

static int judge_part_kernel(const struct rules *rules, const struct rules_said *said, struct boot_part *part)
{
	uint32_t kernel = rules->policy->device.kernel;
	if (policy_window_holds(&said->kernel, kernel))
		return 0;
	if (lade_policy_say_kernel(&part->skip, &said->kernel, kernel) >= 0)
		return 0;
	part->skip = NULL;
	return -ENOMEM;
}

static void own(struct boot_part *part, const struct boot_owner *owner, bool is_local)
{
	if (owner->has_uid || owner->has_gid) {
		part->uid = owner->has_uid ? owner->uid : part->uid;
		part->gid = owner->has_gid ? owner->gid : part->gid;
		part->has_owner = true;
		part->is_local = is_local;
	}
	if (owner->has_mode) {
		part->mode = owner->mode;
		part->has_mode = true;
	}
}

/* Whose it is: the location's, unless the object says something, unless the files say something of it. */
static void own_part(const struct rules *rules, const struct rules_said *said, const struct part_policy *policy,
		     bool is_map, struct boot_part *part)
{
	own(part, &rules->location->owner, true);
	if (policy && policy->has_owner) {
		const struct boot_owner owner = { true,        true,        true,
						  policy->uid, policy->gid, is_map ? policy->mode & 0777 : 0440 };
		own(part, &owner, false);
	}
	own(part, &rules->said.owner, true);
	own(part, &said->owner, true);
}

static int decide_map(struct rules *rules, uint32_t index)
{
	const struct lade_map *map = rules->object->maps.items[index];
	const struct rules_part name = { true, map->name, NULL };
	struct boot_part *part = &rules->decision->maps[index];
	struct rules_said said = { 0 };
	int result =
		map->skip ? say_skip(part, map->skip) : lade_rules_gather(rules->policy, rules->object, &name, &said);
	if (result == 0 && !part->skip)
		result = judge_own(rules, map->policy, part);
	if (result == 0 && !part->skip)
		result = judge_part_kernel(rules, &said, part);
	if (result == 0 && !part->skip)
		result = judge_part_config(rules, &said, "map ", map->name, part);
	if (result == 0 && !part->skip) {
		own_part(rules, &said, map->policy, true, part);
		result = lade_rules_map_pin(rules->location, map, &said, part->has_owner || part->has_mode, &part->pin);
	}
	array_clear(&said.configs);
	return result;
}

/* "yes" for a location or an object is for those programs whose sections say where. */
static bool names_place(const struct lade_program *program)
{
	return program->attach_target || program->load_target;
}

static int decide_attach(const struct rules *rules, const struct rules_said *said, const struct lade_program *program,
			 struct boot_part *part)
{
	const struct boot_rule *rule = said->attach_rule ? said->attach_rule : rules->said.attach_rule;
	int attach = rule ? rule->attach : rules->location->attach;
	part->attach = attach == 1 && (said->attach_rule || names_place(program));
	for (size_t i = 0; rule && attach == 1 && i < rule->targets.count; i++) {
		char **place = array_push(&part->targets);
		if (!place)
			return -ENOMEM;
		*place = rule->targets.items[i];
	}
	return 0;
}

static int place_program(struct rules *rules, const struct lade_program *program, const struct rules_said *said,
			 struct boot_part *part)
{
	own_part(rules, said, program->policy, false, part);
	int result =
		lade_rules_program_pin(rules->location, program, said, part->has_owner || part->has_mode, &part->pin);
	return result < 0 ? result : decide_attach(rules, said, program, part);
}

static int decide_program(struct rules *rules, uint32_t index)
{
	const struct lade_program *program = rules->object->programs.items[index];
	const struct rules_part name = { false, program->name, program->section };
	struct boot_part *part = &rules->decision->programs[index];
	struct rules_said said = { 0 };
	if (program->skip)
		return say_skip(part, program->skip);
	int result = lade_rules_gather(rules->policy, rules->object, &name, &said);
	part->optional = said.optional == 1 || (said.optional < 0 && program->policy && program->policy->optional);
	if (result == 0)
		result = judge_own(rules, program->policy, part);
	if (result == 0 && !part->skip)
		result = judge_part_kernel(rules, &said, part);
	if (result == 0 && !part->skip)
		result = judge_part_config(rules, &said, "program ", program->name, part);
	if (result == 0 && !part->skip)
		result = place_program(rules, program, &said, part);
	array_clear(&said.configs);
	return result;
}

/* ---- two pins at one place ---- */

static bool is_taken(const struct boot_part *parts, size_t count, const char *pin)
{
	for (size_t i = 0; i < count; i++)
		if (parts[i].pin && strcmp(parts[i].pin, pin) == 0)
			return true;
	return false;
}

/* Names that only differ in what bpffs does not take: the second gets "_2". Android's variants share theirs. */
static int part_pins(struct boot_part *parts, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		char *base CLEANUP(cleanup_free) = parts[i].pin ? strdup(parts[i].pin) : NULL;
		for (unsigned number = 2; base && is_taken(parts, i, parts[i].pin); number++) {
			free(parts[i].pin);
			if (asprintf(&parts[i].pin, "%s_%u", base, number) < 0) {
				parts[i].pin = NULL;
				return -ENOMEM;
			}
		}
	}
	return 0;
}

static int decide_parts(struct rules *rules)
{
	struct boot_decision *decision = rules->decision;
	int result = 0;
	for (uint32_t i = 0; result == 0 && decision->verdict == BOOT_LOAD && i < decision->map_count; i++)
		result = decide_map(rules, i);
	for (uint32_t i = 0; result == 0 && decision->verdict == BOOT_LOAD && i < decision->program_count; i++)
		result = decide_program(rules, i);
	if (result < 0 || rules->object->policy)
		return result;
	result = part_pins(decision->maps, decision->map_count);
	return result < 0 ? result : part_pins(decision->programs, decision->program_count);
}

typedef int rules_step(struct rules *rules);

int lade_boot_decide_rules(const struct boot_policy *policy, const struct boot_location *location,
			   const struct lade_object *object, struct boot_decision *decision)
{
	static rules_step *const steps[] = { judge_kernel, judge_loader, judge_config, judge_types, decide_parts };
	struct rules rules = { policy, location, object, decision, { 0 } };
	int result = lade_rules_gather(policy, object, NULL, &rules.said);
	if (result == 0)
		begin(&rules);
	for (size_t i = 0; result == 0 && decision->verdict == BOOT_LOAD && i < ELEMENTS(steps); i++)
		result = steps[i](&rules);
	if (result == 0)
		decision->instance = lade_boot_instance_name(NULL, object->name);
	array_clear(&rules.said.configs);
	return result == 0 && !decision->instance ? -ENOMEM : result;
}
