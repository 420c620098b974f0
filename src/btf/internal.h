/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this room share. Nothing here is seen outside. */
#ifndef LADE_BTF_INTERNAL_H
#define LADE_BTF_INTERNAL_H

#include <string.h>

#include "btf/btf.h"

/* Deeper chains of modifiers, typedefs and arrays are taken for cycles; the kernel stops at 32. */
#define LADE_BTF_MAX_DEPTH 64

struct lade_btf_lazy;

/*
 * One that was parsed is always in the plain form that every kernel takes, whatever came in:
 *     struct btf_header (24 bytes) | types | strings
 * in native byte order, without gaps and without the layout section of 7.1.
 * One that is looked at where it lies (lazy.h) has no bytes and no offsets; it may be split from another, whose ids and
 * string offsets its own continue.
 */
struct lade_btf {
	unsigned references;
	uint8_t *bytes;
	size_t size;
	uint8_t *types;
	uint32_t types_length;
	const char *strings;
	uint32_t strings_length;
	uint32_t *offsets; /* of each type, in types; [0] is unused; NULL: lazy */
	uint32_t count;    /* lazy: see lade_btf_lazy_count() */
	bool was_swapped;
	ARRAY_OF(uint8_t *) retired; /* blocks that lade_btf_add_variable() replaced */
	/* Only where offsets is NULL: */
	struct lade_btf_lazy *lazy;
	const struct lade_btf *base; /* NULL: not split. Kept by lazy. */
	uint32_t first_id, first_string;
};

const struct btf_type *lade_btf_lazy_type(const struct lade_btf *btf, uint32_t id);
const char *lade_btf_lazy_string(const struct lade_btf *btf, uint32_t offset);
uint32_t lade_btf_lazy_count(const struct lade_btf *btf);
uint32_t lade_btf_lazy_find(const struct lade_btf *btf, const char *name, uint32_t kind);

#define LADE_BTF_MAX_BYTES (64u << 20) /* ten times the BTF of a distribution's kernel */

/* Where the parts lie, from the first byte of the BTF on; all of them inside it. */
struct lade_btf_extent {
	uint32_t offset, length;
};
struct lade_btf_header {
	bool swapped;
	struct lade_btf_extent types, strings, layout;
};
/* bytes: the first `available` ones of a BTF of `size`, which hold at least its header. */
int lade_btf_read_header(const uint8_t *bytes, size_t available, size_t size, const char *file,
			 struct lade_btf_header *ret_header, struct lade_error **error);
int lade_btf_check_strings(const char *strings, uint32_t length, const char *file, struct lade_error **error);

/* Every known kind, by number; name NULL: no such kind. */
struct lade_btf_kind_rule {
	const char *name;
	uint8_t fixed;        /* bytes after struct btf_type */
	uint8_t element;      /* bytes for each of the vlen elements */
	bool has_kind_flag;   /* may set bit 31 */
	bool vlen_is_linkage; /* BTF_KIND_FUNC */
	bool refers;          /* the third word is a type id, else a size or unused */
};
const struct lade_btf_kind_rule *lade_btf_kind_rule(uint32_t kind);

/* One entry of the layout section, for the kind of its index. Bytes only: it may lie unaligned. */
struct lade_btf_layout {
	uint8_t info_size;    /* as lade_btf_kind_rule.fixed */
	uint8_t element_size; /* as lade_btf_kind_rule.element */
	uint8_t flags[2];     /* none is known */
};
_Static_assert(sizeof(struct lade_btf_layout) == 4, "no padding");

/* Validates all records and fills offsets and count. */
int lade_btf_index_types(struct lade_btf *btf, const struct lade_btf_layout *layouts, uint32_t layout_count,
			 const char *file, struct lade_error **error);

/* A message about one type: the place, then the text. */
struct lade_btf_place {
	const struct lade_btf *btf;
	const char *file;
	uint32_t id, offset;
	struct lade_error **error;
};
int lade_btf_fail_type(const struct lade_btf_place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What each kind promises beyond its size; called when all ids are known. */
int lade_btf_check_type(const struct lade_btf_place *place, const struct btf_type *type);

static inline bool lade_btf_string_ok(const struct lade_btf *btf, uint32_t offset)
{
	return offset < btf->strings_length;
}

static inline void lade_btf_swap_words(void *bytes, size_t length)
{
	for (size_t i = 0; i + sizeof(uint32_t) <= length; i += sizeof(uint32_t)) {
		uint32_t word;
		memcpy(&word, (char *)bytes + i, sizeof word);
		word = __builtin_bswap32(word);
		memcpy((char *)bytes + i, &word, sizeof word);
	}
}

#endif
