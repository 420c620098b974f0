/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_BOOT_SELF_TEST_H
#define LADE_BOOT_SELF_TEST_H

#include "kernel/kernel.h"

/*
 * Android's final question to a kernel: kernels of some devices cannot write to an array but at index 0.
 * boot.self-test, with Android's words for it.
 */
int lade_boot_self_test(struct kernel *kernel, struct lade_error **error);

#endif
