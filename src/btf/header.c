/* SPDX-License-Identifier: BSD-2-Clause */
/* The header of BTF: where its parts lie. Only the header's own bytes are looked at. */
#include <errno.h>

#include "btf/internal.h"

/* The header as it may come: the last two fields since 7.1. */
struct long_header {
	struct btf_header plain;
	uint32_t layout_off, layout_len;
};
_Static_assert(sizeof(struct btf_header) == 24 && sizeof(struct long_header) == 32, "no padding");

struct source {
	const uint8_t *bytes;
	size_t available, size; /* of bytes; of the BTF, of which they are the start */
	const char *file;
	struct lade_error **error;
	bool swapped;
	struct long_header header;
	struct lade_btf_extent types, strings, layout; /* offsets as in the header: from its end */
};

static int check_magic(struct source *source)
{
	struct btf_header plain;
	if (source->available < sizeof plain)
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: .BTF of %zu bytes is shorter than its header of %zu", source->file, source->size,
				 sizeof plain);
	if (source->size > LADE_BTF_MAX_BYTES)
		return lade_fail(source->error, EFBIG, "btf.too-large", "%s: .BTF of %zu bytes; the limit is %u",
				 source->file, source->size, LADE_BTF_MAX_BYTES);
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
	if (length < sizeof header->plain || length > source->available)
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
		 struct lade_btf_extent *ret_extent)
{
	uint64_t available = source->size - source->header.plain.hdr_len;
	if ((uint64_t)offset + length > available)
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: the %s of .BTF (%u bytes at %u) lie beyond its %llu bytes", source->file, name,
				 length, offset, (unsigned long long)available);
	*ret_extent = (struct lade_btf_extent){ offset, length };
	return 0;
}

static int check_alignment(const struct source *source, const char *name, const struct lade_btf_extent *extent)
{
	if (extent->offset % sizeof(uint32_t) == 0)
		return 0;
	return lade_fail(source->error, EINVAL, "btf.header",
			 "%s: the %s of .BTF start at %u, which is no multiple of 4", source->file, name,
			 extent->offset);
}

static bool overlap(const struct lade_btf_extent *a, const struct lade_btf_extent *b)
{
	return a->length && b->length && a->offset < b->offset + b->length && b->offset < a->offset + a->length;
}

static int check_layout(const struct source *source)
{
	const struct lade_btf_extent *layout = &source->layout;
	if (layout->length % sizeof(struct lade_btf_layout))
		return lade_fail(source->error, EINVAL, "btf.header",
				 "%s: the layouts of .BTF have %u bytes, which is no multiple of %zu", source->file,
				 layout->length, sizeof(struct lade_btf_layout));
	if (overlap(layout, &source->types) || overlap(layout, &source->strings) ||
	    overlap(&source->types, &source->strings))
		return lade_fail(source->error, EINVAL, "btf.header", "%s: the parts of .BTF overlap", source->file);
	return check_alignment(source, "layouts", layout);
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
		result = check_alignment(source, "types", &source->types);
	return result ? result : check_layout(source);
}

int lade_btf_read_header(const uint8_t *bytes, size_t available, size_t size, const char *file,
			 struct lade_btf_header *ret_header, struct lade_error **error)
{
	struct source source = { .bytes = bytes, .available = available, .size = size, .file = file, .error = error };
	int result = check_magic(&source);
	if (!result)
		result = read_header(&source);
	if (!result)
		result = locate(&source);
	if (result)
		return result;
	uint32_t end = source.header.plain.hdr_len;
	*ret_header = (struct lade_btf_header){ .swapped = source.swapped,
						.types = { end + source.types.offset, source.types.length },
						.strings = { end + source.strings.offset, source.strings.length },
						.layout = { end + source.layout.offset, source.layout.length } };
	return 0;
}

int lade_btf_check_strings(const char *strings, uint32_t length, const char *file, struct lade_error **error)
{
	if (length == 0)
		return lade_fail(error, EINVAL, "btf.strings",
				 "%s: .BTF has no strings; even without names it has one zero byte", file);
	if (strings[0] || strings[length - 1])
		return lade_fail(error, EINVAL, "btf.strings", "%s: the strings of .BTF do not %s with a zero byte",
				 file, strings[0] ? "start" : "end");
	return 0;
}
