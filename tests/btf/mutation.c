/* SPDX-License-Identifier: BSD-2-Clause */
/* Every byte of BTF and .BTF.ext spoilt, every length: no crash, no hang, and a finding on failure. */
#include "btf/builder.h"

static volatile uint64_t sum;

/* Calls every accessor on every type. */
static void use(const struct lade_btf *btf)
{
	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		struct strbuf text = { 0 };
		sum += strlen(lade_btf_type_name(btf, id)) + (uint64_t)lade_btf_size(btf, id);
		assert_true(lade_btf_skip_modifiers(btf, id) < lade_btf_count(btf));
		for (uint32_t i = 0; lade_btf_members(type) && i < lade_btf_vlen(type); i++)
			sum += strlen(lade_btf_type_name(btf, lade_btf_members(type)[i].type)) +
			       strlen(lade_btf_string(btf, lade_btf_members(type)[i].name_off));
		for (uint32_t i = 0; lade_btf_secinfos(type) && i < lade_btf_vlen(type); i++)
			assert_non_null(lade_btf_type(btf, lade_btf_secinfos(type)[i].type));
		lade_btf_spell(btf, id, &text);
		assert_false(text.failed);
		lade_strbuf_clear(&text);
	}
	sum += lade_btf_find(btf, "pair", BTF_KIND_STRUCT);
}

static void check_refusal(int result, struct lade_error *error)
{
	if (result < 0 && (lade_error_finding_count(error) != 1 || lade_error_exit_code(error) != 2))
		fail_msg("refused without a finding: %s", lade_error_message(error));
	lade_error_free(error);
}

/* An allocation of just this size, so that the sanitizer sees every byte too far. */
static bool survives(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct lade_btf *btf = NULL;
	struct lade_error *error = NULL;
	memcpy(copy, bytes, size);
	int result = lade_btf_parse(copy, size, "mutant.o", &btf, &error);
	free(copy);
	check_refusal(result, error);
	if (result == 0)
		use(btf);
	lade_btf_free(btf);
	return result == 0;
}

typedef bool try_fn(const uint8_t *bytes, size_t size, const void *context);

static bool try_btf(const uint8_t *bytes, size_t size, const void *context)
{
	(void)context;
	return survives(bytes, size);
}

static bool try_ext(const uint8_t *bytes, size_t size, const void *context)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct btf_ext *ext = NULL;
	struct lade_error *error = NULL;
	memcpy(copy, bytes, size);
	int result = lade_btf_ext_parse(context, copy, size, "mutant.o", &ext, &error);
	free(copy);
	check_refusal(result, error);
	lade_btf_ext_free(ext);
	return result == 0;
}

static void mutate(uint8_t *bytes, size_t size, try_fn *try, const void *context)
{
	size_t accepted = 0, tried = 0;
	for (size_t i = 0; i < size; i++) {
		uint8_t original = bytes[i];
		const uint8_t values[] = {
			0, 0xff, 0x7f, (uint8_t)(original ^ 1), (uint8_t)(original ^ 0x80), (uint8_t)(original + 1)
		};
		for (size_t j = 0; j < sizeof values; j++, tried++) {
			bytes[i] = values[j];
			accepted += try(bytes, size, context);
		}
		bytes[i] = original;
	}
	assert_true(accepted > 0 && accepted < tried);
	for (size_t length = 0; length < size; length++)
		assert_false(try(bytes, length, context));
}

static void any_byte_and_any_length_of_btf_may_lie(void **state)
{
	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		struct blob blob = blob_make();
		struct blob_header header = blob_header(&blob);
		size_t size;
		uint8_t *bytes = blob_write(&blob, &header, swapped, &size);
		mutate(bytes, size, try_btf, NULL);
		free(bytes);
	}
}

static void any_byte_of_compiled_btf_may_lie(void **state)
{
	(void)state;
	static const char *const objects[] = { TEST_OBJECTS "/elf_basic.bpf.o", TEST_OBJECTS "/elf_basic.eb.o",
					       TEST_OBJECTS "/btf_recent.recent.o" };
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		struct compiled object;
		if (!compiled_open(objects[i], &object))
			continue;
		const struct elf_section *section = lade_elf_section(object.elf, ".BTF");
		uint8_t *bytes = malloc(section->size);
		memcpy(bytes, section->bytes, section->size);
		for (size_t at = 0; at < section->size; at++) {
			bytes[at] = (uint8_t)~bytes[at];
			(void)survives(bytes, section->size);
			bytes[at] = section->bytes[at];
		}
		assert_true(survives(bytes, section->size));
		free(bytes);
		compiled_close(&object);
	}
}

static void any_byte_and_any_length_of_ext_may_lie(void **state)
{
	(void)state;
	static const char *const objects[] = { TEST_OBJECTS "/elf_basic.bpf.o", TEST_OBJECTS "/elf_basic.eb.o" };
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		struct compiled object;
		assert_true(compiled_open(objects[i], &object));
		const struct elf_section *section = lade_elf_section(object.elf, ".BTF.ext");
		uint8_t *bytes = malloc(section->size);
		memcpy(bytes, section->bytes, section->size);
		mutate(bytes, section->size, try_ext, object.btf);
		free(bytes);
		compiled_close(&object);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_byte_and_any_length_of_btf_may_lie),
		cmocka_unit_test(any_byte_of_compiled_btf_may_lie),
		cmocka_unit_test(any_byte_and_any_length_of_ext_may_lie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
