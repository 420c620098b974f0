/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small files that a boot keeps for others: replaced in one step, read with a bound, and only believed when nobody but
 * us or root can have written them. NAME is a plain name in DIRECTORY.
 */
#ifndef LADE_BOOT_KEPT_FILE_H
#define LADE_BOOT_KEPT_FILE_H

#include <stddef.h>

/*
 * Makes the directory (0755) with those above it. The file is 0644. Negative errno: the old file is still there.
 * -EPERM: others may write to the directory.
 */
int lade_kept_write(const char *directory, const char *name, const void *bytes, size_t length);
/* NUL-terminated, to be freed. -ENOENT; -EFBIG: more than max bytes; -EPERM: others may have written it. */
int lade_kept_read(const char *directory, const char *name, size_t max, char **ret_text, size_t *ret_length);
/* 0 also when there is none. */
int lade_kept_remove(const char *directory, const char *name);

#endif
