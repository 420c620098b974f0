/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of the kernel's configuration as a program sees them: text of a line CONFIG_NAME=text becomes the bytes of
 * the variable that was declared with __kconfig. Same rules as libbpf's.
 */
#ifndef LADE_OBJECT_KCONFIG_H
#define LADE_OBJECT_KCONFIG_H

#include "object/model.h"

/* What a variable of this type can hold. KCONFIG_NONE: a type that no option has. */
enum kconfig_type lade_kconfig_type(const struct lade_btf *btf, uint32_t type, bool *ret_signed);
/* "bool (y or n)" … for messages. */
const char *lade_kconfig_type_text(enum kconfig_type type);

/*
 * Writes outside->length bytes. -EINVAL: text is of another type; -ERANGE: the number does not fit. A text longer than
 * its array is cut, and *ret_cut says so.
 */
int lade_kconfig_value(const struct object_extern *outside, const char *text, uint8_t *bytes, bool *ret_cut);

#endif
