/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding where each type record starts and ends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "btf/internal.h"

int lade_btf_fail_type(const struct lade_btf_place *place, const char *format, ...)
{
	char text[256];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	/* A kernel's own is not mended by compiling the object again. */
	return lade_fail(place->error, EINVAL, place->btf->lazy ? "btf.kernel.damaged" : "btf.type",
			 "%s: type %u at offset %u of .BTF: %s", place->file, place->id, place->offset, text);
}

/* Bytes after struct btf_type. */
static int payload_size(const struct lade_btf_place *place, const struct btf_type *type,
			const struct lade_btf_layout *layouts, uint32_t layout_count, uint64_t *ret_bytes)
{
	uint32_t kind = lade_btf_kind(type);
	const struct lade_btf_kind_rule *rule = lade_btf_kind_rule(kind);
	if (rule) {
		*ret_bytes = rule->fixed + (uint64_t)rule->element * lade_btf_vlen(type);
		return 0;
	}
	if (kind == BTF_KIND_UNKN || kind >= layout_count)
		return lade_btf_fail_type(place, "kind %u is not known, and no layout section tells its size", kind);
	if (place->btf->was_swapped)
		return lade_btf_fail_type(place, "kind %u is not known, so its byte order cannot be changed", kind);
	const struct lade_btf_layout *layout = &layouts[kind];
	if (layout->info_size % sizeof(uint32_t) || layout->element_size % sizeof(uint32_t))
		return lade_btf_fail_type(place, "kind %u has a layout of %u and %u bytes, not multiples of 4", kind,
					  layout->info_size, layout->element_size);
	*ret_bytes = layout->info_size + (uint64_t)layout->element_size * lade_btf_vlen(type);
	return 0;
}

static int record_size(const struct lade_btf_place *place, const struct lade_btf_layout *layouts, uint32_t layout_count,
		       uint32_t *ret_bytes)
{
	const struct lade_btf *btf = place->btf;
	uint64_t left = btf->types_length - place->offset, payload = 0;
	if (left < sizeof(struct btf_type))
		return lade_btf_fail_type(place, "only %llu bytes are left; a type has %zu or more",
					  (unsigned long long)left, sizeof(struct btf_type));
	const struct btf_type *type = (const struct btf_type *)(const void *)(btf->types + place->offset);
	int result = payload_size(place, type, layouts, layout_count, &payload);
	if (result < 0)
		return result;
	uint64_t bytes = payload + sizeof *type;
	if (bytes > left)
		return lade_btf_fail_type(place, "kind %u with %u elements has %llu bytes, but only %llu are left",
					  lade_btf_kind(type), lade_btf_vlen(type), (unsigned long long)bytes,
					  (unsigned long long)left);
	*ret_bytes = (uint32_t)bytes;
	return 0;
}

static int find_records(struct lade_btf *btf, struct lade_btf_place *place, const struct lade_btf_layout *layouts,
			uint32_t layout_count)
{
	while (place->offset < btf->types_length) {
		uint32_t bytes = 0;
		int result = record_size(place, layouts, layout_count, &bytes);
		if (result < 0)
			return result;
		btf->offsets[place->id++] = place->offset;
		place->offset += bytes;
	}
	btf->count = place->id;
	return 0;
}

int lade_btf_index_types(struct lade_btf *btf, const struct lade_btf_layout *layouts, uint32_t layout_count,
			 const char *file, struct lade_error **error)
{
	struct lade_btf_place place = { .btf = btf, .file = file, .id = 1, .error = error };
	/* Room for as many as can be; given back once the number is known. */
	btf->offsets = calloc(btf->types_length / sizeof(struct btf_type) + 2, sizeof *btf->offsets);
	if (!btf->offsets)
		return lade_fail_memory(error);
	int result = find_records(btf, &place, layouts, layout_count);
	if (result < 0)
		return result;
	uint32_t *smaller = realloc(btf->offsets, btf->count * sizeof *smaller);
	if (smaller)
		btf->offsets = smaller;
	for (place.id = 1; place.id < btf->count; place.id++) {
		place.offset = btf->offsets[place.id];
		result = lade_btf_check_type(&place, lade_btf_type(btf, place.id));
		if (result < 0)
			return result;
	}
	return 0;
}
