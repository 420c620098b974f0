/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where names stand among the strings of BTF: all that are wanted in one pass. A string is a wanted name when it is
 * the same without its flavour ("task_struct___old" is "task_struct"). Strings start after a zero byte, as whatever
 * writes BTF puts them; a name that points into the middle of one is not seen.
 */
#ifndef LADE_BTF_SCAN_H
#define LADE_BTF_SCAN_H

#include "btf/lazy.h"

/* Length without flavour: the part before the last "___" between two characters that are no underscores. */
size_t lade_btf_essential_length(const char *name, size_t length);

struct lade_scan;
/* offset: as types name it, also in split BTF. 0, or negative to end the scan. */
typedef int lade_scan_fn(void *context, size_t name, uint32_t offset);

/* At most UINT16_MAX names, which are borrowed; they have no flavour. */
struct lade_scan *lade_scan_new(size_t most);
struct lade_scan *lade_scan_free(struct lade_scan *scan);
/* The n-th name added is number n. */
void lade_scan_add(struct lade_scan *scan, const char *name, size_t length);
/* Over the BTF's own strings. What found returned, or btf.kernel.file. */
int lade_scan_run(const struct lade_scan *scan, const struct lade_btf *btf, lade_scan_fn *found, void *context,
		  struct lade_error **error);

DEFINE_CLEANUP(struct lade_scan, lade_scan, lade_scan_free)

#endif
