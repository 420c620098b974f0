/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file of any form that holds the types of a kernel to BTF that is looked at where it lies. */
#ifndef LADE_BTF_KERNEL_FILE_H
#define LADE_BTF_KERNEL_FILE_H

#include "btf/lazy.h"

struct lade_kernel_file {
	const char *path;
	struct lade_btf *base; /* NULL: not split */
	bool never_map;        /* read on demand even what could be mapped */
	bool map_late;         /* most likely little of it will be looked at: mapped only when it is more */
};

/*
 * Raw BTF, ELF with a section .BTF, or either of them packed. Findings: btf.kernel.file (cannot be opened or read; the
 * errno says why), btf.kernel.format (holds no types, or cannot be unpacked), btf.kernel.damaged.
 */
int lade_kernel_file_open(const struct lade_kernel_file *file, struct lade_btf **ret_btf, struct lade_error **error);
/* The same of BTF that is in memory already: file->path is what messages call it. Takes bytes. */
int lade_kernel_file_bytes(const struct lade_kernel_file *file, struct lade_bytes *bytes, struct lade_btf **ret_btf,
			   struct lade_error **error);

#endif
