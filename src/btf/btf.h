/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Validated BTF. After lade_btf_parse() succeeded every id, name offset, member count and size in the
 * type section is known to be in range, so the accessors need no error paths. Members start inside their
 * struct, but may end beyond it (flexible arrays, lies): a reader of values checks that itself, and that
 * types nested by value do not contain themselves. Names may hold any byte but NUL.
 * Opposite-endian input is swapped on reading; the raw bytes given out are in native order.
 *
 * struct btf_type and the BTF_KIND_ numbers are the kernel's (<linux/btf.h>). What newer kernels added is
 * understood as well: the header's layout section (7.1), vlen of 24 and kind of 7 bits (7.2).
 */
#ifndef LADE_BTF_BTF_H
#define LADE_BTF_BTF_H

#include <linux/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"

struct lade_btf;

/*
 * Parses and validates. Copies the bytes. Findings: btf.header, btf.strings, btf.type (names the type id
 * and the offset), btf.too-large. size is that of the section, which may be larger than the BTF inside.
 */
int lade_btf_parse(const void *bytes, size_t size, const char *file, struct lade_btf **ret_btf,
		   struct lade_error **error);
/* One more reference; any thread may drop it. */
struct lade_btf *lade_btf_ref(struct lade_btf *btf);
struct lade_btf *lade_btf_free(struct lade_btf *btf); /* drops one reference */

/* Ids run from 1 to count - 1; 0 is void. */
uint32_t lade_btf_count(const struct lade_btf *btf);
/* NULL for 0 and for ids out of range. */
const struct btf_type *lade_btf_type(const struct lade_btf *btf, uint32_t id);
/* Never NULL: "" for offset 0. */
const char *lade_btf_string(const struct lade_btf *btf, uint32_t offset);
const char *lade_btf_type_name(const struct lade_btf *btf, uint32_t id);

/* All of these take NULL for void. */
static inline uint32_t lade_btf_kind(const struct btf_type *type)
{
	return type ? type->info >> 24 & 0x7f : BTF_KIND_UNKN;
}
static inline uint32_t lade_btf_vlen(const struct btf_type *type)
{
	return type ? type->info & 0xffffff : 0;
}
static inline bool lade_btf_kind_flag(const struct btf_type *type)
{
	return type && type->info >> 31;
}
const char *lade_btf_kind_name(uint32_t kind); /* "struct"; "kind 25" is not made up: NULL when unknown */

/* What follows the type record; the count is lade_btf_vlen(). NULL when the kind has none. */
const struct btf_member *lade_btf_members(const struct btf_type *type);
const struct btf_param *lade_btf_params(const struct btf_type *type);
const struct btf_enum *lade_btf_enums(const struct btf_type *type);
const struct btf_enum64 *lade_btf_enums64(const struct btf_type *type);
const struct btf_array *lade_btf_array(const struct btf_type *type);
const struct btf_var_secinfo *lade_btf_secinfos(const struct btf_type *type);
uint32_t lade_btf_int_encoding(const struct btf_type *type); /* BTF_INT_SIGNED | BTF_INT_CHAR | BTF_INT_BOOL */
uint32_t lade_btf_int_bits(const struct btf_type *type);
/* Of a member, in bits; kind_flag is taken into account. bit size 0: no bitfield. */
uint32_t lade_btf_member_bit_offset(const struct btf_type *type, uint32_t member);
uint32_t lade_btf_member_bit_size(const struct btf_type *type, uint32_t member);

/* Through typedef, const, volatile, restrict, type_tag, decl-less wrappers. Cycles end at 0. */
uint32_t lade_btf_skip_modifiers(const struct lade_btf *btf, uint32_t id);
/* Size in bytes of a value of this type; -EINVAL for void, func and forward types, -E2BIG from 4 GiB on. */
int64_t lade_btf_size(const struct lade_btf *btf, uint32_t id);
/* The same where pointers have 4 bytes: types of 32-bit kernels. lade_btf_size() takes them for 8, as BPF programs do.
 */
int64_t lade_btf_size_with(const struct lade_btf *btf, uint32_t id, uint32_t pointer_bytes);
/* First type of this kind and name; 0: none. */
uint32_t lade_btf_find(const struct lade_btf *btf, const char *name, uint32_t kind);
/* "struct event *", "unsigned int", "char[16]" …: C spelling. */
void lade_btf_spell(const struct lade_btf *btf, uint32_t id, struct strbuf *into);

