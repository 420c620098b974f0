/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files behind kernel_types.h share. */
#ifndef LADE_BTF_KERNEL_H
#define LADE_BTF_KERNEL_H

#include "btf/kernel_types.h"
#include "btf/lazy.h"
#include "btf/scan.h"

/* A name without flavour, and what is known of it. */
struct lade_kernel_name {
	char *name;
	size_t length;
	uint32_t hash;
	bool scanned, resolved, resolved_in_modules;
	bool listed;                /* while names are gathered: it is on the list already */
	ARRAY_OF(uint32_t) strings; /* once scanned: where it stands in the base's strings */
	struct kernel_type_list types, in_modules;
};

struct lade_kernel_module {
	char *name;
	struct lade_btf *btf; /* NULL: cannot be opened, or not tried yet */
	bool tried;
};

struct lade_kernel_index;

struct kernel_types {
	struct lade_btf *base;
	char *sysfs; /* where modules are; NULL: the base is not the running kernel's */
	char *cache; /* NULL: none */
	struct {
		struct lade_kernel_name **items; /* by hash, open addressing; capacity is a power of two */
		size_t count, capacity;
	} names;
	struct {
		struct lade_kernel_module **items;
		size_t count, capacity;
	} modules;
	bool modules_listed;
	bool never_map;
	unsigned passes; /* over all types, to resolve names */
	struct lade_kernel_index *index;
	bool index_tried;
};

/* The BTF that the options mean; is it that of sysfs? */
int lade_kernel_search(const struct kernel_types_options *options, const char *sysfs, struct lade_btf **ret_btf,
		       bool *ret_is_sysfs, struct lade_error **error);

uint32_t lade_kernel_name_hash(const char *name, size_t length);
void lade_kernel_names_clear(struct kernel_types *types);

/* Every module that the kernel shows; opened, as far as it can be. */
int lade_kernel_modules_open(struct kernel_types *types, struct lade_error **error);
void lade_kernel_modules_clear(struct kernel_types *types);

#endif
