/* SPDX-License-Identifier: BSD-2-Clause */
/* Which objects a directory holds. */
#ifndef LADE_BOOT_SCAN_H
#define LADE_BOOT_SCAN_H

#include <stdbool.h>

#include "base/array.h"
#include "base/error.h"

struct boot_file {
	char *path; /* as shown: root, directory, name */
	char *real; /* where the links below the root lead to; NULL: path can be opened as it is */
	char *leaf;
	bool absent; /* a link below the root that leads nowhere: not to be opened */
};
struct boot_files {
	struct boot_file *items; /* sorted by leaf */
	size_t count, capacity;
};

/*
 * Entries of directory whose names end so (suffix), or in .o or .bpf (NULL). With a root, no symbolic link leads out of
 * it: absolute ones and ".." mean the root. -ENOENT without a finding: there is no such directory. boot.directory.read.
 */
int lade_boot_scan(const char *root, const char *directory, const char *suffix, struct boot_files *ret_files,
		   struct lade_error **error);
void lade_boot_files_clear(struct boot_files *files);

#endif
