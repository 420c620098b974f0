/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All names of a kernel with their types, as a hash table: in memory, or in a file that is kept between runs. A file is
 * believed only as far as its pages' checksums go, and an answer only after a look at the type.
 */
#ifndef LADE_BTF_KERNEL_INDEX_H
#define LADE_BTF_KERNEL_INDEX_H

#include "btf/kernel.h"

#define LADE_INDEX_KEY 96u /* bytes of the longest key, with its end */

/* From the BTF; -ENOMEM, or what a walk fails with. */
int lade_kernel_index_build(const struct lade_btf *base, struct lade_kernel_index **ret_index,
			    struct lade_error **error);
struct lade_kernel_index *lade_kernel_index_free(struct lade_kernel_index *index);

/* The types of a name without flavour are added to the list. -EBADMSG: the index is damaged, or another BTF's. */
int lade_kernel_index_find(struct lade_kernel_index *index, const struct lade_btf *base, const char *name,
			   size_t length, struct kernel_type_list *list);

/*
 * What tells this kernel from all others: "BUILDID-SIZE", from the notes that lie beside sysfs' directory of BTF.
 * False: the kernel has no build id.
 */
bool lade_kernel_index_key(const char *sysfs, uint64_t btf_size, char key[LADE_INDEX_KEY]);
/*
 * CACHE/btf/KEY. Directories and file must be ours or root's, and nobody else's to write. NULL: there is none that
 * could be used. Tells the BTF where its types lie.
 */
struct lade_kernel_index *lade_kernel_index_open(const char *cache, const char *key, const struct lade_btf *base);
/* Replaces what is there. False: cannot be kept. */
bool lade_kernel_index_keep(const struct lade_kernel_index *index, const char *cache, const char *key);

DEFINE_CLEANUP(struct lade_kernel_index, kernel_index, lade_kernel_index_free)

#endif
