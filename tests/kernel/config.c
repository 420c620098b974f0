/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a kernel's configuration, from files that are damaged and from text that is hostile. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "kernel/config.h"
#include "kernel/symbols.h"

static struct kernel_config *config_asked(const char *file, const char *const *names, size_t count)
{
	struct kernel_config *config = lade_kernel_config_new(file);
	assert_non_null(config);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(lade_kernel_config_ask(config, names[i]), 0);
	return config;
}

static const char *const names[] = { "CONFIG_A", "CONFIG_AB", "CONFIG_TEXT", "CONFIG_NOT", "CONFIG_LAST" };

#define TEXT                                                                                                           \
	"#\n# Automatically generated file\n#\nCONFIG_AB=m\nCONFIG_A=y\r\nCONFIG_TEXT=\"a = b # c\"  \n"               \
	"# CONFIG_NOT is not set\nCONFIG_A=n\nCONFIG_ABC=1\n CONFIG_NOT=y\nCONFIG_LAST=-0x10"

static void assert_values(const struct kernel_config *config)
{
	assert_string_equal(lade_kernel_config_value(config, "CONFIG_A"), "y"); /* the first line counts */
	assert_string_equal(lade_kernel_config_value(config, "CONFIG_AB"), "m");
	assert_string_equal(lade_kernel_config_value(config, "CONFIG_TEXT"), "\"a = b # c\"");
	assert_null(lade_kernel_config_value(config, "CONFIG_NOT"));
	assert_string_equal(lade_kernel_config_value(config, "CONFIG_LAST"), "-0x10");
	assert_null(lade_kernel_config_value(config, "CONFIG_ABC")); /* nobody asked */
}

static void lines_are_found_in_pieces_of_every_size(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= sizeof TEXT; piece++) {
		struct kernel_config *config = config_asked(NULL, names, ELEMENTS(names));
		struct config_reader reader = { .config = config };
		for (size_t at = 0; at < sizeof TEXT - 1; at += piece) {
			size_t left = sizeof TEXT - 1 - at;
			assert_int_equal(lade_config_read(&reader, TEXT + at, left < piece ? left : piece), 0);
		}
		assert_int_equal(lade_config_read_end(&reader), 0);
		assert_values(config);
		lade_kernel_config_free(config);
	}
}

static void hostile_lines_are_passed_over(void **state)
{
	static const char *const lines[] = {
		"", "=", "CONFIG_", "CONFIG_=", "CONFIG_A", "CONFIG_A =y", "config_a=y", "\0CONFIG_A=y", "CONFIG_A\n=y",
	};
	(void)state;
	struct kernel_config *config = config_asked(NULL, names, ELEMENTS(names));
	struct config_reader reader = { .config = config };
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		assert_int_equal(lade_config_read(&reader, lines[i], strlen(lines[i])), 0);
		assert_int_equal(lade_config_read(&reader, "\n", 1), 0);
	}
	assert_null(lade_kernel_config_value(config, "CONFIG_A"));
	assert_int_equal(lade_config_read(&reader, "CONFIG_A=\n", 10), 0);
	assert_string_equal(lade_kernel_config_value(config, "CONFIG_A"), "");
	lade_kernel_config_free(config);
}

static void line_without_end_is_skipped_and_the_next_one_read(void **state)
{
	(void)state;
	struct kernel_config *config = config_asked(NULL, names, ELEMENTS(names));
	struct config_reader reader = { .config = config };
	char block[1000];
	memset(block, 'y', sizeof block);
	assert_int_equal(lade_config_read(&reader, "CONFIG_A=", 9), 0);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(lade_config_read(&reader, block, sizeof block), 0);
	assert_int_equal(lade_config_read(&reader, "\nCONFIG_AB=m\n", 13), 0);
	assert_null(lade_kernel_config_value(config, "CONFIG_A"));
	assert_string_equal(lade_kernel_config_value(config, "CONFIG_AB"), "m");
	lade_kernel_config_free(config);
}

/* ---- files ---- */

static void write_file(const char *path, bool packed, const char *text, size_t length)
{
	gzFile file = gzopen(path, packed ? "wb" : "wbT");
	assert_non_null(file);
	assert_int_equal(gzwrite(file, text, (unsigned)length), length);
	assert_int_equal(gzclose(file), Z_OK);
}

