/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes before a kernel is entered: the policy, the directories, the objects and what becomes of each. */
#ifndef LADE_BOOT_PREPARE_H
#define LADE_BOOT_PREPARE_H

#include "boot/boot.h"

/* boot.options (usage), and the findings of policy.h. */
int lade_boot_choose_policy(struct boot_run *run, struct lade_error **error);
/* All locations. boot.directory.read, boot.directory.missing, boot.only. */
int lade_boot_find_objects(struct boot_run *run, struct lade_error **error);
/* Opens and decides, in parallel; then puts the objects of each location into their order. */
void lade_boot_read_objects(struct boot_run *run);

#endif
