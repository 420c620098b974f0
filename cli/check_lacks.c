/* SPDX-License-Identifier: BSD-2-Clause */
/* What the configurations that are known lack of what the objects need: also what comes to light only later. */
#include <string.h>

#include "check.h"

bool check_next_lack(const struct check_matrix *matrix, size_t *position, struct check_lack *ret_lack)
{
	size_t needs = lade_needs_count(matrix->needs);

	for (; needs && *position / needs < matrix->target_count; (*position)++) {
		struct check_lack lack = { .target = *position / needs, .need = { .size = sizeof lack.need } };
		if (lade_needs_get(matrix->needs, *position % needs, &lack.need) < 0 ||
		    lack.need.kind != LADE_NEED_CONFIG)
			continue;
		lack.value = lade_target_option_value(lade_target(matrix->targets, lack.target), lack.need.name);
		if (!lack.value || strcmp(lack.value, "n") != 0)
			continue;
		(*position)++;
		*ret_lack = lack;
		return true;
	}
	return false;
}
