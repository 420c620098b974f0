/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds of BTF: the smallest BTF that holds one, behind an int that it may refer to. */
#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "kernel/bpf.h"
#include "kernel/probe.h"

#define INT_WORDS  4
#define KIND(kind) ((uint32_t)(kind) << 24)

enum { NAME = 1, SECTION_NAME = 3, INT = 1, FIRST = 2 };
static const char strings[] = { 0, 'a', 0, '.', 'x', 0 };

/* Types from the second on: name, info, size or type, and what the kind has besides. */
static const struct form {
	uint32_t count, words[12];
} forms[] = {
	[BTF_KIND_INT] = { 4, { NAME, KIND(BTF_KIND_INT), 4, 32 } },
	[BTF_KIND_PTR] = { 3, { 0, KIND(BTF_KIND_PTR), INT } },
	[BTF_KIND_ARRAY] = { 6, { 0, KIND(BTF_KIND_ARRAY), 0, INT, INT, 1 } },
	[BTF_KIND_STRUCT] = { 6, { 0, KIND(BTF_KIND_STRUCT) | 1, 4, NAME, INT, 0 } },
	[BTF_KIND_UNION] = { 6, { 0, KIND(BTF_KIND_UNION) | 1, 4, NAME, INT, 0 } },
	[BTF_KIND_ENUM] = { 5, { 0, KIND(BTF_KIND_ENUM) | 1, 4, NAME, 0 } },
	[BTF_KIND_FWD] = { 3, { NAME, KIND(BTF_KIND_FWD), 0 } },
	[BTF_KIND_TYPEDEF] = { 3, { NAME, KIND(BTF_KIND_TYPEDEF), INT } },
	[BTF_KIND_VOLATILE] = { 3, { 0, KIND(BTF_KIND_VOLATILE), INT } },
	[BTF_KIND_CONST] = { 3, { 0, KIND(BTF_KIND_CONST), INT } },
	[BTF_KIND_RESTRICT] = { 3, { 0, KIND(BTF_KIND_RESTRICT), INT } },
	[BTF_KIND_FUNC] = { 6, { 0, KIND(BTF_KIND_FUNC_PROTO), 0, NAME, KIND(BTF_KIND_FUNC), FIRST } },
	[BTF_KIND_FUNC_PROTO] = { 3, { 0, KIND(BTF_KIND_FUNC_PROTO), 0 } },
	[BTF_KIND_VAR] = { 4, { NAME, KIND(BTF_KIND_VAR), INT, 0 } },
	[BTF_KIND_DATASEC] = { 10,
			       { NAME, KIND(BTF_KIND_VAR), INT, 1, SECTION_NAME, KIND(BTF_KIND_DATASEC) | 1, 4, FIRST,
				 0, 4 } },
	[BTF_KIND_FLOAT] = { 3, { NAME, KIND(BTF_KIND_FLOAT), 4 } },
	[BTF_KIND_DECL_TAG] = { 7,
				{ NAME, KIND(BTF_KIND_TYPEDEF), INT, NAME, KIND(BTF_KIND_DECL_TAG), FIRST,
				  UINT32_MAX /* the whole type */ } },
	[BTF_KIND_TYPE_TAG] = { 3, { NAME, KIND(BTF_KIND_TYPE_TAG), INT } },
	[BTF_KIND_ENUM64] = { 6, { NAME, KIND(BTF_KIND_ENUM64) | 1, 8, NAME, 0, 0 } },
};

enum probe_answer lade_probe_btf_kind(struct kernel *kernel, uint32_t kind)
{
	const uint32_t first[INT_WORDS] = { NAME, KIND(BTF_KIND_INT), 4, 32 };
	uint8_t bytes[sizeof(struct btf_header) + sizeof first + sizeof forms->words + sizeof strings];

	if (kind >= ELEMENTS(forms) || !forms[kind].count)
		return PROBE_UNKNOWN;
	uint32_t length = (uint32_t)sizeof first + forms[kind].count * (uint32_t)sizeof(uint32_t);
	const struct btf_header header = { .magic = BTF_MAGIC,
					   .version = 1,
					   .hdr_len = sizeof header,
					   .type_len = length,
					   .str_off = length,
					   .str_len = sizeof strings };
	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + sizeof header, first, sizeof first);
	memcpy(bytes + sizeof header + sizeof first, forms[kind].words, length - sizeof first);
	memcpy(bytes + sizeof header + length, strings, sizeof strings);
	struct attr_btf_load attr = { .btf = (uintptr_t)bytes,
				      .btf_size = (uint32_t)(sizeof header + length + sizeof strings) };
	CLEANUP(cleanup_fd) int fd = lade_bpf_btf_load(kernel, &attr);
	return fd >= 0 ? PROBE_YES : fd == -EINVAL ? PROBE_NO : PROBE_UNKNOWN;
}
