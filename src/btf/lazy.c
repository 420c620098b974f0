/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening BTF where it lies, and one record or string of it. */
#include <errno.h>
#include <stdlib.h>

#include "btf/lazy.h"

#define HEADER_MOST 4096u /* bytes of a header that are looked at */
#define KIND_FLAG   0x80u /* in the highest byte of info */

static void add_kind(struct lade_btf_lazy *lazy, uint32_t kind, uint32_t fixed, uint32_t element)
{
	uint32_t record = (uint32_t)sizeof(struct btf_type) + fixed;
	lazy->fixed[kind] = lazy->fixed[kind | KIND_FLAG] = (uint16_t)record;
	lazy->element[kind] = lazy->element[kind | KIND_FLAG] = (uint8_t)element;
}

/* What we know, and of the rest what the BTF's own layout section says. */
static void learn_kinds(struct lade_btf_lazy *lazy, const struct lade_btf_extent *layout)
{
	uint32_t count = layout->length / (uint32_t)sizeof(struct lade_btf_layout);
	for (uint32_t kind = 1; kind < KIND_FLAG; kind++) {
		const struct lade_btf_kind_rule *rule = lade_btf_kind_rule(kind);
		struct lade_btf_layout own;
		if (rule) {
			add_kind(lazy, kind, rule->fixed, rule->element);
			continue;
		}
		if (kind >= count)
			continue;
		memcpy(&own, lazy->bytes.start + layout->offset + kind * sizeof own, sizeof own);
		if (own.info_size % sizeof(uint32_t) == 0 && own.element_size % sizeof(uint32_t) == 0)
			add_kind(lazy, kind, own.info_size, own.element_size);
	}
}

static int read_failed(const char *file, int result, struct lade_error **error)
{
	return lade_fail(error, -result, "btf.kernel.file", "%s: cannot be read: %s", file, strerror(-result));
}

/* A split one may have no strings, and its first one need not be empty. */
static int check_strings(struct lade_btf_lazy *lazy, const struct lade_btf_extent *strings, bool is_split,
			 struct lade_error **error)
{
	struct lade_bytes *bytes = &lazy->bytes;
	if (is_split && !strings->length)
		return 0;
	uint32_t last = strings->length ? strings->offset + strings->length - 1 : strings->offset;
	int result = strings->length ? lade_bytes_need(bytes, strings->offset, 1) : 0;
	if (!result && strings->length)
		result = lade_bytes_need(bytes, last, 1);
	if (result)
		return read_failed(lazy->file, result, error);
	const char *start = (const char *)bytes->start + strings->offset;
	if (is_split && !start[strings->length - 1])
		return 0;
	return lade_btf_check_strings(start, strings->length, lazy->file, error);
}

static int read_header(struct lade_btf_lazy *lazy, bool is_split, struct lade_btf_header *ret_header,
		       struct lade_error **error)
{
	struct lade_bytes *bytes = &lazy->bytes;
	struct lade_btf_header header = { 0 };
	uint64_t available = bytes->size < HEADER_MOST ? bytes->size : HEADER_MOST;
	int result = lade_bytes_need(bytes, 0, available);
	if (result)
		return read_failed(lazy->file, result, error);
	result = lade_btf_read_header(bytes->start, available, bytes->size, lazy->file, &header, error);
	if (result)
		return result;
	if (header.swapped || header.types.offset % sizeof(uint32_t))
		return -ENOTSUP;
	result = lade_bytes_need(bytes, header.layout.offset, header.layout.length);
	if (result)
		return read_failed(lazy->file, result, error);
	result = check_strings(lazy, &header.strings, is_split, error);
	if (!result)
		*ret_header = header;
	return result;
}

static void point_to_bytes(struct lade_btf *btf)
{
	const struct lade_btf_lazy *lazy = btf->lazy;
	btf->types =
		(uint8_t *)(uintptr_t)lazy->bytes.start + lazy->types_at; /* only read: there is no lade_btf_edit() */
	btf->strings = (const char *)lazy->bytes.start + lazy->strings_at;
}

static void place(struct lade_btf *btf, struct lade_btf_lazy *lazy, const struct lade_btf_header *header)
{
	btf->types_length = header->types.length;
	btf->strings_length = header->strings.length;
	lazy->types_at = header->types.offset;
	lazy->strings_at = header->strings.offset;
	point_to_bytes(btf);
	btf->first_id = btf->count = lazy->base ? lade_btf_count(lazy->base) : 1;
	btf->first_string = lazy->base ? lazy->base->first_string + lazy->base->strings_length : 0;
	btf->base = lazy->base;
}

