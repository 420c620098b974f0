/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/live.h"

static void write_file(const char *directory, const char *name, const void *bytes, size_t size)
{
	char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* Split BTF goes on where its base ends: ids and offsets of strings both. */
static void write_module(const char *directory, const char *module, const struct lade_btf *base, const char *function)
{
	size_t size;
	const struct btf_header *header = lade_btf_bytes(base, &size);
	uint32_t prototype = lade_btf_count(base);
	uint32_t types[] = {
		0,
		(uint32_t)BTF_KIND_FUNC_PROTO << 24,
		0, /* void (void) */
		header->str_len,
		(uint32_t)BTF_KIND_FUNC << 24,
		prototype,
	};
	struct btf_header split = { .magic = BTF_MAGIC,
				    .version = BTF_VERSION,
				    .hdr_len = sizeof split,
				    .type_len = sizeof types,
				    .str_off = sizeof types,
				    .str_len = (uint32_t)strlen(function) + 1 };
	char bytes[512];
	assert_true(sizeof split + sizeof types + split.str_len <= sizeof bytes);
	memcpy(bytes, &split, sizeof split);
	memcpy(bytes + sizeof split, types, sizeof types);
	memcpy(bytes + sizeof split + sizeof types, function, split.str_len);
	write_file(directory, module, bytes, sizeof split + sizeof types + split.str_len);
}

struct kernel_types *made_types(const struct lade_btf *base, const char *module, const char *function)
{
	char directory[] = "/tmp/lade-types-XXXXXX";
	const struct kernel_types_options options = { .sysfs = directory };
	struct kernel_types *types = NULL;
	size_t size;
	const void *bytes = lade_btf_bytes(base, &size);

	assert_non_null(mkdtemp(directory));
	write_file(directory, "vmlinux", bytes, size);
	if (module)
		write_module(directory, module, base, function);
	assert_int_equal(lade_kernel_types_open(&options, &types, NULL), 0);
	if (module)
		assert_non_null(lade_kernel_types_module(types, module)); /* while its file is there */
	live_remove_tree(directory);
	return types;
}
