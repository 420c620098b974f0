/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer, as callers see it. */
#include "check/check.h"

LADE_API const char *lade_check_answer_name(enum lade_check_answer answer)
{
	static const char *const names[] = {
		[LADE_CHECK_LOADS] = "loads",
		[LADE_CHECK_CANNOT_SAY] = "cannot say",
		[LADE_CHECK_DOES_NOT] = "does not load",
	};

	return (size_t)answer < ELEMENTS(names) ? names[answer] : names[LADE_CHECK_CANNOT_SAY];
}

LADE_API struct lade_check *lade_check_free(struct lade_check *check)
{
	if (!check)
		return NULL;
	lade_findings_clear(&check->findings);
	free(check);
	return NULL;
}

LADE_API enum lade_check_answer lade_check_answer(const struct lade_check *check)
{
	return check->answer;
}

LADE_API bool lade_check_by_table(const struct lade_check *check)
{
	return check->by_table;
}

LADE_API size_t lade_check_finding_count(const struct lade_check *check)
{
	return check->findings.count;
}

LADE_API const struct lade_finding *lade_check_finding(const struct lade_check *check, size_t index)
{
	return index < check->findings.count ? check->findings.items[index] : NULL;
}
