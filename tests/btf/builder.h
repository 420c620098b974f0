/* SPDX-License-Identifier: BSD-2-Clause */
/* BTF made word by word, so that any word may lie. */
#ifndef TESTS_BTF_BUILDER_H
#define TESTS_BTF_BUILDER_H

#include "btf/btf.h"
#include "elf/builder.h"

#define KIND(kind, vlen)      ((uint32_t)BTF_KIND_##kind << 24 | (uint32_t)(vlen))
#define KIND_FLAG(kind, vlen) (KIND(kind, vlen) | 1u << 31)

struct blob {
	uint32_t words[400];
	uint32_t word_count;
	char strings[400];
	uint32_t string_bytes;
};

struct blob_header {
	struct btf_header plain;
	uint32_t layout_off, layout_len;
};

static inline uint32_t blob_string(struct blob *blob, const char *text)
{
	uint32_t at = blob->string_bytes;
	if (!*text)
		return 0;
	memcpy(blob->strings + at, text, strlen(text) + 1);
	blob->string_bytes += (uint32_t)strlen(text) + 1;
	return at;
}

static inline void blob_word(struct blob *blob, uint32_t word)
{
	blob->words[blob->word_count++] = word;
}

static inline void blob_type(struct blob *blob, const char *name, uint32_t info, uint32_t size_or_type)
{
	blob_word(blob, blob_string(blob, name));
	blob_word(blob, info);
	blob_word(blob, size_or_type);
}

static inline void blob_member(struct blob *blob, const char *name, uint32_t type, uint32_t offset)
{
	blob_word(blob, blob_string(blob, name));
	blob_word(blob, type);
	blob_word(blob, offset);
}

/* 1 int, 2 pointer to 3, 3 struct { int first; struct pair *next; }, 4 array of 5 ints, 5 proto, 6 func. */
static inline struct blob blob_make(void)
{
	struct blob blob = { .string_bytes = 1 };
	blob_type(&blob, "int", KIND(INT, 0), 4);
	blob_word(&blob, (uint32_t)BTF_INT_SIGNED << 24 | 32);
	blob_type(&blob, "", KIND(PTR, 0), 3);
	blob_type(&blob, "pair", KIND(STRUCT, 2), 16);
	blob_member(&blob, "first", 1, 0);
	blob_member(&blob, "next", 2, 64);
	blob_type(&blob, "", KIND(ARRAY, 0), 0);
	blob_word(&blob, 1);
	blob_word(&blob, 1);
	blob_word(&blob, 5);
	blob_type(&blob, "", KIND(FUNC_PROTO, 1), 1);
	blob_word(&blob, blob_string(&blob, "argument"));
	blob_word(&blob, 2);
	blob_type(&blob, "compute", KIND(FUNC, BTF_FUNC_GLOBAL), 5);
	return blob;
}

static inline struct blob_header blob_header(const struct blob *blob)
{
	return (struct blob_header){ .plain = { .magic = BTF_MAGIC,
						.version = BTF_VERSION,
						.hdr_len = sizeof(struct btf_header),
						.type_len = blob->word_count * (uint32_t)sizeof(uint32_t),
						.str_off = blob->word_count * (uint32_t)sizeof(uint32_t),
						.str_len = blob->string_bytes } };
}

static inline void swap_words(void *bytes, size_t size)
{
	uint32_t *words = bytes;
	for (size_t i = 0; i < size / sizeof *words; i++)
		words[i] = __builtin_bswap32(words[i]);
}

/* Header of hdr_len bytes, types, strings; the caller frees. */
static inline uint8_t *blob_write(const struct blob *blob, const struct blob_header *header, bool swapped,
				  size_t *ret_size)
{
	size_t types = blob->word_count * sizeof(uint32_t), header_bytes = sizeof header->plain;
	uint8_t *bytes = calloc(1, header_bytes + types + blob->string_bytes);
	struct btf_header *plain = (struct btf_header *)(void *)bytes;
	memcpy(bytes, &header->plain, header_bytes);
	memcpy(bytes + header_bytes, blob->words, types);
	memcpy(bytes + header_bytes + types, blob->strings, blob->string_bytes);
	if (swapped) {
		plain->magic = __builtin_bswap16(plain->magic);
		swap_words(&plain->hdr_len, header_bytes - offsetof(struct btf_header, hdr_len));
		swap_words(bytes + header_bytes, types);
	}
	*ret_size = header_bytes + types + blob->string_bytes;
	return bytes;
}

static inline int blob_parse(const struct blob *blob, bool swapped, struct lade_btf **ret_btf,
			     struct lade_error **error)
{
	size_t size;
	struct blob_header header = blob_header(blob);
	uint8_t *bytes = blob_write(blob, &header, swapped, &size);
	int result = lade_btf_parse(bytes, size, "test.o", ret_btf, error);
	free(bytes);
	return result;
}

/* The section of a compiled object; NULL when the object was not built. */
struct compiled {
	struct elf_image *elf;
	struct lade_btf *btf;
};

static inline bool compiled_open(const char *path, struct compiled *compiled)
{
	struct lade_error *error = NULL;
	*compiled = (struct compiled){ 0 };
	if (access(path, R_OK) < 0) {
		(void)fprintf(stderr, "%s was not built: no compiler for it\n", path);
		return false;
	}
	if (lade_elf_read(path, 0, &compiled->elf, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	const struct elf_section *section = lade_elf_section(compiled->elf, ".BTF");
	assert_non_null(section);
	if (lade_btf_parse(section->bytes, section->size, path, &compiled->btf, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return true;
}

static inline void compiled_close(struct compiled *compiled)
{
	lade_btf_free(compiled->btf);
	lade_elf_free(compiled->elf);
}

static inline void assert_spelling(const struct lade_btf *btf, uint32_t id, const char *expected)
{
	struct strbuf text = { 0 };
	lade_btf_spell(btf, id, &text);
	char *spelling = lade_strbuf_take(&text);
	assert_string_equal(spelling, expected);
	free(spelling);
}

#endif
