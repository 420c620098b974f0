/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_BOOT_DIRECTORIES_H
#define LADE_BOOT_DIRECTORIES_H

#include "kernel/kernel.h"

/*
 * Makes the directories of a prefix below bpffs ("net_shared/"), 0755 and ours; those that are there must be root's or
 * ours, and no others may put things in their place. boot.directory.foreign, boot.directory.make.
 */
int lade_boot_make_directory(struct kernel *kernel, const char *bpffs, const char *prefix, struct lade_error **error);

#endif
