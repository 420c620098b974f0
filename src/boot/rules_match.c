/* SPDX-License-Identifier: BSD-2-Clause */
/* What all sections of the policy files together say of one object, map or program: later ones replace earlier. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/glob.h"
#include "boot/rules.h"

static bool names_object(const struct boot_rule *rule, const struct lade_object *object)
{
	const char *slash = strrchr(object->file, '/');
	return lade_glob_matches(rule->object, object->name) ||
	       lade_glob_matches(rule->object, slash ? slash + 1 : object->file);
}

static bool matches(const struct boot_rule *rule, const struct lade_object *object, const struct rules_part *part)
{
	if (!names_object(rule, object) || !rule->program != !part)
		return false;
	if (!part)
		return true;
	if (rule->is_map != part->is_map)
		return false;
	return lade_glob_matches(rule->program, part->name) ||
	       (part->section && lade_glob_matches(rule->program, part->section));
}

static void add_owner(struct boot_owner *owner, const struct boot_owner *said)
{
	if (said->has_uid)
		owner->uid = said->uid;
	if (said->has_gid)
		owner->gid = said->gid;
	if (said->has_mode)
		owner->mode = said->mode;
	owner->has_uid |= said->has_uid;
	owner->has_gid |= said->has_gid;
	owner->has_mode |= said->has_mode;
}

static void add_words(struct rules_said *said, const struct boot_rule *rule)
{
	if (rule->critical >= 0) {
		said->critical = rule->critical;
		said->reason = rule->reason;
	}
	if (rule->optional >= 0)
		said->optional = rule->optional;
	if (rule->order != INT32_MIN)
		said->order = rule->order;
	if (rule->timeout_ms)
		said->timeout_ms = rule->timeout_ms;
	if (rule->pin)
		said->pin = rule->pin;
	if (rule->kernel.min || rule->kernel.max != POLICY_KERNEL_ANY) {
		said->kernel = rule->kernel;
		said->kernel_rule = rule;
	}
	if (rule->attach >= 0) {
		said->attach = rule->attach;
		said->attach_rule = rule;
	}
	add_owner(&said->owner, &rule->owner);
}

static int add_configs(struct rules_said *said, const struct boot_rule *rule)
{
	array_foreach(config, &rule->configs) {
		struct rules_config *place = array_push(&said->configs);
		if (!place)
			return -ENOMEM;
		*place = (struct rules_config){ *config, rule };
	}
	return 0;
}

int lade_rules_gather(const struct boot_policy *policy, const struct lade_object *object, const struct rules_part *part,
		      struct rules_said *ret_said)
{
	struct rules_said said = { .critical = -1, .optional = -1, .attach = -1, .kernel = { 0, POLICY_KERNEL_ANY } };
	int result = 0;
	array_foreach(rule, &policy->rules) {
		if (result < 0 || !matches(rule, object, part))
			continue;
		add_words(&said, rule);
		result = add_configs(&said, rule);
	}
	if (result < 0)
		array_clear(&said.configs);
	else
		*ret_said = said;
	return result;
}
