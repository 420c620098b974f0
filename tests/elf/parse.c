/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading objects, whole and lying ones. */
#include "elf/builder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_valid(uint8_t byte_order)
{
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	struct elf_relocations relocations = { 0 };
	b.header.e_ident[EI_DATA] = byte_order;
	assert_int_equal(builder_parse(&b, &image, NULL), 0);
	assert_int_equal(image->big_endian, byte_order == ELFDATA2MSB);
	assert_int_equal(image->machine, EM_BPF);
	assert_int_equal(image->section_count, SECTION_COUNT);
	assert_string_equal(image->sections[TEXT].name, ".text");
	assert_memory_equal(image->sections[TEXT].bytes, b.text, sizeof b.text);
	assert_int_equal(image->sections[BSS].size, 4096);
	assert_null(image->sections[BSS].bytes);
	assert_int_equal(image->symbol_count, 4);
	assert_string_equal(image->symbols[1].name, "main");
	assert_int_equal(image->symbols[1].section, TEXT);
	assert_int_equal(image->symbols[2].visibility, STV_HIDDEN);
	assert_int_equal(image->symbols[2].value, 8);
	assert_int_equal(image->symbols[3].section, SHN_ABS);
	assert_int_equal(lade_elf_relocations(image, TEXT, &relocations, NULL), 0);
	assert_int_equal(relocations.count, 2);
	assert_int_equal(relocations.items[0].offset, 0);
	assert_int_equal(relocations.items[0].type, 10);
	assert_int_equal(relocations.items[1].symbol, 2);
	array_clear(&relocations);
	lade_elf_free(image);
}

static void little_endian_object_is_read(void **state)
{
	(void)state;
	check_valid(ELFDATA2LSB);
}

static void big_endian_object_is_read_like_a_little_endian_one(void **state)
{
	(void)state;
	check_valid(ELFDATA2MSB);
}

static void machine_zero_is_accepted(void **state)
{
	(void)state;
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	b.header.e_machine = EM_NONE;
	assert_int_equal(builder_parse(&b, &image, NULL), 0);
	lade_elf_free(image);
}

static void sections_are_found_by_their_whole_name(void **state)
{
	(void)state;
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	assert_int_equal(builder_parse(&b, &image, NULL), 0);
	assert_int_equal(lade_elf_section(image, ".bss")->index, BSS);
	assert_null(lade_elf_section(image, ".bs"));
	assert_null(lade_elf_section(image, ""));
	lade_elf_free(image);
}

static void section_name_outside_the_string_table_is_empty(void **state)
{
	(void)state;
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	b.sections[TEXT].sh_name = 0xfffffff0;
	assert_int_equal(builder_parse(&b, &image, NULL), 0);
	assert_string_equal(image->sections[TEXT].name, "");
	lade_elf_free(image);
}

static void section_name_without_end_is_empty(void **state)
{
	(void)state;
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	memset(b.strings + sizeof b.strings - 8, 'x', 8);
	b.sections[TEXT].sh_name = sizeof b.strings - 4;
	assert_int_equal(builder_parse(&b, &image, NULL), 0);
	assert_string_equal(image->sections[TEXT].name, "");
	lade_elf_free(image);
}

static void section_count_and_names_of_the_first_section_header_are_used(void **state)
{
	(void)state;
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	b.header.e_shnum = 0;
	b.header.e_shstrndx = SHN_XINDEX;
	b.sections[NONE].sh_size = SECTION_COUNT;
	b.sections[NONE].sh_link = STRINGS;
	assert_int_equal(builder_parse(&b, &image, NULL), 0);
	assert_int_equal(image->section_count, SECTION_COUNT);
	assert_int_equal(image->sections[NONE].size, 0);
	assert_string_equal(image->sections[BSS].name, ".bss");
	lade_elf_free(image);
}

