/* SPDX-License-Identifier: BSD-2-Clause */
/* Text to bytes, by BTF type. */
#ifndef LADE_OBJECT_VALUE_H
#define LADE_OBJECT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/btf.h"

struct value {
	const struct lade_btf *btf; /* NULL: the length decides */
	uint32_t type;              /* 0: unknown */
	bool big_endian;
	uint8_t *bytes; /* written; the caller's old content is replaced as a whole */
	size_t length;
	const char *wanted; /* on failure: the form that is wanted, static text */
};

/* -EINVAL: text cannot be read; -ERANGE: it can, but does not fit. */
int lade_value_parse(struct value *value, const char *text);

#endif
