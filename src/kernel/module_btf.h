/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_KERNEL_MODULE_BTF_H
#define LADE_KERNEL_MODULE_BTF_H

#include "kernel/kernel.h"

/* Descriptor of the BTF of a loaded module; -ENOENT: no such module, or without BTF (since 5.11). */
int lade_kernel_module_btf(struct kernel *kernel, const char *module);

#endif
