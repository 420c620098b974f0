/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding functions in executables: this very program, the C library, a made-up 32-bit one. */
#include "elf/builder.h"
#include "symbols/function.h"

#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#define EXEC32 TEST_OBJECTS "/elf_exec32.o"

int lade_test_probe_here(int number);

__attribute__((noinline)) int lade_test_probe_here(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number * 12347;
}

static uint64_t must_find(const char *path, const char *symbol, uint64_t addend)
{
	uint64_t offset = 0;
	struct lade_error *error = NULL;
	if (lade_function_offset(path, symbol, addend, &offset, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return offset;
}

static void assert_same_code(const char *path, uint64_t offset, const void *code)
{
	uint8_t bytes[16];
	FILE *file = fopen(path, "rbe");
	assert_non_null(file);
	assert_int_equal(fseek(file, (long)offset, SEEK_SET), 0);
	assert_int_equal(fread(bytes, 1, sizeof bytes, file), sizeof bytes);
	(void)fclose(file);
	assert_memory_equal(bytes, code, sizeof bytes);
}

static void code_of_this_program_is_where_the_offset_says(void **state)
{
	(void)state;
	uint64_t offset = must_find("/proc/self/exe", "lade_test_probe_here", 0);
	int (*function)(int) = lade_test_probe_here;
	const void *code;
	memcpy(&code, &function, sizeof(code));
	assert_int_equal(function(1), 12347);
	assert_same_code("/proc/self/exe", offset, code);
	assert_int_equal(must_find("/proc/self/exe", "lade_test_probe_here", 1), offset + 1);
}

/* Its symbols are in .dynsym only where it is stripped. */
static void code_of_a_shared_library_is_where_the_offset_says(void **state)
{
	(void)state;
	Dl_info info;
	void *code = dlsym(RTLD_NEXT, "fopen");
	assert_non_null(code);
	assert_true(dladdr(code, &info) != 0);
	assert_same_code(info.dli_fname, must_find(info.dli_fname, "fopen", 0), code);
}

static void segment_of_the_symbol_gives_the_offset_in_elf32_and_big_endian(void **state)
{
	(void)state;
	assert_int_equal(must_find(EXEC32, "first", 0), 0x1010);
	assert_int_equal(must_find(EXEC32, "first", 8), 0x1018);
	assert_int_equal(must_find(EXEC32, "second", 0), 0x2020);
}

static void version_suffix_need_not_be_given(void **state)
{
	(void)state;
	assert_int_equal(must_find(EXEC32, "versioned", 0), 0x1030);
	assert_int_equal(must_find(EXEC32, "versioned@@V_1", 0), 0x1030);
}

static void symbol_that_cannot_be_probed_is_explained(void **state)
{
	(void)state;
	static const struct {
		const char *symbol;
		uint64_t addend;
		int result;
		const char *text, *hint;
	} cases[] = {
		{ "absent", 0, -ENOENT, "no function absent", "stripped" },
		{ "frist", 0, -ENOENT, "no function frist", "similar: first" },
		{ "SECOND", 0, -ENOENT, "no function SECOND", "similar: second" },
		{ "version", 0, -ENOENT, "no function version", "similar: versioned" },
		{ "imported", 0, -ENOENT, "no function imported", "probe the library" },
		{ "chosen", 0, -ENOENT, "no function chosen", "indirect" },
		{ "table", 0, -ENOENT, "no function table", "no function" },
		{ "twin", 0, -EINVAL, "several functions twin", "0x10020" },
		{ "first", 16, -EINVAL, "first+0x10", "" },
		{ "nowhere", 0, -EINVAL, "no loaded segment", "0x90000" },
		{ "first", UINT64_MAX, -EINVAL, "first+0x", "" },
	};
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		uint64_t offset = 1234;
		struct lade_error *error = NULL;
		int result = lade_function_offset(EXEC32, cases[i].symbol, cases[i].addend, &offset, &error);
		assert_int_equal(result, cases[i].result);
		assert_int_equal(offset, 1234);
		if (*cases[i].hint && !finding_mentions(error, cases[i].hint))
			fail_msg("%s: nothing mentions %s", cases[i].symbol, cases[i].hint);
		assert_finding(error, "attach.uprobe.symbol", cases[i].text);
	}
}

static void file_that_cannot_be_probed_is_explained(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text;
		int result;
	} cases[] = {
		{ "/nonexistent", "No such file", -ENOENT },
		{ "/", "not a regular file", -EINVAL },
		{ "/etc/passwd", "not an ELF file", -ENOEXEC },
		{ TEST_OBJECTS "/elf_basic.bpf.o", "neither an executable", -ENOEXEC },
	};
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		uint64_t offset;
		struct lade_error *error = NULL;
		assert_int_equal(lade_function_offset(cases[i].path, "main", 0, &offset, &error), cases[i].result);
		assert_finding(error, "attach.uprobe.file", cases[i].text);
	}
}

/* Written to a file, because the function takes a path. */
static void any_byte_of_an_executable_may_lie(void **state)
{
	(void)state;
	size_t size;
	uint8_t *bytes = read_test_file(EXEC32, &size);
	char path[] = "/tmp/lade-test-elf-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, size, 0), size);
	size_t refused = 0;
	for (size_t i = 0; i < size; i++) {
		uint64_t offset;
		const uint8_t spoilt[] = { 0xff, 0, (uint8_t)~bytes[i] };
		if (i >= 0x80 && i < 0x2040) /* content, which nobody reads */
			continue;
		for (size_t j = 0; j < sizeof spoilt; j++) {
			assert_int_equal(pwrite(fd, &spoilt[j], 1, (off_t)i), 1);
			refused += lade_function_offset(path, "second", 0, &offset, NULL) < 0;
		}
		assert_int_equal(pwrite(fd, &bytes[i], 1, (off_t)i), 1);
	}
	assert_true(refused > 0);
	(void)close(fd);
	(void)unlink(path);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_of_this_program_is_where_the_offset_says),
		cmocka_unit_test(code_of_a_shared_library_is_where_the_offset_says),
		cmocka_unit_test(segment_of_the_symbol_gives_the_offset_in_elf32_and_big_endian),
		cmocka_unit_test(version_suffix_need_not_be_given),
		cmocka_unit_test(symbol_that_cannot_be_probed_is_explained),
		cmocka_unit_test(file_that_cannot_be_probed_is_explained),
		cmocka_unit_test(any_byte_of_an_executable_may_lie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
