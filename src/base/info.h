/* SPDX-License-Identifier: BSD-2-Clause */
/* The two conventions for structs that cross the ABI: info (filled by us) and options (read by us). */
#ifndef LADE_BASE_INFO_H
#define LADE_BASE_INFO_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Copies as much of `full` as the caller has room for; a longer tail of the caller's is zeroed. */
static inline int info_fill(void *info, const void *full, size_t full_size)
{
	size_t caller_size;
	memcpy(&caller_size, info, sizeof caller_size);
	if (caller_size < sizeof caller_size)
		return -EINVAL;
	size_t common = caller_size < full_size ? caller_size : full_size;
	memcpy(info, full, common);
	memcpy(info, &caller_size, sizeof caller_size);
	if (caller_size > full_size)
		memset((char *)info + full_size, 0, caller_size - full_size);
	return 0;
}

/*
 * Reads the caller's options into `known`, whose tail stays zero where the caller's struct is shorter.
 * -E2BIG when the caller sets something this library does not know; -EINVAL for a size that is none.
 */
static inline int opts_read(void *known, size_t known_size, const void *opts)
{
	memset(known, 0, known_size);
	if (!opts)
		return 0;
	size_t caller_size;
	memcpy(&caller_size, opts, sizeof caller_size);
	if (caller_size < sizeof caller_size)
		return -EINVAL;
	for (size_t i = known_size; i < caller_size; i++)
		if (((const unsigned char *)opts)[i])
			return -E2BIG;
	memcpy(known, opts, caller_size < known_size ? caller_size : known_size);
	return 0;
}

#endif
