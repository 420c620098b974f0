/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the input as a file with a kernel's types, as --btf takes it: raw, ELF, packed. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "btf/kernel_types.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define MOST_TYPES 2000u /* of one input: what unpacks to millions of them is only slow */

static volatile uint64_t sum;

static void use_type(const struct lade_btf *btf, uint32_t id)
{
	const struct btf_type *type = lade_btf_type(btf, id);
	struct strbuf text = { 0 };
	sum += strlen(lade_btf_type_name(btf, id)) + lade_btf_skip_modifiers(btf, id) +
	       (uint64_t)lade_btf_size(btf, id);
	lade_btf_spell(btf, id, &text);
	lade_strbuf_clear(&text);
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		if (lade_btf_members(type))
			sum += strlen(lade_btf_string(btf, lade_btf_members(type)[i].name_off)) +
			       strlen(lade_btf_type_name(btf, lade_btf_members(type)[i].type));
		if (lade_btf_enums64(type))
			sum += lade_btf_enums64(type)[i].val_hi32;
	}
}

static void use(struct kernel_types *types)
{
	static const char *const names[] = { "int", "pair", "task_struct___x", "a", "compute" };
	const struct kernel_type_list *list = NULL;
	const struct lade_btf *base = lade_kernel_types_base(types);
	if (lade_kernel_types_want(types, names, 2, NULL) == 0)
		for (size_t i = 0; i < ELEMENTS(names); i++) /* the last ones by way of an index */
			if (lade_kernel_types_find(types, names[i], &list, NULL) == 0)
				array_foreach(found, list)
					if (!lade_btf_type(found->btf, found->id))
						__builtin_trap();
	for (uint32_t id = 0; id <= lade_btf_count(base) && id < MOST_TYPES; id++)
		use_type(base, id);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	CLEANUP(cleanup_kernel_types) struct kernel_types *types = NULL;
	CLEANUP(cleanup_lade_error) struct lade_error *error = NULL;
	char path[64];
	int fd = memfd_create("kernel", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		__builtin_trap();
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (lade_kernel_types_open(&(struct kernel_types_options){ .file = path }, &types, &error) == 0)
		use(types);
	else if (lade_error_finding_count(error) != 1)
		__builtin_trap();
	(void)close(fd);
	return 0;
}