static void make_path(char path[64])
{
	(void)snprintf(path, 64, "/tmp/lade-config-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
}

static void files_are_read_plain_and_packed(void **state)
{
	(void)state;
	for (int packed = 0; packed < 2; packed++) {
		char path[64];
		make_path(path);
		write_file(path, packed, TEXT, sizeof TEXT - 1);
		struct kernel_config *config = config_asked(path, names, ELEMENTS(names));
		assert_int_equal(lade_kernel_config_find(config, NULL, NULL), 0);
		assert_values(config);
		assert_string_equal(config->path, path);
		assert_true(lade_kernel_config_knows(config, "CONFIG_NOT"));
		/* What another object asks for later is found as well. */
		assert_int_equal(lade_kernel_config_ask(config, "CONFIG_ABC"), 0);
		assert_false(lade_kernel_config_knows(config, "CONFIG_ABC"));
		assert_int_equal(lade_kernel_config_find(config, NULL, NULL), 0);
		assert_string_equal(lade_kernel_config_value(config, "CONFIG_ABC"), "1");
		lade_kernel_config_free(config);
		assert_int_equal(unlink(path), 0);
	}
}

static void assert_no_file(const char *path, const char *why)
{
	struct kernel_config *config = config_asked(path, names, ELEMENTS(names));
	struct lade_error *error = NULL;
	assert_true(lade_kernel_config_find(config, NULL, &error) < 0);
	assert_string_equal(lade_error_finding(error, 0)->code, "kconfig.file");
	assert_non_null(strstr(lade_error_finding(error, 0)->message, path));
	assert_non_null(strstr(lade_error_finding(error, 0)->message, why));
	for (size_t i = 0; i < ELEMENTS(names); i++)
		assert_null(lade_kernel_config_value(config, names[i]));
	lade_error_free(error);
	lade_kernel_config_free(config);
}

static void file_that_cannot_be_read_is_a_finding_with_its_name(void **state)
{
	(void)state;
	assert_no_file("/nonexistent/config", "No such file");
	assert_no_file("/tmp", "Is a directory");
	assert_no_file("/dev/zero", "Invalid argument");
}

static void damaged_archive_gives_no_values(void **state)
{
	char path[64], text[60000];
	(void)state;
	make_path(path);
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + (i * i * i + i / 3 * 31 + i / 977) % 23);
	memcpy(text, "CONFIG_A=y\n", 11);
	write_file(path, true, text, sizeof text);
	assert_int_equal(truncate(path, 1000), 0);
	assert_no_file(path, "damaged or ends too soon");
	assert_int_equal(unlink(path), 0);
}

static void without_a_kernel_only_its_version_is_known(void **state)
{
	static const char *const virtual[] = { "LINUX_KERNEL_VERSION", "LINUX_HAS_BPF_COOKIE", "LINUX_HAS_WHATEVER" };
	(void)state;
	struct kernel_config *config = config_asked("/nonexistent", virtual, ELEMENTS(virtual));
	/* The file is not looked for when nobody asks for one of its lines. */
	assert_int_equal(lade_kernel_config_find(config, NULL, NULL), 0);
	assert_true(strtoul(lade_kernel_config_value(config, "LINUX_KERNEL_VERSION"), NULL, 10) > 4 << 16);
	assert_false(lade_kernel_config_knows(config, "LINUX_HAS_BPF_COOKIE"));
	assert_true(lade_kernel_config_knows(config, "LINUX_HAS_WHATEVER"));
	assert_null(lade_kernel_config_value(config, "LINUX_HAS_WHATEVER"));
	lade_kernel_config_free(config);
}

/* ---- the other table of the kernel's: its symbols ---- */

static void read_line(struct symbol_search *search, const char *line)
{
	lade_symbols_line(search, line, strlen(line));
}

static void symbols_are_found_line_by_line(void **state)
{
	struct kernel_symbol symbols[] = { { .name = "once" },   { .name = "twice" },    { .name = "same" },
					   { .name = "hidden" }, { .name = "promoted" }, { .name = "never" } };
	struct symbol_search search = { symbols, ELEMENTS(symbols) };
	(void)state;
	read_line(&search, "ffffffff81000010 T once");
	read_line(&search, "ffffffff81000020 t twice");
	read_line(&search, "ffffffffc0000020 t twice\t[module]");
	read_line(&search, "ffffffff81000030 t same");
	read_line(&search, "ffffffff81000030 t same");
	read_line(&search, "0000000000000000 T hidden");
	read_line(&search, "ffffffff81000040 d promoted.llvm.123");
	read_line(&search, "ffffffff81000050 t never.llvm.123");
	read_line(&search, "ffffffff81000060 T nevermore");
	read_line(&search, "ffffffff81000060 T neve");
	assert_int_equal(symbols[0].state, SYMBOL_FOUND);
	assert_true(symbols[0].address == 0xffffffff81000010);
	assert_int_equal(symbols[1].state, SYMBOL_AMBIGUOUS);
	assert_true(symbols[1].other == 0xffffffffc0000020);
	assert_int_equal(symbols[2].state, SYMBOL_FOUND);
	assert_int_equal(symbols[3].state, SYMBOL_HIDDEN);
	assert_int_equal(symbols[4].state, SYMBOL_FOUND);
	assert_int_equal(symbols[5].state, SYMBOL_UNKNOWN);
}

static void lines_that_are_no_symbols_are_passed_over(void **state)
{
	static const char *const lines[] = { "",          " ",        "g T name",
					     "1 T",       "1 T ",     "1T name",
					     "T name",    "1  name",  "11111111111111111 T name",
					     "1 T\tname", "-1 T name" };
	struct kernel_symbol symbol = { .name = "name" };
	struct symbol_search search = { &symbol, 1 };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(lines); i++)
		read_line(&search, lines[i]);
	assert_int_equal(symbol.state, SYMBOL_UNKNOWN);
	read_line(&search, "1 T name");
	assert_int_equal(symbol.state, SYMBOL_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_found_in_pieces_of_every_size),
		cmocka_unit_test(hostile_lines_are_passed_over),
		cmocka_unit_test(line_without_end_is_skipped_and_the_next_one_read),
		cmocka_unit_test(files_are_read_plain_and_packed),
		cmocka_unit_test(file_that_cannot_be_read_is_a_finding_with_its_name),
		cmocka_unit_test(damaged_archive_gives_no_values),
		cmocka_unit_test(without_a_kernel_only_its_version_is_known),
		cmocka_unit_test(symbols_are_found_line_by_line),
		cmocka_unit_test(lines_that_are_no_symbols_are_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