/* ---- lies: what a test changes, and what the finding must say ---- */
static void spoil_type(struct builder *b)
{
	b->header.e_type = ET_EXEC;
}
static void spoil_machine(struct builder *b)
{
	b->header.e_machine = EM_X86_64;
}
static void spoil_unknown_machine(struct builder *b)
{
	b->header.e_machine = 4711;
}
static void spoil_class(struct builder *b)
{
	b->header.e_ident[EI_CLASS] = ELFCLASS32;
}
static void spoil_byte_order(struct builder *b)
{
	b->header.e_ident[EI_DATA] = 3;
}
static void spoil_version(struct builder *b)
{
	b->header.e_ident[EI_VERSION] = 9;
}
static void spoil_table_offset(struct builder *b)
{
	b->header.e_shoff = sizeof *b;
}
static void spoil_table_offset_wrapping(struct builder *b)
{
	b->header.e_shoff = UINT64_MAX - 16;
}
static void spoil_no_table(struct builder *b)
{
	b->header.e_shoff = 0;
}
static void spoil_table_entry(struct builder *b)
{
	b->header.e_shentsize = 40;
}
static void spoil_table_count(struct builder *b)
{
	b->header.e_shnum = SECTION_COUNT + 1;
}
static void spoil_extended_count(struct builder *b)
{
	b->header.e_shnum = 0;
	b->sections[NONE].sh_size = UINT64_C(1) << 58;
}
static void spoil_extended_count_small(struct builder *b)
{
	b->header.e_shnum = 0;
	b->sections[NONE].sh_size = 1000;
}
static void spoil_names_index(struct builder *b)
{
	b->header.e_shstrndx = 77;
}
static void spoil_names_type(struct builder *b)
{
	b->header.e_shstrndx = TEXT;
}
static void spoil_extent(struct builder *b)
{
	b->sections[TEXT].sh_size = 100000;
}
static void spoil_extent_wrapping(struct builder *b)
{
	b->sections[TEXT].sh_offset = UINT64_MAX;
	b->sections[TEXT].sh_size = 2;
}
static void spoil_strings_extent(struct builder *b)
{
	b->sections[STRINGS].sh_offset = 1 << 20;
}
static void spoil_nobits(struct builder *b)
{
	b->sections[BSS].sh_size = UINT64_C(1) << 60;
}
static void spoil_symbol_size(struct builder *b)
{
	b->sections[SYMBOLS].sh_entsize = 16;
}
static void spoil_symbol_remainder(struct builder *b)
{
	b->sections[SYMBOLS].sh_size -= 1;
}
static void spoil_symbol_strings(struct builder *b)
{
	b->sections[SYMBOLS].sh_link = 99;
}
static void spoil_symbol_strings_type(struct builder *b)
{
	b->sections[SYMBOLS].sh_link = TEXT;
}
static void spoil_symbol_name(struct builder *b)
{
	b->symbols[1].st_name = 1000;
}
static void spoil_symbol_section(struct builder *b)
{
	b->symbols[2].st_shndx = SECTION_COUNT;
}
static void spoil_symbol_extended_section(struct builder *b)
{
	b->symbols[2].st_shndx = SHN_XINDEX;
}
static void spoil_relocated_section(struct builder *b)
{
	b->sections[RELOCATIONS].sh_info = 4242;
}

