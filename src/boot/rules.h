/* SPDX-License-Identifier: BSD-2-Clause */
/* The two kinds of policies behind lade_boot_decide(). The decision has room and says BOOT_LOAD. 0, -ENOMEM. */
#ifndef LADE_BOOT_RULES_H
#define LADE_BOOT_RULES_H

#include "boot/decide.h"

/* android_object.c */
int lade_boot_decide_android(const struct boot_policy *policy, const struct boot_location *location,
			     const struct lade_object *object, struct boot_decision *decision);
/* decide_rules.c: policy files */
int lade_boot_decide_rules(const struct boot_policy *policy, const struct boot_location *location,
			   const struct lade_object *object, struct boot_decision *decision);

/* NULL without memory. */
char *lade_boot_instance_name(const char *prefix, const char *object);

/* ---- rules_match.c: what policy files say ---- */

/* A map or program as sections name it. */
struct rules_part {
	bool is_map;
	const char *name, *section; /* section NULL: maps */
};

struct rules_config {
	const char *wanted; /* "CONFIG_X", "CONFIG_X=1000" */
	const struct boot_rule *rule;
};

/* Of one object or part; -1, NULL and what holds anything: not said. Texts are the policy's. */
struct rules_said {
	int critical, optional, attach, order;
	const char *reason, *pin;
	unsigned timeout_ms;
	struct policy_window kernel;
	struct boot_owner owner;
	ARRAY_OF(struct rules_config) configs;
	const struct boot_rule *kernel_rule, *attach_rule; /* who said it */
};
/* part NULL: of the object. 0, -ENOMEM. Clear configs. */
int lade_rules_gather(const struct boot_policy *policy, const struct lade_object *object, const struct rules_part *part,
		      struct rules_said *ret_said);

/* ---- rules_config.c ---- */
enum rules_answer { RULES_NO, RULES_YES, RULES_UNKNOWN };
/* Does the kernel have it? *ret_value: what it has; NULL: not set, or not known. */
enum rules_answer lade_rules_config(const struct boot_policy *policy, const char *wanted, const char **ret_value);

/* ---- rules_pins.c ---- */
/* Where a map or program of the object is pinned outside its instance. *ret_pin NULL: nowhere. 0, -ENOMEM. */
int lade_rules_map_pin(const struct boot_location *location, const struct lade_map *map, const struct rules_said *said,
		       bool has_owner, char **ret_pin);
int lade_rules_program_pin(const struct boot_location *location, const struct lade_program *program,
			   const struct rules_said *said, bool has_owner, char **ret_pin);

#endif
