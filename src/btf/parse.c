/* SPDX-License-Identifier: BSD-2-Clause */
/* From the bytes of a .BTF section to a struct lade_btf: the header and the copy. */
#include <errno.h>
#include <stdlib.h>

#include "btf/internal.h"

#define MAX_BYTES (64u << 20) /* ten times the BTF of a distribution's kernel */

/* The header as it may come: the last two fields since 7.1. */
struct long_header {
	struct btf_header plain;
	uint32_t layout_off, layout_len;
};
_Static_assert(sizeof(struct btf_header) == 24 && sizeof(struct long_header) == 32, "no padding");

struct extent {
	const char *name;
	const uint8_t *bytes;
	uint32_t offset, length;
};

/* What the header said, checked. */
struct source {
	const uint8_t *bytes;
	size_t size;
	const char *file;
	struct lade_error **error;
	bool swapped;
	struct long_header header;
	struct extent types, strings, layout;
};

static int check_magic(struct source *source)
{
	struct btf_header plain;
	if (source->size < sizeof plain)
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: .BTF of %zu bytes is shorter than its header of %zu", source->file, source->size,
				 sizeof plain);
	if (source->size > MAX_BYTES)
		return lade_fail(source->error, EFBIG, "btf.too-large", "%s: .BTF of %zu bytes; the limit is %u",
				 source->file, source->size, MAX_BYTES);
	memcpy(&plain, source->bytes, sizeof plain);
	source->swapped = plain.magic == __builtin_bswap16(BTF_MAGIC);
	if (plain.magic != BTF_MAGIC && !source->swapped)
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: .BTF starts with %02x %02x, not with 9f eb or eb 9f", source->file,
				 source->bytes[0], source->bytes[1]);
	if (plain.version != BTF_VERSION || plain.flags)
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: .BTF of version %u with flags %#x; known is version 1 without flags",
				 source->file, plain.version, plain.flags);
	return 0;
}

static int read_header(struct source *source)
{
	struct long_header *header = &source->header;
	memcpy(&header->plain, source->bytes, sizeof header->plain);
	if (source->swapped)
		lade_btf_swap_words(&header->plain.hdr_len,
				    sizeof header->plain - offsetof(struct btf_header, hdr_len));
	uint32_t length = header->plain.hdr_len;
	if (length < sizeof header->plain || length > source->size)
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: the header of .BTF claims %u bytes (hdr_len); it has %zu or more and .BTF %zu",
				 source->file, length, sizeof header->plain, source->size);
	size_t known = sizeof header->plain;
	if (length >= sizeof *header) {
		known = sizeof *header;
		memcpy(&header->layout_off, source->bytes + sizeof header->plain, known - sizeof header->plain);
		if (source->swapped)
			lade_btf_swap_words(&header->layout_off, known - sizeof header->plain);
	}
	for (size_t i = known; i < length; i++)
		if (source->bytes[i])
			return lade_fail(source->error, EINVAL, "btf.header",
					 "%s: byte %zu of the header of .BTF has a meaning that is not known yet",
					 source->file, i);
	return 0;
}

static int place(const struct source *source, const char *name, uint32_t offset, uint32_t length,
		 struct extent *ret_extent)
{
	uint64_t available = source->size - source->header.plain.hdr_len;
	if ((uint64_t)offset + length > available)
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: the %s of .BTF (%u bytes at %u) lie beyond its %llu bytes", source->file, name,
				 length, offset, (unsigned long long)available);
	*ret_extent = (struct extent){ name, source->bytes + source->header.plain.hdr_len + offset, offset, length };
	return 0;
}

static int check_alignment(const struct source *source, const struct extent *extent)
{
	if (extent->offset % sizeof(uint32_t) == 0)
		return 0;
	return lade_fail(source->error, EINVAL, "btf.header",
			 "%s: the %s of .BTF start at %u, which is no multiple of 4", source->file, extent->name,
			 extent->offset);
}

static int check_strings(const struct source *source)
{
	const struct extent *strings = &source->strings;
	if (strings->length == 0)
		return lade_fail(source->error, EINVAL, "btf.strings",
				 "%s: .BTF has no strings; even without names it has one zero byte", source->file);
	if (strings->bytes[0] || strings->bytes[strings->length - 1])
		return lade_fail(source->error, EINVAL, "btf.strings",
				 "%s: the strings of .BTF do not %s with a zero byte", source->file,
				 strings->bytes[0] ? "start" : "end");
	return 0;
}

static bool overlap(const struct extent *a, const struct extent *b)
{
	return a->length && b->length && a->offset < b->offset + b->length && b->offset < a->offset + a->length;
}

