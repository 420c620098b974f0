/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a kernel's configuration lies. */
#ifndef LADE_KERNEL_CONFIG_FILE_H
#define LADE_KERNEL_CONFIG_FILE_H

#include "kernel/config.h"

/* Reads the first of the known places that is there, or the one that was read before. As lade_kernel_config_find(). */
int lade_config_find_file(struct kernel_config *config, struct lade_error **error);

#endif