static const struct lie {
	const char *name;
	void (*spoil)(struct builder *b);
	int result;
	const char *code, *text;
} lies[] = {
	{ "executable", spoil_type, -ENOEXEC, "elf.not-relocatable", "executable" },
	{ "x86-64", spoil_machine, -ENOEXEC, "elf.machine",
	  "this is an x86-64 object; compile with clang -target bpf" },
	{ "machine 4711", spoil_unknown_machine, -ENOEXEC, "elf.machine", "4711" },
	{ "32-bit", spoil_class, -ENOEXEC, "elf.class", "64-bit" },
	{ "byte order 3", spoil_byte_order, -EINVAL, "elf.header", "byte order 3" },
	{ "ELF version 9", spoil_version, -EINVAL, "elf.header", "version 9" },
	{ "section headers behind the end", spoil_table_offset, -EINVAL, "elf.truncated", "beyond the file" },
	{ "section headers at the end of numbers", spoil_table_offset_wrapping, -EINVAL, "elf.truncated",
	  "beyond the file" },
	{ "no section headers", spoil_no_table, -EINVAL, "elf.header", "no section headers" },
	{ "section headers of 40 bytes", spoil_table_entry, -EINVAL, "elf.header", "40 bytes" },
	{ "one section too many", spoil_table_count, -EINVAL, "elf.truncated", "7 section headers" },
	{ "2^58 sections", spoil_extended_count, -EFBIG, "elf.too-large", "sections" },
	{ "1000 sections", spoil_extended_count_small, -EINVAL, "elf.truncated", "1000 section headers" },
	{ "names in section 77", spoil_names_index, -EINVAL, "elf.strings", "77" },
	{ "names in .text", spoil_names_type, -EINVAL, "elf.strings", "no string table" },
	{ "long section", spoil_extent, -EINVAL, "elf.truncated",
	  "section 1 (.text) lies beyond the file: 100000 bytes at offset 64" },
	{ "section at the end of numbers", spoil_extent_wrapping, -EINVAL, "elf.truncated", "section 1 (.text)" },
	{ "string table behind the end", spoil_strings_extent, -EINVAL, "elf.truncated", "section 2 (unnamed)" },
	{ "huge .bss", spoil_nobits, -EFBIG, "elf.too-large", ".bss" },
	{ "symbols of 16 bytes", spoil_symbol_size, -EINVAL, "elf.symbols", "entries of 16" },
	{ "symbol table cut", spoil_symbol_remainder, -EINVAL, "elf.symbols", "95 bytes" },
	{ "symbol names in section 99", spoil_symbol_strings, -EINVAL, "elf.strings", "99" },
	{ "symbol names in .text", spoil_symbol_strings_type, -EINVAL, "elf.strings", "no string table" },
	{ "symbol name outside", spoil_symbol_name, -EINVAL, "elf.symbols", "symbol 1 is at 1000" },
	{ "symbol in no section", spoil_symbol_section, -EINVAL, "elf.symbols",
	  "symbol 2 (counter) lies in section 6" },
	{ "symbol in an extended section", spoil_symbol_extended_section, -EINVAL, "elf.symbols", "65535" },
	{ "relocations of no section", spoil_relocated_section, -EINVAL, "elf.relocation", "section 4242" },
};

static void every_lie_of_a_header_has_its_own_finding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(lies) * 2; i++) {
		const struct lie *lie = &lies[i / 2];
		struct builder b = builder_make();
		struct elf_image *image = NULL;
		struct lade_error *error = NULL;
		b.header.e_ident[EI_DATA] = i % 2 ? ELFDATA2MSB : ELFDATA2LSB;
		lie->spoil(&b);
		if (builder_parse(&b, &image, &error) != lie->result)
			fail_msg("%s: not refused as it should be: %s", lie->name, lade_error_message(error));
		assert_null(image);
		assert_int_equal(lade_error_exit_code(error), 2);
		assert_finding(error, lie->code, lie->text);
	}
}

/* ---- relocations ---- */
static void spoil_symbol(struct builder *b)
{
	b->relocations[0].r_info = ELF64_R_INFO(4, 1);
}
static void spoil_offset(struct builder *b)
{
	b->relocations[0].r_offset = 25;
}
static void spoil_offset_wrapping(struct builder *b)
{
	b->relocations[0].r_offset = UINT64_MAX - 3;
}
static void spoil_link(struct builder *b)
{
	b->sections[RELOCATIONS].sh_link = TEXT;
}
static void spoil_entry(struct builder *b)
{
	b->sections[RELOCATIONS].sh_type = SHT_RELA;
}

static void relocation_out_of_range_is_refused(void **state)
{
	(void)state;
	static const struct {
		void (*spoil)(struct builder *b);
		const char *text;
	} spoilt[] = {
		{ spoil_symbol, "uses symbol 4, but there are only 4" }, { spoil_offset, ".text+0x19" },
		{ spoil_offset_wrapping, "beyond the 32 bytes" },        { spoil_link, "not the symbol table" },
		{ spoil_entry, "entries of 16; they have 24" },
	};
	for (size_t i = 0; i < ELEMENTS(spoilt); i++) {
		struct builder b = builder_make();
		struct elf_image *image = NULL;
		struct elf_relocations relocations = { 0 };
		struct lade_error *error = NULL;
		spoilt[i].spoil(&b);
		assert_int_equal(builder_parse(&b, &image, NULL), 0);
		assert_int_equal(lade_elf_relocations(image, TEXT, &relocations, &error), -EINVAL);
		assert_finding(error, "elf.relocation", spoilt[i].text);
		assert_null(relocations.items);
		lade_elf_free(image);
	}
}