static int fill(struct lade_btf *btf, struct lade_btf *base, const char *file, struct lade_error **error)
{
	struct lade_btf_lazy *lazy = btf->lazy;
	struct lade_btf_header header = { 0 };
	lazy->base = lade_btf_ref(base);
	lazy->file = strdup(file);
	if (!lazy->file)
		return lade_fail_memory(error);
	int result = read_header(lazy, base != NULL, &header, error);
	if (result)
		return result;
	/* Address space for as many as can be; only what is written becomes memory. */
	lazy->checkpoints =
		malloc((header.types.length / sizeof(struct btf_type) / LADE_BTF_STRIDE + 1 + LADE_BTF_STRETCHES) *
		       sizeof *lazy->checkpoints);
	lazy->stretch_bytes = LADE_BTF_STRETCH_BYTES;
	if (!lazy->checkpoints)
		return lade_fail_memory(error);
	learn_kinds(lazy, &header.layout);
	place(btf, lazy, &header);
	return 0;
}

int lade_btf_lazy_open(struct lade_bytes *bytes, struct lade_btf *base, const char *file, struct lade_btf **ret_btf,
		       struct lade_error **error)
{
	CLEANUP(cleanup_lade_btf) struct lade_btf *btf = calloc(1, sizeof *btf);
	struct lade_btf_lazy *lazy = calloc(1, sizeof *lazy);
	if (!btf || !lazy) {
		lade_bytes_clear(bytes);
		free(lazy);
		free(TAKE(btf));
		return lade_fail_memory(error);
	}
	btf->references = 1;
	btf->lazy = lazy;
	lazy->bytes = *bytes;
	*bytes = (struct lade_bytes){ .fd = -1 };
	int result = fill(btf, base, file, error);
	if (result == -ENOTSUP) {
		*bytes = lazy->bytes;
		lazy->bytes = (struct lade_bytes){ .fd = -1 };
	}
	if (result)
		return result;
	*ret_btf = TAKE(btf);
	return 0;
}

void lade_btf_lazy_free(struct lade_btf_lazy *lazy)
{
	if (!lazy)
		return;
	lade_bytes_clear(&lazy->bytes);
	lade_btf_free(lazy->base);
	free(lazy->checkpoints);
	free(lazy->file);
	free(lazy);
}

void lade_btf_expect_much(const struct lade_btf *btf)
{
	if (lade_bytes_map_now(&btf->lazy->bytes))
		point_to_bytes((struct lade_btf *)(uintptr_t)btf); /* it is the same, at another place */
}

/* The type at this offset with the whole of its record; NULL: it is none, or cannot be read. */
static const struct btf_type *record(const struct lade_btf *btf, uint64_t offset, uint64_t *ret_size)
{
	struct lade_btf_lazy *lazy = btf->lazy;
	if (offset > btf->types_length || btf->types_length - offset < sizeof(struct btf_type) ||
	    lade_bytes_need(&lazy->bytes, lazy->types_at + offset, sizeof(struct btf_type)) < 0)
		return NULL;
	const struct btf_type *type = (const struct btf_type *)(const void *)(btf->types + offset);
	uint32_t kind = type->info >> 24;
	uint64_t size = lazy->fixed[kind] + (uint64_t)lazy->element[kind] * lade_btf_vlen(type);
	if (!lazy->fixed[kind] || size > btf->types_length - offset)
		return NULL;
	*ret_size = size;
	return type;
}

static const struct btf_type *whole_record(const struct lade_btf *btf, uint32_t offset)
{
	uint64_t size = 0;
	const struct btf_type *type = record(btf, offset, &size);
	return type && lade_bytes_need(&btf->lazy->bytes, btf->lazy->types_at + offset, size) == 0 ? type : NULL;
}

bool lade_btf_remember(const struct lade_btf *btf, uint32_t id, uint32_t offset)
{
	if (id < btf->first_id || offset % sizeof(uint32_t) || !whole_record(btf, offset))
		return false;
	btf->lazy->recent[id % LADE_BTF_RECENT].id = id;
	btf->lazy->recent[id % LADE_BTF_RECENT].offset = offset;
	return true;
}