static int check_layout(const struct source *source)
{
	const struct extent *layout = &source->layout;
	if (layout->length % sizeof(struct lade_btf_layout))
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: the layouts of .BTF have %u bytes, which is no multiple of %zu", source->file,
				 layout->length, sizeof(struct lade_btf_layout));
	if (overlap(layout, &source->types) || overlap(layout, &source->strings) ||
	    overlap(&source->types, &source->strings))
		return lade_fail(source->error, EINVAL, "btf.header", "%s: the parts of .BTF overlap", source->file);
	return check_alignment(source, layout);
}

static int locate(struct source *source)
{
	const struct long_header *header = &source->header;
	int result = place(source, "types", header->plain.type_off, header->plain.type_len, &source->types);
	if (!result)
		result = place(source, "strings", header->plain.str_off, header->plain.str_len, &source->strings);
	if (!result)
		result = place(source, "layouts", header->layout_off, header->layout_len, &source->layout);
	if (!result)
		result = check_alignment(source, &source->types);
	if (!result)
		result = check_layout(source);
	return result ? result : check_strings(source);
}

/* One block: header, types, strings. */
static bool copy(const struct source *source, struct lade_btf *btf)
{
	struct btf_header plain = { .magic = BTF_MAGIC,
				    .version = BTF_VERSION,
				    .hdr_len = sizeof plain,
				    .type_len = source->types.length,
				    .str_off = source->types.length,
				    .str_len = source->strings.length };
	btf->size = sizeof plain + (size_t)plain.type_len + plain.str_len;
	btf->bytes = malloc(btf->size);
	if (!btf->bytes)
		return false;
	memcpy(btf->bytes, &plain, sizeof plain);
	btf->types = btf->bytes + sizeof plain;
	btf->types_length = plain.type_len;
	memcpy(btf->types, source->types.bytes, plain.type_len);
	memcpy(btf->types + plain.type_len, source->strings.bytes, plain.str_len);
	btf->strings = (const char *)btf->types + plain.type_len;
	btf->strings_length = plain.str_len;
	btf->was_swapped = source->swapped;
	return true;
}

static int build(const struct source *source, struct lade_btf **ret_btf)
{
	CLEANUP(cleanup_lade_btf) struct lade_btf *btf = calloc(1, sizeof *btf);
	if (!btf)
		return lade_fail_memory(source->error);
	btf->references = 1;
	if (!copy(source, btf))
		return lade_fail_memory(source->error);
	/* All records of the known kinds consist of 32-bit words. */
	if (source->swapped)
		lade_btf_swap_words(btf->types, btf->types_length);
	int result = lade_btf_index_types(btf, (const struct lade_btf_layout *)source->layout.bytes,
					  source->layout.length / (uint32_t)sizeof(struct lade_btf_layout),
					  source->file, source->error);
	if (result < 0)
		return result;
	*ret_btf = TAKE(btf);
	return 0;
}

int lade_btf_parse(const void *bytes, size_t size, const char *file, struct lade_btf **ret_btf,
		   struct lade_error **error)
{
	struct source source = { .bytes = bytes, .size = size, .file = file, .error = error };
	int result = check_magic(&source);
	if (!result)
		result = read_header(&source);
	if (!result)
		result = locate(&source);
	return result ? result : build(&source, ret_btf);
}

struct lade_btf *lade_btf_ref(struct lade_btf *btf)
{
	if (btf)
		(void)__atomic_add_fetch(&btf->references, 1, __ATOMIC_RELAXED);
	return btf;
}

struct lade_btf *lade_btf_free(struct lade_btf *btf)
{
	if (!btf || __atomic_sub_fetch(&btf->references, 1, __ATOMIC_ACQ_REL))
		return NULL;
	free(btf->bytes);
	free(btf->offsets);
	free(btf);
	return NULL;
}

const void *lade_btf_bytes(const struct lade_btf *btf, size_t *ret_size)
{
	*ret_size = btf->size;
	return btf->bytes;
}

/* Copied as it is and not parsed again: what only a layout section explained stays known. */
int lade_btf_clone(const struct lade_btf *btf, struct lade_btf **ret_btf, struct lade_error **error)
{
	CLEANUP(cleanup_lade_btf) struct lade_btf *twin = calloc(1, sizeof *twin);
	if (!twin)
		return lade_fail_memory(error);
	*twin = *btf;
	twin->references = 1;
	twin->bytes = malloc(btf->size);
	twin->offsets = calloc(btf->count, sizeof *twin->offsets);
	if (!twin->bytes || !twin->offsets)
		return lade_fail_memory(error);
	memcpy(twin->bytes, btf->bytes, btf->size);
	memcpy(twin->offsets, btf->offsets, btf->count * sizeof *twin->offsets);
	twin->types = twin->bytes + (btf->types - btf->bytes);
	twin->strings = (const char *)twin->types + twin->types_length;
	*ret_btf = TAKE(twin);
	return 0;
}

struct btf_type *lade_btf_edit(struct lade_btf *btf, uint32_t id)
{
	return id && id < btf->count ? (struct btf_type *)(void *)(btf->types + btf->offsets[id]) : NULL;
}
