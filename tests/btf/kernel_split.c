/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's modules: BTF that continues the ids and strings of the kernel's. And damage to either. */
#include "btf/builder.h"
#include "btf/kernel_types.h"

#include <bpf/btf.h>
#include <ftw.h>
#include <sys/stat.h>

#define MUTATIONS 2000u

static char directory[] = "/tmp/lade-kernel-split-XXXXXX";

static void write_file(const char *name, const void *bytes, size_t size)
{
	CLEANUP(cleanup_free) char *path = NULL;
	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	(void)unlink(path); /* else some file systems write the old one's successor to the disk at once */
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void write_btf(const char *name, const struct btf *btf)
{
	uint32_t size;
	const void *bytes = btf__raw_data(btf, &size);
	write_file(name, bytes, size);
}

/* 70 structs, so that there is more than one checkpoint; a name that modules share; every kind of element. */
static struct btf *make_base(void)
{
	struct btf *made = btf__new_empty();
	int number = btf__add_int(made, "int", 4, BTF_INT_SIGNED);
	for (int i = 0; i < 70; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "base_%d", i);
		int id = btf__add_struct(made, name, 8);
		assert_int_equal(btf__add_field(made, "first", number, 0, 0), 0);
		assert_int_equal(btf__add_field(made, "shared", number, 32, 0), 0);
		assert_true(btf__add_ptr(made, id) > 0);
	}
	assert_true(btf__add_enum(made, "colour", 4) > 0);
	assert_int_equal(btf__add_enum_value(made, "RED", 1), 0);
	int proto = btf__add_func_proto(made, number);
	assert_int_equal(btf__add_func_param(made, "argument", number), 0);
	assert_true(btf__add_func(made, "compute", BTF_FUNC_STATIC, proto) > 0);
	assert_true(btf__add_array(made, number, number, 5) > 0);
	assert_true(btf__add_typedef(made, "number", number) > 0);
	return made;
}

/* Refers to the base's types, and names things by the base's strings and by its own. */
static struct btf *make_module(struct btf *base, const char *own)
{
	struct btf *made = btf__new_empty_split(base);
	int number = btf__find_by_name_kind(base, "int", BTF_KIND_INT);
	char name[64];
	assert_non_null(made);
	assert_true(btf__add_struct(made, own, 4) > 0);
	assert_int_equal(btf__add_field(made, "first", number, 0, 0), 0);
	assert_true(btf__add_struct(made, "shared", 4) > 0); /* in the base only a member's name */
	assert_int_equal(btf__add_field(made, "own_field", number, 0, 0), 0);
	(void)snprintf(name, sizeof name, "base_3___%s", own);
	assert_true(btf__add_struct(made, name, 4) > 0);
	for (int i = 0; i < 40; i++)
		assert_true(btf__add_ptr(made, btf__find_by_name_kind(base, "base_5", BTF_KIND_STRUCT)) > 0);
	return made;
}