/* The last run that starts at this type or before it. */
static const struct lade_btf_run *run_of(const struct lade_btf_lazy *lazy, uint32_t index)
{
	const struct lade_btf_run *run = lazy->runs;
	for (uint32_t count = lazy->run_count; count > 1;) {
		uint32_t half = count / 2;
		run += run[half].first_index <= index ? half : 0;
		count -= half;
	}
	return run;
}

/* Is this checkpoint there, or can it be brought? */
static bool bring_checkpoint(struct lade_btf_lazy *lazy, uint32_t checkpoint)
{
	struct lade_btf_places *places = &lazy->places;
	if (!places->owner)
		return true;
	uint32_t part = checkpoint / places->part_length;
	places->here[part] = places->here[part] || places->bring(places->owner, lazy, part);
	return places->here[part];
}

/* Who goes through all types has just looked at the one before. */
static bool follows(const struct lade_btf *btf, uint32_t id, uint64_t *offset)
{
	uint32_t before = (id - 1) % LADE_BTF_RECENT;
	uint64_t size = 0;
	if (btf->lazy->recent[before].id != id - 1 || !record(btf, btf->lazy->recent[before].offset, &size))
		return false;
	*offset = btf->lazy->recent[before].offset + size;
	return true;
}

/* From the checkpoint before it on. */
static const struct btf_type *seek(const struct lade_btf *btf, uint32_t id)
{
	struct lade_btf_lazy *lazy = btf->lazy;
	if (lazy->walked && id < btf->count && !bring_checkpoint(lazy, (id - btf->first_id) / LADE_BTF_STRIDE))
		lade_btf_forget_places(btf);
	if (!lazy->walked)
		(void)lade_btf_walk(btf, NULL, NULL);
	if (lade_bytes_read_much(&lazy->bytes))
		lade_btf_expect_much(btf);
	if (id >= btf->count)
		return NULL;
	const struct lade_btf_run *run = run_of(lazy, id - btf->first_id);
	uint32_t index = id - btf->first_id - run->first_index;
	uint64_t offset = lazy->checkpoints[run->first_checkpoint + index / LADE_BTF_STRIDE], size = 0;
	uint32_t left = index % LADE_BTF_STRIDE;
	if (left && follows(btf, id, &offset))
		left = 0;
	for (; left; left--, offset += size)
		if (!record(btf, offset, &size))
			return NULL;
	if (offset > UINT32_MAX || !lade_btf_remember(btf, id, (uint32_t)offset))
		return NULL;
	return (const struct btf_type *)(const void *)(btf->types + offset);
}

const struct btf_type *lade_btf_lazy_type(const struct lade_btf *btf, uint32_t id)
{
	if (id < btf->first_id)
		return btf->base ? lade_btf_type(btf->base, id) : NULL;
	const struct lade_btf_lazy *lazy = btf->lazy;
	if (lazy->recent[id % LADE_BTF_RECENT].id == id)
		return (const struct btf_type *)(const void *)(btf->types + lazy->recent[id % LADE_BTF_RECENT].offset);
	return seek(btf, id);
}

uint32_t lade_btf_lazy_count(const struct lade_btf *btf)
{
	if (!btf->lazy->walked)
		(void)lade_btf_walk(btf, NULL, NULL);
	return btf->count;
}

/* Piece by piece until its end is there. */
static void need_string(const struct lade_btf *btf, uint32_t at)
{
	struct lade_btf_lazy *lazy = btf->lazy;
	for (uint32_t length = 32; at < btf->strings_length; at += length) {
		if (length > btf->strings_length - at)
			length = btf->strings_length - at;
		if (lade_bytes_need(&lazy->bytes, lazy->strings_at + at, length) < 0 ||
		    memchr(btf->strings + at, 0, length))
			return;
	}
}

const char *lade_btf_lazy_string(const struct lade_btf *btf, uint32_t offset)
{
	if (offset < btf->first_string)
		return lade_btf_string(btf->base, offset);
	uint32_t own = offset - btf->first_string;
	if (own >= btf->strings_length)
		return "";
	if (lade_bytes_read_much(&btf->lazy->bytes))
		lade_btf_expect_much(btf);
	if (btf->lazy->bytes.present)
		need_string(btf, own);
	return btf->strings + own;
}
