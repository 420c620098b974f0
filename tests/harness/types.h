/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of a kernel that is not here, made from an object's BTF. */
#ifndef LADE_TESTS_TYPES_H
#define LADE_TESTS_TYPES_H

#include "btf/kernel_types.h"

/* The kernel has the types of `base`; its one module (NULL: it has none) the function `function` of type void (void).
 */
struct kernel_types *made_types(const struct lade_btf *base, const char *module, const char *function);

#endif
