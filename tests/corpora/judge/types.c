/* SPDX-License-Identifier: BSD-2-Clause */
#include "types.h"

#include <linux/btf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_objects.h"

#ifndef BTF_KIND_ENUM64
#define BTF_KIND_ENUM64 19
#endif
#define MOST_KINDS 32
#define DEEPEST    12 /* of a type that is printed */

struct types {
	char *bytes;
	uint32_t size;
	const char *strings;
	uint32_t strings_length;
	const struct btf_type **items; /* [0] is void */
	uint32_t count;
};

/* Bytes behind the common 12: fixed, and for each of vlen. */
static const struct {
	uint8_t fixed, each;
} sizes[MOST_KINDS] = {
	[BTF_KIND_INT] = { 4, 0 },
	[BTF_KIND_ARRAY] = { sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM] = { 0, sizeof(struct btf_enum) },
	[BTF_KIND_FUNC_PROTO] = { 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR] = { 4, 0 },
	[BTF_KIND_DATASEC] = { 0, sizeof(struct btf_var_secinfo) },
	[BTF_KIND_DECL_TAG] = { 4, 0 },
	[BTF_KIND_ENUM64] = { 0, 12 },
};

static uint32_t kind_of(const struct btf_type *type)
{
	return BTF_INFO_KIND(type->info) % MOST_KINDS;
}

static uint32_t count_or_fill(const struct btf_header *header, const char *first, const struct btf_type **items)
{
	uint32_t count = 1;

	for (const char *at = first, *end = first + header->type_len; at + sizeof(struct btf_type) <= end; count++) {
		const struct btf_type *type = (const void *)at;

		if (items)
			items[count] = type;
		at += sizeof *type + sizes[kind_of(type)].fixed +
		      (size_t)sizes[kind_of(type)].each * BTF_INFO_VLEN(type->info);
	}
	return count;
}

static const struct types *parse(char *bytes, uint32_t size)
{
	const struct btf_header *header = (const void *)bytes;
	struct types *types = calloc(1, sizeof *types);
	const char *first = bytes + header->hdr_len + header->type_off;

	if (!types)
		return NULL;
	*types = (struct types){ .bytes = bytes, .size = size };
	types->strings = bytes + header->hdr_len + header->str_off;
	types->strings_length = header->str_len;
	types->count = count_or_fill(header, first, NULL);
	types->items = calloc(types->count, sizeof(struct btf_type *));
	if (types->items)
		(void)count_or_fill(header, first, types->items);
	return types->items ? types : NULL;
}

const struct types *types_of(int btf_fd)
{
	static const struct types *known[16];
	static unsigned known_count;
	uint32_t size;
	char *bytes = kernel_btf_bytes(btf_fd, &size);

	for (unsigned i = 0; bytes && i < known_count; i++)
		if (known[i]->size == size && memcmp(known[i]->bytes, bytes, size) == 0) {
			free(bytes);
			return known[i];
		}
	if (!bytes || known_count == sizeof known / sizeof *known)
		return NULL;
	known[known_count] = parse(bytes, size);
	return known[known_count] ? known[known_count++] : NULL;
}

const char *types_string(const struct types *types, uint32_t offset)
{
	return offset < types->strings_length ? types->strings + offset : "beyond the strings";
}

static void print(FILE *out, const struct types *types, uint32_t id, unsigned depth);

static void print_array(FILE *out, const struct types *types, const struct btf_type *type, unsigned depth)
{
	const struct btf_array *array = (const void *)(type + 1);

	print(out, types, array->type, depth);
	(void)fprintf(out, "[%u]", array->nelems);
}

static void print_prototype(FILE *out, const struct types *types, const struct btf_type *type, unsigned depth)
{
	const struct btf_param *parameters = (const void *)(type + 1);

	print(out, types, type->type, depth);
	(void)fputs(" (", out);
	for (uint32_t i = 0; i < BTF_INFO_VLEN(type->info); i++) {
		(void)fputs(i ? ", " : "", out);
		print(out, types, parameters[i].type, depth);
		(void)fprintf(out, " %s", types_string(types, parameters[i].name_off));
	}
	(void)fputc(')', out);
}

static const char *const words[MOST_KINDS] = {
	[BTF_KIND_PTR] = "*",
	[BTF_KIND_STRUCT] = "struct ",
	[BTF_KIND_UNION] = "union ",
	[BTF_KIND_ENUM] = "enum ",
	[BTF_KIND_ENUM64] = "enum64 ",
	[BTF_KIND_FWD] = "forward ",
	[BTF_KIND_VOLATILE] = "volatile ",
	[BTF_KIND_CONST] = "const ",
	[BTF_KIND_RESTRICT] = "restrict ",
	[BTF_KIND_DATASEC] = "section ",
	[BTF_KIND_FUNC] = "function ",
};

static const uint32_t pass_on = 1U << BTF_KIND_PTR | 1U << BTF_KIND_VOLATILE | 1U << BTF_KIND_CONST |
				1U << BTF_KIND_RESTRICT | 1U << BTF_KIND_FUNC;

static void print(FILE *out, const struct types *types, uint32_t id, unsigned depth)
{
	const struct btf_type *type = id && id < types->count ? types->items[id] : NULL;
	uint32_t kind = type ? kind_of(type) : 0;

	if (!type || depth == DEEPEST)
		(void)fputs(type ? "…" : id ? "beyond the types" : "void", out);
	else if (kind == BTF_KIND_ARRAY)
		print_array(out, types, type, depth + 1);
	else if (kind == BTF_KIND_FUNC_PROTO)
		print_prototype(out, types, type, depth + 1);
	else {
		(void)fprintf(out, "%s%s", words[kind] ? words[kind] : "", types_string(types, type->name_off));
		if (kind == BTF_KIND_FUNC)
			(void)fprintf(out, " linkage %u ", BTF_INFO_VLEN(type->info));
		if (pass_on >> kind & 1)
			print(out, types, type->type, depth + 1);
		else if (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION)
			(void)fprintf(out, "{%u members, %u bytes}", BTF_INFO_VLEN(type->info), type->size);
	}
}

void types_print(FILE *out, const struct types *types, uint32_t id)
{
	print(out, types, id, 0);
}

/* In these kinds every item begins with its name. */
static const uint32_t named_items = 1U << BTF_KIND_STRUCT | 1U << BTF_KIND_UNION | 1U << BTF_KIND_ENUM |
				    1U << BTF_KIND_ENUM64 | 1U << BTF_KIND_FUNC_PROTO;

static void print_items(FILE *out, const struct types *types, const struct btf_type *type)
{
	const uint32_t *words_of_type = (const void *)(type + 1);
	uint32_t kind = kind_of(type), each = sizes[kind].each / 4U, fixed = sizes[kind].fixed / 4U;

	for (uint32_t i = 0; i < fixed + each * BTF_INFO_VLEN(type->info); i++)
		if ((named_items >> kind & 1) && i % each == 0)
			(void)fprintf(out, "; %s", types_string(types, words_of_type[i]));
		else
			(void)fprintf(out, " %u", words_of_type[i]);
}

void types_print_all(FILE *out, const struct types *types)
{
	for (uint32_t id = 1; id < types->count; id++) {
		const struct btf_type *type = types->items[id];

		(void)fprintf(out, "[%u] kind %u flag %u %s %u", id, kind_of(type), BTF_INFO_KFLAG(type->info),
			      types_string(types, type->name_off), type->size);
		print_items(out, types, type);
		(void)fputc('\n', out);
	}
}
