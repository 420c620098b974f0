/* SPDX-License-Identifier: BSD-2-Clause */
/* Versions of the kernel, as numbers and as words. */
#include <ctype.h>
#include <stdio.h>

#include "base/array.h"
#include "explain/kernels/kernels.h"

#define PART_MAX 255

bool lade_kernel_parse(const char *text, uint16_t *ret_version)
{
	unsigned parts[2] = { 0 };

	text += *text == 'v';
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		if (!isdigit((unsigned char)*text))
			return false;
		for (; isdigit((unsigned char)*text) && parts[i] <= PART_MAX; text++)
			parts[i] = parts[i] * 10 + (unsigned)(*text - '0');
		if (parts[i] > PART_MAX || (i == 0 && *text++ != '.'))
			return false;
	}
	if (isalpha((unsigned char)*text) || parts[0] < 2)
		return false;
	*ret_version = (uint16_t)(parts[0] << 8 | parts[1]);
	return true;
}

void lade_kernel_spell(uint16_t version, char text[KERNEL_VERSION_BYTES])
{
	*text = '\0';
	if (version)
		(void)snprintf(text, KERNEL_VERSION_BYTES, "%u.%u", version >> 8, version & 0xffU);
}

uint16_t lade_kernel_before(uint16_t version)
{
	static const uint8_t last[] = { [2] = 6, [3] = 19, [4] = 20, [5] = 19, [6] = 19 };
	unsigned major = version >> 8;

	if (version & 0xff)
		return (uint16_t)(version - 1);
	return major && major - 1 < ELEMENTS(last) ? (uint16_t)((major - 1) << 8 | last[major - 1]) : 0;
}
