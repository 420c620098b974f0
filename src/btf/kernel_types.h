/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of a kernel that programs are made for: its own BTF and that of its modules. Both are looked at where
 * they lie, mapped where the file allows it (/sys/kernel/btf since 6.16), else read block by block on demand; never
 * copied whole, never validated whole: each record is checked when it is looked at.
 *
 * One of these is shared by all objects of a context, with every name that was resolved. Used by one thread at a
 * time.
 */
#ifndef LADE_BTF_KERNEL_TYPES_H
#define LADE_BTF_KERNEL_TYPES_H

#include "btf/btf.h"

struct kernel_types;
struct lade_bytes;

struct kernel_types_options {
	/* Raw BTF, ELF with .BTF (vmlinux), either of them gzip, xz or zstd, or a directory of BTF files by kernel
	 * release; NULL: search. */
	const char *file;
	const char *path;    /* directories of BTF files by kernel release, ':' between them; NULL: none */
	const char *release; /* of the kernel meant, as uname -r says it; NULL: the running one's */
	const char *sysfs;   /* NULL: /sys/kernel/btf */
	const char *cache;   /* directory in which an index is kept between runs; NULL: none */
	bool never_map;      /* read on demand even what could be mapped: for tests and measurements */
	struct lade_bytes *bytes; /* BTF that is in memory, and taken; file is what messages call it. NULL: there is none */
};

/*
 * Opens; reads only the header. -ENOENT with btf.kernel.absent (evidence: each path tried and why it failed; the
 * fix), btf.kernel.file, btf.kernel.format, btf.kernel.damaged.
 */
int lade_kernel_types_open(const struct kernel_types_options *options, struct kernel_types **ret_types,
			   struct lade_error **error);
struct kernel_types *lade_kernel_types_free(struct kernel_types *types);

/* The kernel's own. All accessors of btf.h work on it; type ids are the kernel's. */
const struct lade_btf *lade_kernel_types_base(const struct kernel_types *types);
/* A module's, split from the base; NULL: there is none (no error). Module names as in /sys/kernel/btf. */
const struct lade_btf *lade_kernel_types_module(struct kernel_types *types, const char *module);

struct kernel_type {
	const struct lade_btf *btf;
	uint32_t id;
	const char *module; /* NULL: the kernel itself. Borrowed from types. */
};
struct kernel_type_list {
	struct kernel_type *items;
	size_t count, capacity;
};

/*
 * Names that will be asked for, flavours included ("task_struct___old" counts as "task_struct"): all unknown ones are
 * found in one walk over the types. Names asked for without being announced cost a walk each.
 */
int lade_kernel_types_want(struct kernel_types *types, const char *const *names, size_t count,
			   struct lade_error **error);
/*
 * All types of the kernel, of any kind, whose name without flavour is that of `name` without flavour, by ascending id.
 * The list may be empty; it lives as long as types. -ENOMEM, or what reading failed with.
 */
int lade_kernel_types_find(struct kernel_types *types, const char *name, const struct kernel_type_list **ret_list,
			   struct lade_error **error);
/* The same among modules. */
int lade_kernel_types_find_in_modules(struct kernel_types *types, const char *name,
				      const struct kernel_type_list **ret_list, struct lade_error **error);
/* First of this very name and kind in the kernel, else (modules true) in a module; id 0: none. */
int lade_kernel_types_exact(struct kernel_types *types, const char *name, uint32_t kind, bool modules,
			    struct kernel_type *ret_type, struct lade_error **error);

DEFINE_CLEANUP(struct kernel_types, kernel_types, lade_kernel_types_free)

#endif
