/* SPDX-License-Identifier: BSD-2-Clause */
/* Files packed with gzip, xz or zstd, into memory of bounded size. */
#ifndef LADE_BTF_UNPACK_H
#define LADE_BTF_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "btf/bytes.h"

#define LADE_UNPACK_MAGIC 8u /* bytes of the file that tell how it is packed */

struct lade_packing;
/* NULL: not packed, or in a way that is not known. */
const struct lade_packing *lade_packing_of(const uint8_t *start, size_t length);

/*
 * The whole file. btf.kernel.format: damaged, larger than a BTF may be (or an ELF file that holds one), or packed in a
 * way that this build cannot read; btf.kernel.file: reading failed.
 */
int lade_unpack(const struct lade_packing *packing, int fd, const char *path, struct lade_bytes *ret_bytes,
		struct lade_error **error);

#endif