static void relocations_of_a_section_without_content_are_refused(void **state)
{
	(void)state;
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	struct elf_relocations relocations = { 0 };
	struct lade_error *error = NULL;
	b.sections[RELOCATIONS].sh_info = BSS;
	assert_int_equal(builder_parse(&b, &image, NULL), 0);
	assert_int_equal(lade_elf_relocations(image, BSS, &relocations, &error), -EINVAL);
	assert_finding(error, "elf.relocation", "no content");
	assert_int_equal(lade_elf_relocations(image, TEXT, &relocations, NULL), 0);
	assert_int_equal(relocations.count, 0);
	assert_int_equal(lade_elf_relocations(image, SECTION_COUNT, &relocations, NULL), -EINVAL);
	lade_elf_free(image);
}

/* The two REL records read as one RELA record. */
static void addend_of_a_rela_section_is_kept(void **state)
{
	(void)state;
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	struct elf_relocations relocations = { 0 };
	b.sections[RELOCATIONS].sh_type = SHT_RELA;
	b.sections[RELOCATIONS].sh_entsize = b.sections[RELOCATIONS].sh_size = sizeof(Elf64_Rela);
	b.relocations[1].r_offset = (uint64_t)-5;
	assert_int_equal(builder_parse(&b, &image, NULL), 0);
	assert_int_equal(lade_elf_relocations(image, TEXT, &relocations, NULL), 0);
	assert_int_equal(relocations.count, 1);
	assert_true(relocations.items[0].has_addend);
	assert_int_equal(relocations.items[0].addend, -5);
	array_clear(&relocations);
	lade_elf_free(image);
}

/* ---- files that are no objects ---- */
static void file_that_is_no_elf_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size;
		const char *text, *hint;
	} files[] = {
		{ "", 0, "empty", "clang" },
		{ "#include <linux/bpf.h>\n", 23, "a text file", "clang -target bpf" },
		{ "BC\xc0\xde\x35\x14", 6, "LLVM bitcode", "llc" },
		{ "!<arch>\nx", 9, "static library", "ar x" },
		{ "\x1f\x8b\x08\0", 4, "gzip", "decompress" },
		{ "\0\1\2\3\4\5", 6, "no ELF file", "00 01 02 03" },
		{ "\x7f"
		  "EL",
		  3, "no ELF file", "clang" },
	};
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		struct elf_image *image = NULL;
		struct lade_error *error = NULL;
		assert_int_equal(lade_elf_parse(files[i].bytes, files[i].size, "x.o", &image, &error), -ENOEXEC);
		if (!finding_mentions(error, files[i].hint))
			fail_msg("%s: nothing mentions %s", files[i].text, files[i].hint);
		assert_finding(error, "elf.not-elf", files[i].text);
	}
}

static void header_cut_short_is_truncated(void **state)
{
	(void)state;
	struct builder b = builder_make();
	struct elf_image *image = NULL;
	for (size_t size = SELFMAG; size < sizeof b.header; size++) {
		struct lade_error *error = NULL;
		assert_int_equal(lade_elf_parse(&b, size, "x.o", &image, &error), -EINVAL);
		assert_finding(error, "elf.truncated", "ends inside the ELF header");
	}
}

