/* SPDX-License-Identifier: BSD-2-Clause */
/* Types and names that come after those of another BTF: collected first, then made into one. */
#include <errno.h>
#include <stdlib.h>

#include "btf/internal.h"

#define EXTENSION_BYTES_MOST (1u << 20) /* for a few types a program; what is hostile asks for more */

void lade_btf_extension_begin(struct lade_btf_extension *extension, const struct lade_btf *btf)
{
	*extension = (struct lade_btf_extension){ .next_id = btf->count, .next_name = btf->strings_length };
}

void lade_btf_extension_clear(struct lade_btf_extension *extension)
{
	array_clear(&extension->words);
	array_clear(&extension->names);
}

static bool is_full(const struct lade_btf_extension *extension, size_t more)
{
	return more > EXTENSION_BYTES_MOST ||
	       extension->words.count * sizeof(uint32_t) + extension->names.count > EXTENSION_BYTES_MOST - more;
}

int lade_btf_extension_name(struct lade_btf_extension *extension, const char *name, uint32_t *ret_offset)
{
	size_t length = strlen(name) + 1;
	char *place;

	if (is_full(extension, length))
		return -E2BIG;
	place = array_extend(&extension->names, length);
	if (!place)
		return -ENOMEM;
	memcpy(place, name, length);
	*ret_offset = extension->next_name;
	extension->next_name += (uint32_t)length;
	return 0;
}

int lade_btf_extension_add(struct lade_btf_extension *extension, const struct btf_type *type, const void *tail,
			   size_t tail_bytes, uint32_t *ret_id)
{
	size_t more = sizeof *type + tail_bytes;
	uint32_t *place;

	if (is_full(extension, more))
		return -E2BIG;
	place = array_extend(&extension->words, more / sizeof *place);
	if (!place)
		return -ENOMEM;
	memcpy(place, type, sizeof *type);
	if (tail_bytes)
		memcpy(place + sizeof *type / sizeof *place, tail, tail_bytes);
	*ret_id = extension->next_id++;
	return 0;
}

/* Both inputs are bounded, far below what their sum could overflow. */
int lade_btf_extended(const struct lade_btf *btf, const struct lade_btf_extension *extension, struct lade_btf **ret_btf,
		      struct lade_error **error)
{
	size_t more_types = extension->words.count * sizeof(uint32_t), more_names = extension->names.count;
	size_t size = btf->size + more_types + more_names;
	CLEANUP(cleanup_free) uint8_t *bytes = malloc(size);
	struct btf_header header;
	uint8_t *place = bytes;

	if (!bytes)
		return lade_fail_memory(error);
	memcpy(&header, btf->bytes, sizeof header);
	header.type_len = header.str_off = btf->types_length + (uint32_t)more_types;
	header.str_len = btf->strings_length + (uint32_t)more_names;
	place = mempcpy(place, &header, sizeof header);
	place = mempcpy(place, btf->types, btf->types_length);
	if (more_types)
		place = mempcpy(place, extension->words.items, more_types);
	place = mempcpy(place, btf->strings, btf->strings_length);
	if (more_names)
		memcpy(place, extension->names.items, more_names);
	return lade_btf_parse(bytes, size, "BTF with more types", ret_btf, error);
}
