/* SPDX-License-Identifier: BSD-2-Clause */
/* Making an index: one walk that gathers all named types, then each goes to its page. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "btf/kernel_index_internal.h"

#define FULL_PERCENT 75u /* of a page on average, so that few are full */

struct gathered {
	uint32_t name, id, offset; /* name: its offset */
};

struct builder {
	const struct lade_btf *base;
	struct gathered *gathered; /* address space for as many as can be */
	size_t count, gathered_size;
	ARRAY_OF(uint32_t) checkpoints; /* of the whole BTF as a single run */
	struct lade_kernel_index *index;
};

static void *reserve(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static int gather(void *context, uint32_t id, uint32_t offset, const struct btf_type *type)
{
	struct builder *builder = context;
	if ((id - builder->base->first_id) % LADE_BTF_STRIDE == 0) {
		uint32_t *checkpoint = array_push(&builder->checkpoints);
		if (!checkpoint)
			return -ENOMEM;
		*checkpoint = offset;
	}
	if (type->name_off)
		builder->gathered[builder->count++] = (struct gathered){ type->name_off, id, offset };
	return 0;
}

static int gather_all(struct builder *builder, struct lade_error **error)
{
	struct lade_btf_seeker seeker = { .hit = gather, .context = builder };
	const struct lade_btf *base = builder->base;
	lade_btf_seek_all(&seeker);
	/* A record has twelve bytes or more, and so has what is gathered of it. */
	_Static_assert(sizeof(struct gathered) <= sizeof(struct btf_type), "there is room for all");
	builder->gathered_size = base->types_length + sizeof(struct gathered);
	builder->gathered = reserve(builder->gathered_size);
	if (!builder->gathered)
		return lade_fail_memory(error);
	lade_btf_expect_much(base);
	int result = lade_bytes_need(&base->lazy->bytes, base->lazy->strings_at, base->strings_length);
	if (result)
		return lade_fail(error, -result, "btf.kernel.file", "%s: cannot be read: %s", base->lazy->file,
				 strerror(-result));
	return lade_btf_walk(base, &seeker, error);
}

/* At least one, and the hash has enough of them: there are fewer entries than bytes of BTF. */
static uint32_t bits_for(size_t entries)
{
	uint32_t bits = 1;
	while (((uint64_t)INDEX_ENTRIES << bits) * FULL_PERCENT / 100 <= entries)
		bits++;
	return bits;
}

static bool lay_out(struct builder *builder)
{
	struct lade_kernel_index *index = builder->index;
	struct lade_index_header *header = &index->header;
	*header = (struct lade_index_header){ .magic = INDEX_MAGIC,
					      .version = INDEX_VERSION,
					      .btf_size = builder->base->lazy->bytes.size,
					      .type_count = builder->base->count,
					      .bucket_bits = bits_for(builder->count),
					      .entry_count = (uint32_t)builder->count };
	header->first_entry_page = 1 + lade_index_pages(builder->checkpoints.count, INDEX_WORDS);
	header->pages = header->first_entry_page + (1u << header->bucket_bits);
	index->image_size = (size_t)header->pages * INDEX_PAGE;
	index->image = reserve(index->image_size);
	return index->image;
}

static void write_words(uint8_t *page, const uint32_t *words, size_t count)
{
	for (size_t at = 0; at < count; at += INDEX_WORDS, page += INDEX_PAGE)
		memcpy(page, words + at, (count - at < INDEX_WORDS ? count - at : INDEX_WORDS) * sizeof *words);
}

static uint32_t hash_of(const struct lade_btf *base, uint32_t name_offset)
{
	const char *name = name_offset < base->strings_length ? base->strings + name_offset : "";
	return lade_kernel_name_hash(name, lade_btf_essential_length(name, strlen(name)));
}

/* By ascending id. There are fewer than there is room for: some page is not full. */
static bool write_entries(const struct builder *builder)
{
	const struct lade_index_header *header = &builder->index->header;
	uint8_t *pages = builder->index->image + (size_t)header->first_entry_page * INDEX_PAGE;
	uint32_t last = (1u << header->bucket_bits) - 1;
	CLEANUP(cleanup_free) uint16_t *counts = calloc((size_t)last + 1, sizeof *counts);
	for (size_t i = 0; i < builder->count && counts; i++) {
		const struct gathered *one = &builder->gathered[i];
		uint32_t hash = hash_of(builder->base, one->name), page = hash >> (32 - header->bucket_bits);
		while (counts[page] == INDEX_ENTRIES)
			page = (page + 1) & last;
		uint64_t entry = lade_index_entry(hash, one->id, one->offset);
		memcpy(pages + (size_t)page * INDEX_PAGE + counts[page]++ * sizeof entry, &entry, sizeof entry);
	}
	return counts;
}

static int build(struct builder *builder, struct lade_error **error)
{
	int result = gather_all(builder, error);
	if (result)
		return result;
	builder->index = calloc(1, sizeof *builder->index);
	if (!builder->index)
		return lade_fail_memory(error);
	builder->index->fd = -1;
	if (!lay_out(builder))
		return lade_fail_memory(error);
	write_words(builder->index->image + INDEX_PAGE, builder->checkpoints.items, builder->checkpoints.count);
	return write_entries(builder) ? 0 : lade_fail_memory(error);
}

int lade_kernel_index_build(const struct lade_btf *base, struct lade_kernel_index **ret_index,
			    struct lade_error **error)
{
	struct builder builder = { .base = base };
	int result = build(&builder, error);
	if (builder.gathered)
		(void)munmap(builder.gathered, builder.gathered_size);
	array_clear(&builder.checkpoints);
	if (result)
		(void)lade_kernel_index_free(builder.index);
	else
		*ret_index = builder.index;
	return result;
}