static void read_refuses_what_is_no_regular_file(void **state)
{
	(void)state;
	struct elf_image *image = NULL;
	struct lade_error *error = NULL;
	char fifo[] = "/tmp/lade-test-elf-XXXXXX";
	assert_int_equal(lade_elf_read("/", 0, &image, &error), -EISDIR);
	assert_finding(error, "elf.open", "a directory");
	error = NULL;
	assert_int_equal(lade_elf_read("/dev/null", 0, &image, &error), -EINVAL);
	assert_finding(error, "elf.open", "a character device");
	error = NULL;
	assert_int_equal(lade_elf_read("/nonexistent/a.o", 0, &image, &error), -ENOENT);
	assert_finding(error, "elf.open", "No such file");
	error = NULL;
	int fd = mkstemp(fifo);
	(void)close(fd);
	(void)unlink(fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(lade_elf_read(fifo, 0, &image, &error), -EINVAL);
	(void)unlink(fifo);
	assert_finding(error, "elf.open", "a pipe");
}

static void file_that_may_not_be_read_is_a_matter_of_permission(void **state)
{
	(void)state;
	struct elf_image *image = NULL;
	struct lade_error *error = NULL;
	char path[] = "/tmp/lade-test-elf-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(fchmod(fd, 0), 0);
	(void)close(fd);
	/* Root may read everything: be nobody for the moment. */
	bool is_root = geteuid() == 0;
	assert_int_equal(is_root ? seteuid(65534) : 0, 0);
	int result = lade_elf_read(path, 0, &image, &error);
	assert_int_equal(is_root ? seteuid(0) : 0, 0);
	(void)unlink(path);
	assert_int_equal(result, -EACCES);
	assert_int_equal(lade_error_exit_code(error), 5);
	assert_finding(error, "elf.permission", "Permission denied");
}

static void file_above_the_limit_is_not_read(void **state)
{
	(void)state;
	struct elf_image *image = NULL;
	struct lade_error *error = NULL;
	assert_int_equal(lade_elf_read(TEST_OBJECTS "/elf_basic.bpf.o", 100, &image, &error), -EFBIG);
	assert_finding(error, "elf.too-large", "the limit is 100");
}

static void executable_of_this_machine_is_named(void **state)
{
	(void)state;
	struct elf_image *image = NULL;
	struct lade_error *error = NULL;
	assert_int_equal(lade_elf_read("/proc/self/exe", 0, &image, &error), -ENOEXEC);
	assert_finding(error, "elf.machine", "compile with clang -target bpf");
}

static void compiled_object_is_the_same_in_both_byte_orders(void **state)
{
	(void)state;
	struct elf_image *little = NULL, *big = NULL;
	assert_int_equal(lade_elf_read(TEST_OBJECTS "/elf_basic.bpf.o", 0, &little, NULL), 0);
	assert_int_equal(lade_elf_read(TEST_OBJECTS "/elf_basic.eb.o", 0, &big, NULL), 0);
	assert_true(big->big_endian && !little->big_endian);
	assert_int_equal(little->symbol_count, big->symbol_count);
	const char *section = "tracepoint/sched/sched_process_exec";
	struct elf_relocations a = { 0 }, b = { 0 };
	assert_int_equal(lade_elf_relocations(little, lade_elf_section(little, section)->index, &a, NULL), 0);
	assert_int_equal(lade_elf_relocations(big, lade_elf_section(big, section)->index, &b, NULL), 0);
	assert_int_equal(a.count, 2);
	assert_int_equal(b.count, 2);
	for (size_t i = 0; i < a.count; i++) {
		assert_int_equal(a.items[i].offset, b.items[i].offset);
		assert_int_equal(a.items[i].type, b.items[i].type);
		assert_string_equal(little->symbols[a.items[i].symbol].name, big->symbols[b.items[i].symbol].name);
	}
	array_clear(&a);
	array_clear(&b);
	lade_elf_free(little);
	lade_elf_free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(little_endian_object_is_read),
		cmocka_unit_test(big_endian_object_is_read_like_a_little_endian_one),
		cmocka_unit_test(machine_zero_is_accepted),
		cmocka_unit_test(sections_are_found_by_their_whole_name),
		cmocka_unit_test(section_name_outside_the_string_table_is_empty),
		cmocka_unit_test(section_name_without_end_is_empty),
		cmocka_unit_test(section_count_and_names_of_the_first_section_header_are_used),
		cmocka_unit_test(every_lie_of_a_header_has_its_own_finding),
		cmocka_unit_test(relocation_out_of_range_is_refused),
		cmocka_unit_test(relocations_of_a_section_without_content_are_refused),
		cmocka_unit_test(addend_of_a_rela_section_is_kept),
		cmocka_unit_test(file_that_is_no_elf_is_named),
		cmocka_unit_test(header_cut_short_is_truncated),
		cmocka_unit_test(read_refuses_what_is_no_regular_file),
		cmocka_unit_test(file_that_may_not_be_read_is_a_matter_of_permission),
		cmocka_unit_test(file_above_the_limit_is_not_read),
		cmocka_unit_test(executable_of_this_machine_is_named),
		cmocka_unit_test(compiled_object_is_the_same_in_both_byte_orders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
