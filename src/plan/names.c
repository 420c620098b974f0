/* SPDX-License-Identifier: BSD-2-Clause */
/* Names as the kernel takes them: [A-Za-z0-9_.], 15 characters and a NUL (since 4.15). */
#include <string.h>

#include "base/ascii.h"
#include "plan/plan.h"

void lade_plan_kernel_name(char result[16], const char *name)
{
	size_t length = strnlen(name, BPF_OBJ_NAME_LEN - 1);

	memset(result, 0, BPF_OBJ_NAME_LEN);
	for (size_t i = 0; i < length; i++)
		result[i] = (char)(is_ascii_alnum(name[i]) || name[i] == '.' ? name[i] : '_');
}
