/* SPDX-License-Identifier: BSD-2-Clause */
/* From the bytes of a .BTF section to a struct lade_btf: the header and the copy. */
#include <errno.h>
#include <stdlib.h>

#include "btf/lazy.h"

/* Where it comes from, and what its header said. */
struct source {
	const uint8_t *bytes;
	const char *file;
	struct lade_btf_header header;
	struct lade_error **error;
};

/* One block: header, types, strings. */
static bool copy(const struct source *source, struct lade_btf *btf)
{
	const struct lade_btf_header *header = &source->header;
	struct btf_header plain = { .magic = BTF_MAGIC,
				    .version = BTF_VERSION,
				    .hdr_len = sizeof plain,
				    .type_len = header->types.length,
				    .str_off = header->types.length,
				    .str_len = header->strings.length };
	btf->size = sizeof plain + (size_t)plain.type_len + plain.str_len;
	btf->bytes = malloc(btf->size);
	if (!btf->bytes)
		return false;
	memcpy(btf->bytes, &plain, sizeof plain);
	btf->types = btf->bytes + sizeof plain;
	btf->types_length = plain.type_len;
	memcpy(btf->types, source->bytes + header->types.offset, plain.type_len);
	memcpy(btf->types + plain.type_len, source->bytes + header->strings.offset, plain.str_len);
	btf->strings = (const char *)btf->types + plain.type_len;
	btf->strings_length = plain.str_len;
	btf->was_swapped = header->swapped;
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
	if (source->header.swapped)
		lade_btf_swap_words(btf->types, btf->types_length);
	int result = lade_btf_index_types(
		btf, (const struct lade_btf_layout *)(source->bytes + source->header.layout.offset),
		source->header.layout.length / (uint32_t)sizeof(struct lade_btf_layout), source->file, source->error);
	if (result < 0)
		return result;
	*ret_btf = TAKE(btf);
	return 0;
}

int lade_btf_parse(const void *bytes, size_t size, const char *file, struct lade_btf **ret_btf,
		   struct lade_error **error)
{
	struct source source = { .bytes = bytes, .file = file, .error = error };
	int result = lade_btf_read_header(bytes, size, size, file, &source.header, error);
	if (!result)
		result = lade_btf_check_strings((const char *)source.bytes + source.header.strings.offset,
						source.header.strings.length, file, error);
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
	array_foreach(block, &btf->retired)
		free(*block);
	array_clear(&btf->retired);
	lade_btf_lazy_free(btf->lazy);
	free(btf->bytes);
	free(btf->offsets);
	free(btf);
	return NULL;
}

const void *lade_btf_bytes(const struct lade_btf *btf, size_t *ret_size)
{
	*ret_size = btf->size; /* lazy: 0 and NULL; what is the kernel's is not given to it */
	return btf->bytes;
}

/* Copied as it is and not parsed again: what only a layout section explained stays known. */
int lade_btf_clone(const struct lade_btf *btf, struct lade_btf **ret_btf, struct lade_error **error)
{
	if (!btf->offsets)
		return -EINVAL;
	CLEANUP(cleanup_lade_btf) struct lade_btf *twin = calloc(1, sizeof *twin);
	if (!twin)
		return lade_fail_memory(error);
	*twin = *btf;
	twin->references = 1;
	memset(&twin->retired, 0, sizeof twin->retired);
	twin->offsets = NULL;
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
	return btf->offsets && id && id < btf->count ? (struct btf_type *)(void *)(btf->types + btf->offsets[id])
						     : NULL;
}
