/* SPDX-License-Identifier: BSD-2-Clause */
/* C spellings, made by hand, of compiled types, and against libbpf's. */
#include "btf/builder.h"

#include <bpf/btf.h>
#include <ctype.h>

/* ids in the order in which they are made: 1 int, 2 char, 3 struct node, 4 FWD union, 5 anonymous enum */
static struct blob base_types(void)
{
	struct blob blob = { .string_bytes = 1 };
	blob_type(&blob, "int", KIND(INT, 0), 4);
	blob_word(&blob, (uint32_t)BTF_INT_SIGNED << 24 | 32);
	blob_type(&blob, "char", KIND(INT, 0), 1);
	blob_word(&blob, 8);
	blob_type(&blob, "node", KIND(STRUCT, 0), 8);
	blob_type(&blob, "forward", KIND_FLAG(FWD, 0), 0);
	blob_type(&blob, "", KIND(ENUM, 0), 4);
	return blob;
}

static void array_of(struct blob *blob, uint32_t type, uint32_t count)
{
	blob_type(blob, "", KIND(ARRAY, 0), 0);
	blob_word(blob, type);
	blob_word(blob, 1);
	blob_word(blob, count);
}

static void modifier(struct blob *blob, uint32_t info, uint32_t type)
{
	blob_type(blob, "", info, type);
}

/* Each line: what to make, and how type 6 + line is spelt. */
static void declarators_grow_from_the_inside(void **state)
{
	(void)state;
	struct blob blob = base_types();
	struct lade_btf *btf = NULL;
	modifier(&blob, KIND(PTR, 0), 3);        /* 6 */
	array_of(&blob, 2, 16);                  /* 7 */
	array_of(&blob, 7, 2);                   /* 8 */
	modifier(&blob, KIND(PTR, 0), 7);        /* 9 */
	array_of(&blob, 6, 4);                   /* 10 */
	modifier(&blob, KIND(CONST, 0), 1);      /* 11 */
	modifier(&blob, KIND(PTR, 0), 11);       /* 12 */
	modifier(&blob, KIND(CONST, 0), 12);     /* 13 */
	modifier(&blob, KIND(PTR, 0), 13);       /* 14 */
	modifier(&blob, KIND(VOLATILE, 0), 11);  /* 15 */
	modifier(&blob, KIND(PTR, 0), 0);        /* 16 */
	modifier(&blob, KIND(FUNC_PROTO, 3), 6); /* 17 */
	for (uint32_t type = 12; type <= 16; type += 4) {
		blob_word(&blob, 0);
		blob_word(&blob, type);
	}
	blob_word(&blob, 0);
	blob_word(&blob, 0);
	modifier(&blob, KIND(PTR, 0), 17);       /* 18 */
	array_of(&blob, 18, 3);                  /* 19 */
	modifier(&blob, KIND(FUNC_PROTO, 0), 0); /* 20 */
	modifier(&blob, KIND(PTR, 0), 20);       /* 21 */
	modifier(&blob, KIND(PTR, 0), 5);        /* 22 */
	modifier(&blob, KIND(TYPE_TAG, 0), 4);   /* 23 */
	modifier(&blob, KIND(PTR, 0), 23);       /* 24 */
	modifier(&blob, KIND(RESTRICT, 0), 24);  /* 25 */
	modifier(&blob, KIND(PTR, 0), 6);        /* 26 */
	assert_int_equal(blob_parse(&blob, false, &btf, NULL), 0);
	static const struct {
		uint32_t id;
		const char *spelling;
	} expected[] = {
		{ 0, "void" },
		{ 1, "int" },
		{ 3, "struct node" },
		{ 4, "union forward" },
		{ 5, "enum {…}" },
		{ 6, "struct node *" },
		{ 7, "char[16]" },
		{ 8, "char[2][16]" },
		{ 9, "char (*)[16]" },
		{ 10, "struct node *[4]" },
		{ 11, "const int" },
		{ 12, "const int *" },
		{ 13, "const int *const" },
		{ 14, "const int *const *" },
		{ 15, "const volatile int" },
		{ 16, "void *" },
		{ 18, "struct node *(*)(const int *, void *, ...)" },
		{ 19, "struct node *(*[3])(const int *, void *, ...)" },
		{ 20, "void (void)" },
		{ 21, "void (*)(void)" },
		{ 22, "enum {…} *" },
		{ 24, "union forward *" },
		{ 25, "union forward *restrict" },
		{ 26, "struct node **" },
	};
	for (size_t i = 0; i < ELEMENTS(expected); i++)
		assert_spelling(btf, expected[i].id, expected[i].spelling);
	lade_btf_free(btf);
}

