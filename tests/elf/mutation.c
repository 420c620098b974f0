/* SPDX-License-Identifier: BSD-2-Clause */
/* Every byte of an object spoilt, every length: no crash, and on failure a finding of this room. */
#include "elf/builder.h"

static volatile unsigned sum;

/* Touches everything that was given out. */
static void use(const struct elf_image *image)
{
	for (size_t i = 0; i < image->section_count; i++) {
		const struct elf_section *section = &image->sections[i];
		struct elf_relocations relocations = { 0 };
		sum += (unsigned)strlen(section->name);
		if (section->bytes)
			sum += section->bytes[0] + (unsigned)section->bytes[section->size - 1];
		if (lade_elf_relocations(image, section->index, &relocations, NULL) == 0)
			for (size_t j = 0; j < relocations.count; j++) {
				assert_true(relocations.items[j].symbol < image->symbol_count);
				assert_true(relocations.items[j].offset < section->size);
			}
		array_clear(&relocations);
	}
	for (size_t i = 0; i < image->symbol_count; i++) {
		sum += (unsigned)strlen(image->symbols[i].name);
		assert_true(image->symbols[i].section < image->section_count ||
			    image->symbols[i].section >= SHN_LORESERVE);
	}
}

/* An own allocation of just this size, so that the sanitizer sees every byte too far. */
static bool survives(const uint8_t *bytes, size_t size)
{
	struct elf_image *image = NULL;
	struct lade_error *error = NULL;
	int result = lade_elf_parse(bytes, size, "mutant.o", &image, &error);
	if (result == 0)
		use(image);
	else if (lade_error_finding_count(error) != 1 || lade_error_exit_code(error) != 2)
		fail_msg("refused without a finding: %s", lade_error_message(error));
	lade_error_free(error);
	lade_elf_free(image);
	return result == 0;
}

static void mutate(uint8_t *bytes, size_t size, size_t *accepted)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t original = bytes[i];
		const uint8_t values[] = {
			0, 0xff, 0x7f, (uint8_t)(original ^ 1), (uint8_t)(original ^ 0x80), (uint8_t)(original + 1)
		};
		for (size_t j = 0; j < sizeof values; j++) {
			bytes[i] = values[j];
			*accepted += survives(bytes, size);
		}
		bytes[i] = original;
	}
}

static void any_byte_of_a_small_object_may_lie(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct builder b = builder_make();
		uint8_t bytes[sizeof b];
		size_t accepted = 0;
		b.header.e_ident[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
		builder_write(&b, bytes);
		mutate(bytes, sizeof bytes, &accepted);
		/* Neither everything nor nothing is refused. */
		assert_true(accepted > sizeof bytes && accepted < sizeof bytes * 6);
	}
}

static void any_length_of_a_small_object_is_survived(void **state)
{
	(void)state;
	struct builder b = builder_make();
	for (size_t size = 0; size < sizeof b; size++)
		assert_false(survives((const uint8_t *)&b, size));
	assert_true(survives((const uint8_t *)&b, sizeof b));
}

/* Its headers are at the end; every header byte, and every length in steps. */
static void compiled_object_may_lie_in_its_headers(void **state)
{
	(void)state;
	size_t size, accepted = 0;
	uint8_t *bytes = read_test_file(TEST_OBJECTS "/elf_basic.bpf.o", &size);
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)bytes;
	for (size_t i = 0; i < sizeof *header; i++) {
		uint8_t original = bytes[i];
		bytes[i] = 0xff;
		accepted += survives(bytes, size);
		bytes[i] = original;
	}
	for (size_t i = header->e_shoff; i < size; i++) {
		uint8_t original = bytes[i];
		bytes[i] = (uint8_t)~original;
		accepted += survives(bytes, size);
		bytes[i] = original;
	}
	for (size_t length = 0; length < size; length += 41)
		assert_false(survives(bytes, length));
	assert_true(accepted > 0 && survives(bytes, size));
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_byte_of_a_small_object_may_lie),
		cmocka_unit_test(any_length_of_a_small_object_is_survived),
		cmocka_unit_test(compiled_object_may_lie_in_its_headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