/*
 * Whole BTF in native byte order, as BPF_BTF_LOAD of every kernel wants it: a header of 24 bytes, types,
 * strings; without gaps, and without the layout section, which kernels before 7.1 refuse. Lives as long
 * as btf.
 */
const void *lade_btf_bytes(const struct lade_btf *btf, size_t *ret_size);
/* A copy with a reference count of its own, for a caller that changes types in place through lade_btf_edit():
 * sizes, offsets, linkage, never the length of a record. */
int lade_btf_clone(const struct lade_btf *btf, struct lade_btf **ret_btf, struct lade_error **error);
struct btf_type *lade_btf_edit(struct lade_btf *btf, uint32_t id);
/* Appends a BTF_KIND_VAR. Strings that were given out stay where they are; pointers to types do not. -ENOMEM, -E2BIG.
 */
int lade_btf_add_variable(struct lade_btf *btf, const char *name, uint32_t type, uint32_t linkage, uint32_t *ret_id);

/*
 * More types and names, in the order in which they are added; ids and name offsets continue those of the BTF that the
 * extension was begun for. -ENOMEM; -E2BIG beyond what a program's worth of types needs. tail: what follows the record,
 * in whole words.
 */
struct lade_btf_extension {
	ARRAY_OF(uint32_t) words;
	ARRAY_OF(char) names;
	uint32_t next_id, next_name;
};
void lade_btf_extension_begin(struct lade_btf_extension *extension, const struct lade_btf *btf);
int lade_btf_extension_name(struct lade_btf_extension *extension, const char *name, uint32_t *ret_offset);
int lade_btf_extension_add(struct lade_btf_extension *extension, const struct btf_type *type, const void *tail,
			   size_t tail_bytes, uint32_t *ret_id);
/* A BTF of its own that has both. Fails as lade_btf_parse() does. */
int lade_btf_extended(const struct lade_btf *btf, const struct lade_btf_extension *extension, struct lade_btf **ret_btf,
		      struct lade_error **error);
void lade_btf_extension_clear(struct lade_btf_extension *extension);

/*
 * Rewrites the newest kind that an older kernel may not know into one it does, in a clone. *step starts at 0; each
 * call does the next rewrite that changes something and returns what it took away; NULL: there is nothing left.
 */
const char *lade_btf_step_back(struct lade_btf *btf, unsigned *step);

/* ---- .BTF.ext ---- */
struct btf_func_info {
	uint32_t offset;  /* bytes in the section */
	uint32_t type_id; /* BTF_KIND_FUNC, checked */
};
struct btf_line_info {
	uint32_t offset;           /* bytes in the section */
	uint32_t file_name_offset; /* checked strings */
	uint32_t line_offset;
	uint32_t line_column; /* line << 10 | column */
};
struct btf_core_relocation {
	uint32_t offset;
	uint32_t type_id;
	uint32_t access_string_offset;
	uint32_t kind;
};

/* The records of one ELF section, sorted by offset (a multiple of 8, but not checked against the section). */
struct btf_ext_section {
	const char *section; /* name, in the BTF's strings */
	struct btf_func_info *funcs;
	size_t func_count;
	struct btf_line_info *lines;
	size_t line_count;
	struct btf_core_relocation *relocations;
	size_t relocation_count;
};

struct btf_ext {
	struct btf_ext_section *items;
	size_t count, capacity;
};

/*
 * Either byte order. Findings: btf.ext.header, btf.ext.record. Records may be longer than the ones above;
 * the rest is dropped. Names point into btf, which must live longer.
 */
int lade_btf_ext_parse(const struct lade_btf *btf, const void *bytes, size_t size, const char *file,
		       struct btf_ext **ret_ext, struct lade_error **error);
struct btf_ext *lade_btf_ext_free(struct btf_ext *ext);
/* NULL: nothing about this section. */
const struct btf_ext_section *lade_btf_ext_section(const struct btf_ext *ext, const char *section);

DEFINE_CLEANUP(struct lade_btf, lade_btf, lade_btf_free)
DEFINE_CLEANUP(struct btf_ext, btf_ext, lade_btf_ext_free)

#endif