/* Parameters of parameters: 40 levels of 3 would be 3^40. */
static void spelling_of_a_monster_stays_short(void **state)
{
	(void)state;
	struct blob blob = { .string_bytes = 1 };
	struct lade_btf *btf = NULL;
	struct strbuf text = { 0 };
	blob_type(&blob, "int", KIND(INT, 0), 4);
	blob_word(&blob, 32);
	for (uint32_t level = 0; level < 40; level++) {
		uint32_t inner = level + 1;
		blob_type(&blob, "", KIND(FUNC_PROTO, 3), inner);
		for (int i = 0; i < 3; i++) {
			blob_word(&blob, 0);
			blob_word(&blob, inner);
		}
	}
	assert_int_equal(blob_parse(&blob, false, &btf, NULL), 0);
	lade_btf_spell(btf, 41, &text);
	assert_true(text.length > 10 && text.length < 65536);
	assert_non_null(strstr(text.text, "…"));
	lade_strbuf_clear(&text);
	lade_btf_free(btf);
}

static void members_of_a_compiled_struct_are_spelt_as_written(void **state)
{
	(void)state;
	static const char *const expected[][2] = {
		{ "next", "struct node *" },   { "compare", "int (*)(const struct node *, const struct node *, ...)" },
		{ "value", "union either" },   { "colour", "enum colour" },
		{ "three", "unsigned int" },   { "five", "unsigned int" },
		{ "", "struct {…}" },          { "grid", "int[2][3]" },
		{ "names", "char *const[4]" }, { "row", "int (*)[3]" },
		{ "tail", "char[0]" },
	};
	struct compiled object;
	if (!compiled_open(TEST_OBJECTS "/elf_basic.bpf.o", &object))
		skip();
	uint32_t id = lade_btf_find(object.btf, "node", BTF_KIND_STRUCT);
	const struct btf_type *node = lade_btf_type(object.btf, id);
	assert_int_equal(lade_btf_vlen(node), ELEMENTS(expected));
	for (uint32_t i = 0; i < ELEMENTS(expected); i++) {
		const struct btf_member *member = &lade_btf_members(node)[i];
		assert_string_equal(lade_btf_string(object.btf, member->name_off), expected[i][0]);
		assert_spelling(object.btf, member->type, expected[i][1]);
	}
	compiled_close(&object);
}

/* ---- libbpf's spelling, blanks aside ---- */
static void collect(void *context, const char *format, va_list arguments)
{
	lade_strbuf_addv(context, format, arguments);
}

static void squeeze(char *text)
{
	char *to = text;
	for (const char *from = text; *from; from++)
		if (!isspace((unsigned char)*from))
			*to++ = *from;
	*to = '\0';
}

static void compare_spelling(struct btf_dump *dump, struct strbuf *theirs, const struct lade_btf *btf, uint32_t id,
			     size_t *compared)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, options, .field_name = "");
	struct strbuf ours = { 0 };
	lade_btf_spell(btf, id, &ours);
	theirs->length = 0;
	lade_strbuf_add(theirs, "");
	if (!strstr(ours.text, "…") && btf_dump__emit_type_decl(dump, id, &options) == 0) {
		squeeze(ours.text);
		squeeze(theirs->text);
		if (!strstr(theirs->text, "btf_type_tag")) { /* Lade leaves tags out */
			assert_string_equal(ours.text, theirs->text);
			++*compared;
		}
	}
	lade_strbuf_clear(&ours);
}

static void spelling_is_libbpfs(void **state)
{
	(void)state;
	static const char *const objects[] = { TEST_OBJECTS "/elf_basic.bpf.o", TEST_OBJECTS "/btf_recent.recent.o" };
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		struct compiled object;
		struct strbuf theirs = { 0 };
		size_t size, compared = 0;
		if (!compiled_open(objects[i], &object))
			continue;
		const void *bytes = lade_btf_bytes(object.btf, &size);
		struct btf *referee = btf__new(bytes, (uint32_t)size);
		struct btf_dump *dump = btf_dump__new(referee, collect, &theirs, NULL);
		assert_non_null(dump);
		for (uint32_t id = 1; id < lade_btf_count(object.btf); id++) {
			const struct btf_type *type = lade_btf_type(object.btf, id);
			uint32_t kind = lade_btf_kind(type);
			if (kind == BTF_KIND_PTR || kind == BTF_KIND_ARRAY || kind == BTF_KIND_TYPEDEF ||
			    kind == BTF_KIND_STRUCT || kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64)
				compare_spelling(dump, &theirs, object.btf, id, &compared);
		}
		assert_true(compared > 10);
		btf_dump__free(dump);
		btf__free(referee);
		lade_strbuf_clear(&theirs);
		compiled_close(&object);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(declarators_grow_from_the_inside),
		cmocka_unit_test(spelling_of_a_monster_stays_short),
		cmocka_unit_test(members_of_a_compiled_struct_are_spelt_as_written),
		cmocka_unit_test(spelling_is_libbpfs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
