/* SPDX-License-Identifier: BSD-2-Clause */
/* An option of a kernel that is not here, for callers. */
#include "target/target.h"

LADE_API const char *lade_target_option_value(struct lade_target *target, const char *option)
{
	const char *value = NULL;
	struct known_fact fact = lade_target_option(target, option, &value);

	if (fact.answer == KNOWN_NOT)
		return NULL;
	if (fact.answer == KNOWN_NO)
		return "n";
	return value ? value : "y";
}
