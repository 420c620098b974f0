/* SPDX-License-Identifier: BSD-2-Clause */
/* One more variable at the end of the types. */
#include <errno.h>
#include <stdlib.h>

#include "btf/internal.h"

#define VARIABLE_BYTES (uint32_t)(sizeof(struct btf_type) + sizeof(struct btf_var))

/* Where the pieces of the longer block lie, and how long they are. */
struct longer {
	uint32_t types, strings;
	size_t size;
};

static int measure(const struct lade_btf *btf, const char *name, struct longer *longer)
{
	size_t length = strlen(name) + 1;
	if (length > LADE_BTF_MAX_BYTES || __builtin_add_overflow(btf->types_length, VARIABLE_BYTES, &longer->types) ||
	    __builtin_add_overflow(btf->strings_length, (uint32_t)length, &longer->strings) ||
	    longer->types > LADE_BTF_MAX_BYTES || longer->strings > LADE_BTF_MAX_BYTES || btf->count == UINT32_MAX)
		return -E2BIG;
	longer->size = sizeof(struct btf_header) + longer->types + longer->strings;
	return 0;
}

static uint8_t *rebuild(const struct lade_btf *btf, const struct longer *longer, const char *name, uint32_t type,
			uint32_t linkage)
{
	uint8_t *bytes = malloc(longer->size);
	struct btf_header header;
	if (!bytes)
		return NULL;
	memcpy(&header, btf->bytes, sizeof header);
	header.type_len = header.str_off = longer->types;
	header.str_len = longer->strings;
	struct btf_type record = { .name_off = btf->strings_length,
				   .info = (uint32_t)BTF_KIND_VAR << 24,
				   .type = type };
	struct btf_var variable = { .linkage = linkage };
	uint8_t *types = bytes + sizeof header, *strings = types + longer->types;
	memcpy(bytes, &header, sizeof header);
	memcpy(types, btf->types, btf->types_length);
	memcpy(types + btf->types_length, &record, sizeof record);
	memcpy(types + btf->types_length + sizeof record, &variable, sizeof variable);
	memcpy(strings, btf->strings, btf->strings_length);
	memcpy(strings + btf->strings_length, name, strlen(name) + 1);
	return bytes;
}

/* Names that others hold point into the old block: it lives as long as the BTF. */
static bool retire(struct lade_btf *btf)
{
	uint8_t **place = array_push(&btf->retired); /* NOLINT: items are pointers */
	if (place)
		*place = btf->bytes;
	return place;
}

int lade_btf_add_variable(struct lade_btf *btf, const char *name, uint32_t type, uint32_t linkage, uint32_t *ret_id)
{
	struct longer longer;
	int result = measure(btf, name, &longer);
	if (result < 0)
		return result;
	uint32_t *offsets = realloc(btf->offsets, ((size_t)btf->count + 1) * sizeof *offsets);
	if (!offsets)
		return -ENOMEM;
	btf->offsets = offsets;
	uint8_t *bytes = rebuild(btf, &longer, name, type, linkage);
	if (!bytes || !retire(btf)) {
		free(bytes);
		return -ENOMEM;
	}
	offsets[btf->count] = btf->types_length;
	*ret_id = btf->count++;
	btf->bytes = bytes;
	btf->size = longer.size;
	btf->types = bytes + sizeof(struct btf_header);
	btf->types_length = longer.types;
	btf->strings = (const char *)btf->types + longer.types;
	btf->strings_length = longer.strings;
	return 0;
}
