/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking up a name in an index. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "btf/kernel_index_internal.h"

static inline uint64_t mix(uint64_t lane, const uint8_t *bytes)
{
	uint64_t word;
	memcpy(&word, bytes, sizeof word);
	lane = (lane ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return lane ^ lane >> 29;
}

/* Four lanes, since one multiplication waits for the other. Against accidents, not against those who may write. */
uint64_t lade_index_checksum(const uint8_t *page, uint32_t number)
{
	uint64_t a = number + 1, b = 2, c = 3, d = 4;
	size_t at = 0;
	for (; at + 32 <= INDEX_CONTENT; at += 32) {
		a = mix(a, page + at);
		b = mix(b, page + at + 8);
		c = mix(c, page + at + 16);
		d = mix(d, page + at + 24);
	}
	for (; at < INDEX_CONTENT; at += 8)
		a = mix(a, page + at);
	return (((a * 31 + b) * 31 + c) * 31 + d) * UINT64_C(0xff51afd7ed558ccd);
}

static bool is_right(const uint8_t *page, uint32_t number)
{
	uint64_t said;
	memcpy(&said, page + INDEX_CONTENT, sizeof said);
	return said == lade_index_checksum(page, number);
}

/* Read, not mapped: what was verified must not change. */
static const uint8_t *read_page(struct lade_kernel_index *index, uint32_t number)
{
	uint8_t **bytes = &index->cached[number % INDEX_CACHED].bytes;
	if (number && index->cached[number % INDEX_CACHED].number == number)
		return *bytes;
	index->cached[number % INDEX_CACHED].number = 0;
	*bytes = *bytes ? *bytes : malloc(INDEX_PAGE);
	if (!*bytes || pread(index->fd, *bytes, INDEX_PAGE, (off_t)number * INDEX_PAGE) != INDEX_PAGE ||
	    !is_right(*bytes, number))
		return NULL;
	index->cached[number % INDEX_CACHED].number = number;
	return *bytes;
}

const uint8_t *lade_index_page(struct lade_kernel_index *index, uint32_t number)
{
	if (number >= index->header.pages)
		return NULL;
	return index->image ? index->image + (size_t)number * INDEX_PAGE : read_page(index, number);
}

struct lade_kernel_index *lade_kernel_index_free(struct lade_kernel_index *index)
{
	if (!index)
		return NULL;
	if (index->image)
		(void)munmap(index->image, index->image_size);
	for (size_t i = 0; i < INDEX_CACHED; i++)
		free(index->cached[i].bytes);
	if (index->base)
		lade_btf_forget_places(index->base);
	lade_btf_free(index->base);
	(void)fd_close(index->fd);
	free(index);
	return NULL;
}

/* Another name may have the same hash. */
static int add_type(const struct lade_btf *base, uint64_t entry, const char *name, size_t length,
		    struct kernel_type_list *list)
{
	uint32_t id = lade_index_entry_id(entry);
	if (!lade_btf_remember(base, id, lade_index_entry_offset(entry)))
		return -EBADMSG;
	const char *actual = lade_btf_type_name(base, id);
	if (lade_btf_essential_length(actual, strlen(actual)) != length || memcmp(actual, name, length) != 0)
		return 0;
	struct kernel_type *type = array_push(list);
	if (!type)
		return -ENOMEM;
	*type = (struct kernel_type){ .btf = base, .id = id };
	return 0;
}

/* Positive: the page was full, and the next one may have more. */
static int find_in_page(const uint8_t *page, uint32_t hash, const struct lade_btf *base, const char *name,
			size_t length, struct kernel_type_list *list)
{
	for (size_t i = 0; i < INDEX_ENTRIES; i++) {
		uint64_t entry;
		memcpy(&entry, page + i * sizeof entry, sizeof entry);
		if (!entry)
			return 0;
		int result = lade_index_entry_has(entry, hash) ? add_type(base, entry, name, length, list) : 0;
		if (result)
			return result;
	}
	return 1;
}

int lade_kernel_index_find(struct lade_kernel_index *index, const struct lade_btf *base, const char *name,
			   size_t length, struct kernel_type_list *list)
{
	uint32_t hash = lade_kernel_name_hash(name, length), pages = 1u << index->header.bucket_bits;
	uint32_t bucket = hash >> (32 - index->header.bucket_bits);
	for (uint32_t tried = 0; tried < pages; tried++) {
		const uint8_t *page = lade_index_page(index, index->header.first_entry_page + (bucket + tried) % pages);
		int result = page ? find_in_page(page, hash, base, name, length, list) : -EBADMSG;
		if (result <= 0)
			return result;
	}
	return 0;
}
