/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The form of an index: pages, each with its own checksum, so that only what is looked at is verified.
 *
 *     page 0: header | checkpoints: offset… | entries…
 *
 * The page of an entry is chosen by the hash of its name: one page tells all of a name. One that is full goes on in the
 * next, and the last in the first; the entries of a name come by ascending id. Each part starts on a page of its own.
 * All numbers are in native order: the file never leaves the machine.
 */
#ifndef LADE_BTF_KERNEL_INDEX_INTERNAL_H
#define LADE_BTF_KERNEL_INDEX_INTERNAL_H

#include "btf/kernel_index.h"

#define INDEX_MAGIC   UINT64_C(0x3178647466426c61)
#define INDEX_VERSION 2u
#define INDEX_PAGE    4096u
#define INDEX_CONTENT (INDEX_PAGE - sizeof(uint64_t)) /* then the checksum */
#define INDEX_CACHED  4u                              /* pages of a file that are held */

struct lade_index_header {
	uint64_t magic;
	uint32_t version;
	uint32_t pages;
	uint64_t btf_size;
	char key[LADE_INDEX_KEY];
	uint32_t type_count;  /* as lade_btf_count() */
	uint32_t bucket_bits; /* so many of the hash's highest bits choose the page of an entry */
	uint32_t entry_count;
	uint32_t first_entry_page; /* checkpoints start at page 1 */
};

/*
 * An entry: the lowest bits of the hash, id, and offset in words of 32 bits. 0: none, and none behind it in the page.
 * Bits are enough for the largest BTF that is read.
 */
#define ENTRY_ID_BITS     23u
#define ENTRY_OFFSET_BITS 24u
#define ENTRY_HASH_BITS   17u
_Static_assert(LADE_BTF_MAX_BYTES / sizeof(struct btf_type) < 1u << ENTRY_ID_BITS, "");
_Static_assert(LADE_BTF_MAX_BYTES / sizeof(uint32_t) <= 1u << ENTRY_OFFSET_BITS, "");
static inline uint64_t lade_index_entry(uint32_t hash, uint32_t id, uint32_t offset)
{
	return (uint64_t)hash << (ENTRY_ID_BITS + ENTRY_OFFSET_BITS) | (uint64_t)id << ENTRY_OFFSET_BITS |
	       offset / sizeof(uint32_t);
}
static inline uint32_t lade_index_entry_id(uint64_t entry)
{
	return entry >> ENTRY_OFFSET_BITS & ((1u << ENTRY_ID_BITS) - 1);
}
static inline uint32_t lade_index_entry_offset(uint64_t entry)
{
	return (uint32_t)(entry & ((1u << ENTRY_OFFSET_BITS) - 1)) * (uint32_t)sizeof(uint32_t);
}
static inline bool lade_index_entry_has(uint64_t entry, uint32_t hash)
{
	return entry >> (ENTRY_ID_BITS + ENTRY_OFFSET_BITS) == (hash & ((1u << ENTRY_HASH_BITS) - 1));
}

#define INDEX_WORDS   (INDEX_CONTENT / sizeof(uint32_t)) /* of a page */
#define INDEX_ENTRIES (INDEX_CONTENT / sizeof(uint64_t)) /* of a page */

struct lade_kernel_index {
	struct lade_index_header header;
	uint8_t *image; /* all pages, mapped; NULL: in a file */
	size_t image_size;
	int fd;
	struct lade_btf *base; /* owned reference: its checkpoints come from here; NULL: they do not */
	struct {
		uint32_t number; /* 0: free */
		uint8_t *bytes;
	} cached[INDEX_CACHED];
};

uint64_t lade_index_checksum(const uint8_t *page, uint32_t number);
/* A page whose checksum is right; until the next call. NULL: it is not, or cannot be read. */
const uint8_t *lade_index_page(struct lade_kernel_index *index, uint32_t number);

/* Pages that `count` things need, of which one page holds `per_page`. */
static inline uint32_t lade_index_pages(uint64_t count, uint64_t per_page)
{
	return (uint32_t)((count + per_page - 1) / per_page);
}

#endif