static struct btf *base, *one, *two;

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	base = make_base();
	one = make_module(base, "one_struct");
	two = make_module(base, "two_struct");
	write_btf("vmlinux", base);
	write_btf("one", one);
	write_btf("two", two);
	write_file("damaged", "no BTF at all", 13);
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	btf__free(one);
	btf__free(two);
	btf__free(base);
	return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct kernel_types *open_types(void)
{
	struct kernel_types *types = NULL;
	struct lade_error *error = NULL;
	if (lade_kernel_types_open(&(struct kernel_types_options){ .sysfs = directory }, &types, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return types;
}

static void compare(const struct btf *theirs, const struct lade_btf *ours)
{
	assert_non_null(ours);
	assert_int_equal(btf__type_cnt(theirs), lade_btf_count(ours));
	for (uint32_t id = 1; id < lade_btf_count(ours); id++) {
		const struct btf_type *a = btf__type_by_id(theirs, id), *b = lade_btf_type(ours, id);
		assert_non_null(b);
		assert_memory_equal(a, b, sizeof *a);
		assert_string_equal(btf__name_by_offset(theirs, a->name_off), lade_btf_type_name(ours, id));
		for (uint32_t i = 0; btf_is_composite(a) && i < btf_vlen(a); i++)
			assert_string_equal(btf__name_by_offset(theirs, btf_members(a)[i].name_off),
					    lade_btf_string(ours, lade_btf_members(b)[i].name_off));
		int64_t size = btf__resolve_size(theirs, id);
		if (size >= 0)
			assert_int_equal(size, lade_btf_size(ours, id));
	}
}

static void a_module_continues_the_ids_and_strings_of_the_kernel(void **state)
{
	(void)state;
	struct kernel_types *types = open_types();
	compare(one, lade_kernel_types_module(types, "one"));
	compare(two, lade_kernel_types_module(types, "two"));
	compare(base, lade_kernel_types_base(types));
	assert_ptr_equal(lade_kernel_types_module(types, "one"), lade_kernel_types_module(types, "one"));
	assert_null(lade_kernel_types_module(types, "damaged"));
	lade_kernel_types_free(types);
}

static const struct kernel_type_list *in_modules(struct kernel_types *types, const char *name)
{
	const struct kernel_type_list *list = NULL;
	struct lade_error *error = NULL;
	if (lade_kernel_types_find_in_modules(types, name, &list, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return list;
}

static void names_are_found_in_all_modules(void **state)
{
	(void)state;
	struct kernel_types *types = open_types();
	const struct kernel_type_list *list = in_modules(types, "one_struct");
	assert_int_equal(list->count, 1);
	assert_string_equal(list->items[0].module, "one");
	assert_ptr_equal(list->items[0].btf, lade_kernel_types_module(types, "one"));
	assert_int_equal(list->items[0].id, btf__find_by_name_kind(one, "one_struct", BTF_KIND_STRUCT));
	assert_int_equal(in_modules(types, "shared")->count, 2); /* the base's string */
	assert_int_equal(in_modules(types, "base_3")->count, 2); /* flavours */
	assert_int_equal(in_modules(types, "base_4")->count, 0);
	assert_int_equal(in_modules(types, "no_such_name")->count, 0);
	lade_kernel_types_free(types);
}

static void the_kernel_is_asked_before_its_modules(void **state)
{
	(void)state;
	struct kernel_types *types = open_types();
	struct kernel_type type = { 0 };
	assert_int_equal(lade_kernel_types_exact(types, "base_3", BTF_KIND_STRUCT, true, &type, NULL), 0);
	assert_null(type.module);
	assert_int_equal(lade_kernel_types_exact(types, "two_struct", BTF_KIND_STRUCT, false, &type, NULL), 0);
	assert_int_equal(type.id, 0);
	assert_int_equal(lade_kernel_types_exact(types, "two_struct", BTF_KIND_STRUCT, true, &type, NULL), 0);
	assert_string_equal(type.module, "two");
	const struct lade_btf *module = lade_kernel_types_module(types, "two");
	assert_int_equal(lade_btf_find(module, "two_struct", BTF_KIND_STRUCT), type.id);
	assert_int_equal(lade_btf_find(module, "base_3", BTF_KIND_STRUCT),
			 btf__find_by_name_kind(base, "base_3", BTF_KIND_STRUCT));
	assert_int_equal(lade_btf_find(module, "one_struct", BTF_KIND_STRUCT), 0);
	lade_kernel_types_free(types);
}

/* ---- damage ---- */

static volatile uint64_t sum;

static void use(const struct lade_btf *btf)
{
	uint32_t count = lade_btf_count(btf);
	for (uint32_t id = 0; id < count + 2; id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		struct strbuf text = { 0 };
		sum += strlen(lade_btf_type_name(btf, id)) + (uint64_t)lade_btf_size(btf, id);
		sum += lade_btf_skip_modifiers(btf, id);
		for (uint32_t i = 0; lade_btf_members(type) && i < lade_btf_vlen(type); i++)
			sum += strlen(lade_btf_type_name(btf, lade_btf_members(type)[i].type)) +
			       strlen(lade_btf_string(btf, lade_btf_members(type)[i].name_off));
		for (uint32_t i = 0; lade_btf_params(type) && i < lade_btf_vlen(type); i++)
			sum += strlen(lade_btf_string(btf, lade_btf_params(type)[i].name_off));
		lade_btf_spell(btf, id, &text);
		lade_strbuf_clear(&text);
	}
}

static void survive(struct kernel_types *types)
{
	static const char *const names[] = { "base_3", "int", "shared", "one_struct", "colour" };
	struct lade_error *error = NULL;
	const struct kernel_type_list *list = NULL;
	/* Both ways: known damage must not change what accessors say. */
	int result = lade_kernel_types_want(types, names, ELEMENTS(names), &error);
	if (result < 0 && lade_error_finding_count(error) != 1)
		fail_msg("refused without a finding");
	lade_error_free(error);
	for (size_t i = 0; i < 4; i++) { /* the third pass makes an index */
		(void)lade_kernel_types_find(types, names[i], &list, NULL);
		char fresh[16];
		(void)snprintf(fresh, sizeof fresh, "base_%zu", 10 + i);
		(void)lade_kernel_types_find(types, fresh, &list, NULL);
	}
	use(lade_kernel_types_base(types));
	const struct lade_btf *module = lade_kernel_types_module(types, "one");
	(void)lade_kernel_types_find_in_modules(types, "one_struct", &list, NULL);
	if (module)
		use(module);
}

static void damage(const struct btf *btf, const char *name)
{
	uint32_t size, random = 12345;
	const uint8_t *bytes = btf__raw_data(btf, &size);
	CLEANUP(cleanup_free) uint8_t *copy = malloc(size);
	size_t opened = 0;
	for (uint32_t i = 0; i < MUTATIONS; i++) {
		uint32_t length = size;
		memcpy(copy, bytes, size);
		for (uint32_t j = 0; j <= i % 4; j++) {
			random = random * 1664525 + 1013904223;
			/* The header each fourth time, and all lengths. */
			uint32_t at = (random >> 8) % (i % 4 == 3 ? 24 : size);
			copy[at] = (uint8_t)(i % 3 ? random >> 24 : copy[at] ^ 1u << (random >> 24) % 8);
		}
		if (i % 16 == 5)
			length = (random >> 4) % size;
		write_file(name, copy, length);
		struct kernel_types *types = NULL;
		struct lade_error *error = NULL;
		struct kernel_types_options options = { .sysfs = directory, .release = i % 2 ? NULL : "other" };
		CLEANUP(cleanup_free) char *path = NULL;
		assert_true(asprintf(&path, "%s/vmlinux", directory) > 0);
		options.file = i % 2 ? NULL : path;
		if (lade_kernel_types_open(&options, &types, &error) == 0)
			survive(types);
		else if (lade_error_finding_count(error) != 1)
			fail_msg("refused without a finding");
		opened += types != NULL;
		lade_error_free(error);
		lade_kernel_types_free(types);
	}
	assert_true(opened > 0);
	write_btf(name, btf);
}

static void any_damage_to_a_kernel_is_survived(void **state)
{
	(void)state;
	damage(base, "vmlinux");
}

static void any_damage_to_a_module_is_survived(void **state)
{
	(void)state;
	damage(one, "one");
}

/* ---- kinds that are not known ---- */

static struct kernel_types *open_blob(const struct blob *blob, const struct blob_header *header, const void *layout,
				      size_t layout_size)
{
	CLEANUP(cleanup_free) char *path = NULL;
	struct kernel_types *types = NULL;
	size_t types_size = blob->word_count * sizeof(uint32_t);
	uint8_t bytes[4096];
	memcpy(bytes, header, sizeof *header);
	memcpy(bytes + sizeof *header, blob->words, types_size);
	memcpy(bytes + sizeof *header + types_size, layout, layout_size);
	memcpy(bytes + sizeof *header + types_size + layout_size, blob->strings, blob->string_bytes);
	write_file("unknown", bytes, sizeof *header + types_size + layout_size + blob->string_bytes);
	assert_true(asprintf(&path, "%s/unknown", directory) > 0);
	assert_int_equal(lade_kernel_types_open(&(struct kernel_types_options){ .file = path }, &types, NULL), 0);
	return types;
}

static void check_unknown(bool with_layout)
{
	struct blob blob = blob_make();
	uint8_t layout[31][4] = { 0 };
	layout[30][0] = 8;  /* after the record */
	layout[30][1] = 12; /* of an element */
	blob_type(&blob, "strange", 30u << 24 | 2, 0);
	for (uint32_t i = 0; i < 2 + 2 * 3; i++)
		blob_word(&blob, 0xffffffff);
	blob_type(&blob, "behind", KIND(TYPEDEF, 0), 1);
	struct blob_header header = blob_header(&blob);
	uint32_t layout_size = with_layout ? sizeof layout : 0;
	header.plain.hdr_len = sizeof header;
	header.layout_off = header.plain.type_len;
	header.layout_len = layout_size;
	header.plain.str_off += layout_size;
	struct kernel_types *types = open_blob(&blob, &header, layout, layout_size);
	const struct kernel_type_list *list = NULL;
	struct lade_error *error = NULL;
	int result = lade_kernel_types_find(types, "behind", &list, &error);
	if (with_layout) {
		assert_int_equal(result, 0);
		assert_int_equal(list->count, 1);
		assert_int_equal(list->items[0].id, 8);
		assert_string_equal(lade_btf_type_name(list->items[0].btf, 7), "strange");
	} else {
		assert_true(result < 0);
		assert_string_equal(lade_error_finding(error, 0)->code, "btf.kernel.damaged");
		assert_non_null(strstr(lade_error_finding(error, 0)->message, "type 7 at offset 120"));
		assert_non_null(strstr(lade_error_finding(error, 0)->message, "kind 30"));
		/* What lies before is still there. */
		assert_string_equal(lade_btf_type_name(lade_kernel_types_base(types), 6), "compute");
		assert_null(lade_btf_type(lade_kernel_types_base(types), 7));
	}
	lade_error_free(error);
	lade_kernel_types_free(types);
}

static void an_unknown_kind_is_passed_over_by_the_layout_section(void **state)
{
	(void)state;
	check_unknown(true);
}

static void an_unknown_kind_without_layout_is_said_with_id_and_offset(void **state)
{
	(void)state;
	check_unknown(false);
}

/* More than are looked for at a time: a module is asked for some of them, and always for the one that is meant. */
static void any_number_of_names_may_be_missing_from_the_kernel(void **state)
{
	enum { NAMES = 9000 };
	struct kernel_types *types = open_types();
	const struct kernel_type_list *list = NULL;
	char(*texts)[16] = calloc(NAMES, sizeof *texts);
	const char **names = calloc(NAMES, sizeof *names); /* NOLINT(bugprone-sizeof-expression) */
	(void)state;
	assert_non_null(texts);
	assert_non_null(names);
	for (int i = 0; i < NAMES; i++) {
		(void)snprintf(texts[i], sizeof texts[i], "missing_%d", (i / 2) & 0xffff); /* each of them twice */
		names[i] = texts[i];
	}
	assert_int_equal(lade_kernel_types_want(types, names, NAMES, NULL), 0);
	assert_int_equal(lade_kernel_types_find_in_modules(types, "missing_1", &list, NULL), 0);
	assert_int_equal(list->count, 0);
	assert_int_equal(lade_kernel_types_find_in_modules(types, "one_struct", &list, NULL), 0);
	assert_int_equal(list->count, 1);
	free(names);
	free(texts);
	lade_kernel_types_free(types);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_continues_the_ids_and_strings_of_the_kernel),
		cmocka_unit_test(names_are_found_in_all_modules),
		cmocka_unit_test(the_kernel_is_asked_before_its_modules),
		cmocka_unit_test(any_number_of_names_may_be_missing_from_the_kernel),
		cmocka_unit_test(any_damage_to_a_kernel_is_survived),
		cmocka_unit_test(any_damage_to_a_module_is_survived),
		cmocka_unit_test(an_unknown_kind_is_passed_over_by_the_layout_section),
		cmocka_unit_test(an_unknown_kind_without_layout_is_said_with_id_and_offset),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
