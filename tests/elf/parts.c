/* SPDX-License-Identifier: BSD-2-Clause */
/* Large files, of which only what a loader looks at is read. */
#include "elf/builder.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEBUG = SECTION_COUNT, LARGE_COUNT, DEBUG_BYTES = 300000, DEBUG_NAME = 64 };

/* The small object, a section of DWARF behind it, and a table of sections behind that. */
struct large {
	struct builder small;
	uint8_t debug[DEBUG_BYTES];
	Elf64_Shdr sections[LARGE_COUNT];
};

static struct large *large_make(void)
{
	struct large *large = calloc(1, sizeof *large);
	assert_non_null(large);
	large->small = builder_make();
	for (size_t i = 0; i < DEBUG_BYTES; i++)
		large->debug[i] = (uint8_t)(i * 7 + 1);
	(void)strcpy(large->small.strings + DEBUG_NAME, ".debug_info");
	memcpy(large->sections, large->small.sections, sizeof large->small.sections);
	large->sections[DEBUG] = (Elf64_Shdr){ .sh_name = DEBUG_NAME,
					       .sh_type = SHT_PROGBITS,
					       .sh_offset = offsetof(struct large, debug),
					       .sh_size = DEBUG_BYTES,
					       .sh_addralign = 1 };
	large->small.header.e_shoff = offsetof(struct large, sections);
	large->small.header.e_shnum = LARGE_COUNT;
	return large;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wbe");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int open_large(const struct large *large, char path[64], struct elf_image **ret_image, struct lade_error **error)
{
	(void)strcpy(path, "/tmp/lade-elf-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	write_file(path, large, sizeof *large);
	return lade_elf_read(path, 0, ret_image, error);
}

static void assert_loadable(const struct elf_image *image, const struct large *large)
{
	assert_int_equal(image->size, sizeof *large);
	assert_int_equal(image->section_count, LARGE_COUNT);
	assert_memory_equal(image->sections[TEXT].bytes, large->small.text, sizeof large->small.text);
	assert_string_equal(image->sections[DEBUG].name, ".debug_info");
	assert_int_equal(image->sections[DEBUG].size, DEBUG_BYTES);
	assert_int_equal(image->symbol_count, 4);
	assert_string_equal(image->symbols[1].name, "main");
}

static void debugging_sections_are_read_when_they_are_asked_for(void **state)
{
	struct large *large = large_make();
	struct elf_image *image = NULL;
	char path[64];
	(void)state;
	assert_int_equal(open_large(large, path, &image, NULL), 0);
	assert_loadable(image, large);
	assert_int_equal(image->sections[DEBUG].bytes[DEBUG_BYTES / 2], 0);
	assert_int_equal(lade_elf_need_debug(image), 0);
	assert_memory_equal(image->sections[DEBUG].bytes, large->debug, DEBUG_BYTES);
	assert_int_equal(lade_elf_need_debug(image), 0);
	assert_loadable(image, large);
	lade_elf_free(image);
	assert_int_equal(unlink(path), 0);
	free(large);
}

/* What was checked once is not read again, whatever a later section of DWARF claims to cover. */
static void what_was_checked_is_not_read_twice(void **state)
{
	struct large *large = large_make();
	struct elf_image *image = NULL;
	char path[64];
	(void)state;
	large->sections[DEBUG].sh_offset = 0;
	large->sections[DEBUG].sh_size = offsetof(struct large, sections);
	assert_int_equal(open_large(large, path, &image, NULL), 0);
	assert_string_equal(image->symbols[1].name, "main");
	memset(large->small.strings, 'x', sizeof large->small.strings);
	write_file(path, large, sizeof *large);
	assert_int_equal(lade_elf_need_debug(image), 0);
	assert_string_equal(image->symbols[1].name, "main");
	assert_int_equal(image->bytes[offsetof(struct large, debug) + DEBUG_BYTES / 2], large->debug[DEBUG_BYTES / 2]);
	lade_elf_free(image);
	assert_int_equal(unlink(path), 0);
	free(large);
}

static void file_that_shrinks_has_no_debugging_sections_any_more(void **state)
{
	struct large *large = large_make();
	struct elf_image *image = NULL;
	char path[64];
	(void)state;
	assert_int_equal(open_large(large, path, &image, NULL), 0);
	assert_int_equal(truncate(path, 1000), 0);
	assert_int_equal(lade_elf_need_debug(image), -EIO);
	assert_loadable(image, large);
	lade_elf_free(image);
	assert_int_equal(unlink(path), 0);
	free(large);
}

/* A file that is not taken apart easily is read whole: the checks say the same of it as of a small one. */
static void lies_are_found_as_in_small_files(void **state)
{
	static const struct {
		size_t at;
		uint64_t value;
		size_t bytes;
		const char *code, *text;
	} rows[] = {
		{ offsetof(Elf64_Ehdr, e_shoff), UINT64_MAX - 8, 8, "elf.truncated", "section headers" },
		{ offsetof(Elf64_Ehdr, e_shentsize), 63, 2, "elf.header", "e_shentsize" },
		{ offsetof(Elf64_Ehdr, e_shstrndx), 99, 2, "elf.strings", "e_shstrndx" },
		{ offsetof(struct large, sections[TEXT].sh_size), 1 << 30, 8, "elf.truncated", ".text" },
		{ offsetof(struct large, sections[DEBUG].sh_size), 1 << 30, 8, "elf.truncated", ".debug_info" },
		{ offsetof(struct large, sections[STRINGS].sh_offset), UINT64_MAX, 8, "elf.truncated", "section 2" },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct large *large = large_make();
		struct elf_image *image = NULL;
		struct lade_error *error = NULL;
		char path[64];
		memcpy((uint8_t *)large + rows[i].at, &rows[i].value, rows[i].bytes);
		assert_true(open_large(large, path, &image, &error) < 0);
		assert_finding(error, rows[i].code, rows[i].text);
		assert_int_equal(unlink(path), 0);
		free(large);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debugging_sections_are_read_when_they_are_asked_for),
		cmocka_unit_test(what_was_checked_is_not_read_twice),
		cmocka_unit_test(file_that_shrinks_has_no_debugging_sections_any_more),
		cmocka_unit_test(lies_are_found_as_in_small_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
