/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of the kernel that a policy asks for. */
#include <stdio.h>
#include <string.h>

#include "boot/rules.h"

/* CONFIG_X stands for y or m. */
static bool is_wanted(const char *wanted, size_t name, const char *value)
{
	if (wanted[name] == '=')
		return value && strcmp(value, wanted + name + 1) == 0;
	return value && (strcmp(value, "y") == 0 || strcmp(value, "m") == 0);
}

enum rules_answer lade_rules_config(const struct boot_policy *policy, const char *wanted, const char **ret_value)
{
	size_t length = strcspn(wanted, "=");
	char name[128];
	*ret_value = NULL;
	(void)snprintf(name, sizeof name, "%.*s", (int)length, wanted);
	if (length >= sizeof name || !policy->device.config || !lade_kernel_config_knows(policy->device.config, name))
		return RULES_UNKNOWN;
	*ret_value = lade_kernel_config_value(policy->device.config, name);
	return is_wanted(wanted, length, *ret_value) ? RULES_YES : RULES_NO;
}
