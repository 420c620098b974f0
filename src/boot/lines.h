/* SPDX-License-Identifier: BSD-2-Clause */
/* What Android's loader would log, in its words, so that what is written about it still matches. */
#ifndef LADE_BOOT_LINES_H
#define LADE_BOOT_LINES_H

#include "boot/boot.h"

/* Of an object that was tried, into its own log; and its value. On whichever thread loaded it. */
void lade_boot_load_lines(struct boot_item *item, const struct boot_policy *policy);
/* On the caller's thread. */
void lade_boot_begin_lines(struct boot_run *run);
/* Of the objects that are done, as far as all before them are. */
void lade_boot_tell_lines(struct boot_run *run);
void lade_boot_critical_lines(struct boot_run *run);

#endif
