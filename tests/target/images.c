/* SPDX-License-Identifier: BSD-2-Clause */
/* Images of kernels: what is found in them, whatever they are wrapped in. */
#include <elf.h>

#include "made.h"

/* Everything of the kernel that made.h makes. */
static void assert_whole(struct lade_target *target)
{
	struct lade_target_info info = made_info(target);
	assert_string_equal(info.release, MADE_RELEASE);
	assert_string_equal(info.version, "6.1");
	assert_true(info.has_types && info.has_config && info.has_symbols);
	const char *value = NULL;
	assert_int_equal(lade_target_option(target, "CONFIG_HZ", &value).answer, KNOWN_YES);
	assert_string_equal(value, "250");
	assert_int_equal(lade_target_map_type(target, 4).answer, KNOWN_YES);
	assert_int_equal(lade_target_map_type(target, 5).answer, KNOWN_NO); /* its types do not list percpu_hash */
	assert_int_equal(lade_target_symbol(target, "xfunction_599", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_symbol(target, "sys_function_298", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_symbol(target, "sys_function_299", NULL).answer, KNOWN_NO);
}

static struct strbuf raw_kernel(void)
{
	struct strbuf kernel = { 0 };
	put_raw_kernel(&kernel);
	return kernel;
}

static void raw_image_of_arm64_has_types_configuration_and_symbols(void **state)
{
	struct strbuf kernel = raw_kernel();
	memcpy(kernel.text, "MZ", 2);
	memcpy(kernel.text + 56, "ARM\x64", 4);
	struct lade_target *target = made_kernel(*state, made_file(*state, "Image", &kernel));
	assert_whole(target);
	assert_string_equal(made_info(target).machine, "aarch64");
	assert_string_equal(lade_target_name(target), "Image");
	lade_strbuf_clear(&kernel);
}

static void image_packed_as_a_whole_is_unpacked(void **state)
{
	struct strbuf kernel = raw_kernel();
	for (enum packing packing = GZIP; packing < PACKINGS; packing++) {
		struct strbuf packed = { 0 };
		put_packed(&packed, packing, &kernel);
		if (packing == LZ4 || packing == LZMA)
			put_u32(&packed, (uint32_t)kernel.length);
		assert_whole(made_kernel(*state, made_file(*state, "Image.packed", &packed)));
		lade_strbuf_clear(&packed);
	}
	lade_strbuf_clear(&kernel);
}

static void image_of_x86_is_unpacked_by_its_header(void **state)
{
	struct strbuf kernel = raw_kernel();
	for (enum packing packing = GZIP; packing < PACKINGS; packing++) {
		struct strbuf image = { 0 };
		put_bzimage(&image, packing, &kernel);
		struct lade_target *target = made_kernel(*state, made_file(*state, "vmlinuz", &image));
		assert_whole(target);
		assert_string_equal(made_info(target).machine, "x86_64");
		lade_strbuf_clear(&image);
	}
	lade_strbuf_clear(&kernel);
}

static void image_for_efi_is_unpacked_by_its_header(void **state)
{
	struct strbuf kernel = raw_kernel();
	for (enum packing packing = GZIP; packing < LZ4; packing++) {
		struct strbuf image = { 0 };
		put_zboot(&image, packing, &kernel);
		assert_whole(made_kernel(*state, made_file(*state, "vmlinuz.efi", &image)));
		lade_strbuf_clear(&image);
	}
	lade_strbuf_clear(&kernel);
}

static void packed_kernel_is_found_where_no_header_tells(void **state)
{
	struct strbuf kernel = raw_kernel(), image = { 0 };
	put_zeros(&image, 0x24);
	lade_strbuf_add_bytes(&image, "\x18\x28\x6f\x01", 4); /* ARM's zImage */
	put_zeros(&image, 12345);
	lade_strbuf_add_bytes(&image, "\x1f\x8b\x08\x00 is no gzip", 16);
	put_packed(&image, GZIP, &kernel);
	put_zeros(&image, 777);
	struct lade_target *target = made_kernel(*state, made_file(*state, "zImage", &image));
	assert_whole(target);
	lade_strbuf_clear(&image);
	lade_strbuf_clear(&kernel);
}

static void kernel_packed_in_a_way_without_a_library_names_what_is_missing(void **state)
{
	struct strbuf image = { 0 };
	put_zeros(&image, 0x202);
	lade_strbuf_add(&image, "HdrS");
	put_zeros(&image, 5000);
	lade_strbuf_add(&image, "BZh91AY&SY");
	put_zeros(&image, 5000);
	struct made *made = *state;
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "bzImage", &image) },
		       "target.library", "bzip2");
	assert_non_null(strstr(lade_error_finding(made->error, 0)->fix, "bzip2 -d"));
	lade_strbuf_clear(&image);
}

/* ---- vmlinux ---- */

struct section {
	const char *name;
	struct strbuf content;
	uint32_t type, link;
	uint64_t entry;
};

static void put_section_header(struct strbuf *into, const struct section *section, size_t name, size_t offset)
{
	Elf64_Shdr header = { .sh_name = (Elf64_Word)name, .sh_type = section->type, .sh_link = section->link };
	header.sh_offset = offset;
	header.sh_size = section->content.length;
	header.sh_entsize = section->entry;
	header.sh_addralign = 1;
	lade_strbuf_add_bytes(into, &header, sizeof header);
}

/* sections[0] is the null section, the last one holds their names. */
static void put_elf(struct strbuf *into, uint16_t type, uint16_t machine, struct section *sections, size_t count)
{
	size_t offsets[8] = { 0 }, names[8] = { 0 };
	Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT } };
	for (size_t i = 0; i < count; i++) {
		names[i] = sections[count - 1].content.length;
		lade_strbuf_add_bytes(&sections[count - 1].content, sections[i].name, strlen(sections[i].name) + 1);
	}
	put_zeros(into, sizeof header);
	for (size_t i = 1; i < count; i++) {
		align(into, 8);
		offsets[i] = into->length;
		put(into, &sections[i].content);
	}
	align(into, 8);
	header.e_type = type;
	header.e_machine = machine;
	header.e_version = EV_CURRENT;
	header.e_shoff = into->length;
	header.e_ehsize = sizeof header;
	header.e_shentsize = sizeof(Elf64_Shdr);
	header.e_shnum = (Elf64_Half)count;
	header.e_shstrndx = (Elf64_Half)(count - 1);
	for (size_t i = 0; i < count; i++)
		put_section_header(into, &sections[i], names[i], offsets[i]);
	memcpy(into->text, &header, sizeof header);
	for (size_t i = 0; i < count; i++)
		lade_strbuf_clear(&sections[i].content);
}

static void put_symbol(struct section *symbols, struct section *names, const char *name, unsigned char type)
{
	Elf64_Sym symbol = { .st_name = (Elf64_Word)names->content.length, .st_shndx = 1 };
	symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, type);
	lade_strbuf_add_bytes(&symbols->content, &symbol, sizeof symbol);
	lade_strbuf_add_bytes(&names->content, name, strlen(name) + 1);
}

static void put_vmlinux(struct strbuf *into, uint16_t type, uint16_t machine, bool with_banner)
{
	struct section sections[] = {
		{ "", { 0 }, SHT_NULL, 0, 0 },          { ".rodata", { 0 }, SHT_PROGBITS, 0, 0 },
		{ ".BTF", { 0 }, SHT_PROGBITS, 0, 0 },  { ".symtab", { 0 }, SHT_SYMTAB, 4, sizeof(Elf64_Sym) },
		{ ".strtab", { 0 }, SHT_STRTAB, 0, 0 }, { ".shstrtab", { 0 }, SHT_STRTAB, 0, 0 },
	};
	put_zeros(&sections[1].content, 5000);
	if (with_banner)
		lade_strbuf_add(&sections[1].content, "Linux version " MADE_RELEASE " (somebody@somewhere) #1 SMP");
	put_zeros(&sections[1].content, 5000);
	if (with_banner)
		put_btf(&sections[2].content, 5);
	put_zeros(&sections[3].content, sizeof(Elf64_Sym));
	put_zeros(&sections[4].content, 1);
	put_symbol(&sections[3], &sections[4], "do_unlinkat", STT_FUNC);
	put_symbol(&sections[3], &sections[4], "vfs_read.isra.0", STT_FUNC);
	put_symbol(&sections[3], &sections[4], "jiffies", STT_OBJECT);
	put_symbol(&sections[3], &sections[4], "file.c", STT_FILE);
	put_elf(into, type, machine, sections, ELEMENTS(sections));
}

static void assert_vmlinux(struct lade_target *target, const char *machine)
{
	struct lade_target_info info = made_info(target);
	assert_string_equal(info.release, MADE_RELEASE);
	assert_string_equal(info.machine, machine);
	assert_int_equal(lade_target_map_type(target, 4).answer, KNOWN_YES);
	assert_int_equal(lade_target_symbol(target, "jiffies", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_symbol(target, "file.c", NULL).answer, KNOWN_NO);
}

static void vmlinux_has_types_symbols_and_release_in_its_sections(void **state)
{
	struct strbuf vmlinux = { 0 };
	put_vmlinux(&vmlinux, ET_EXEC, EM_AARCH64, true);
	assert_vmlinux(made_kernel(*state, made_file(*state, "vmlinux", &vmlinux)), "aarch64");
	struct strbuf packed = { 0 };
	put_packed(&packed, XZ, &vmlinux);
	assert_vmlinux(made_kernel(*state, made_file(*state, "vmlinux.xz", &packed)), "aarch64");
	lade_strbuf_clear(&packed);
	lade_strbuf_clear(&vmlinux);
	put_vmlinux(&vmlinux, ET_EXEC, EM_X86_64, true);
	put_bzimage(&packed, ZSTD, &vmlinux);
	assert_vmlinux(made_kernel(*state, made_file(*state, "vmlinuz", &packed)), "x86_64");
	lade_strbuf_clear(&packed);
	lade_strbuf_clear(&vmlinux);
}

static void function_that_the_compiler_renamed_is_near(void **state)
{
	struct strbuf vmlinux = { 0 };
	struct strings near = { 0 };
	put_vmlinux(&vmlinux, ET_EXEC, EM_X86_64, true);
	struct lade_target *target = made_kernel(*state, made_file(*state, "vmlinux", &vmlinux));
	assert_int_equal(lade_target_symbol(target, "vfs_read", &near).answer, KNOWN_NO);
	assert_int_equal(near.count, 1);
	assert_string_equal(near.items[0], "vfs_read.isra.0");
	lade_strings_clear(&near);
	assert_int_equal(lade_target_symbol(target, "do_unlink_at", &near).answer, KNOWN_NO);
	assert_int_equal(near.count, 1);
	assert_string_equal(near.items[0], "do_unlinkat");
	lade_strings_clear(&near);
	lade_strbuf_clear(&vmlinux);
}

static void elf_files_that_are_no_kernel_are_refused(void **state)
{
	struct made *made = *state;
	struct strbuf file = { 0 };
	put_vmlinux(&file, ET_REL, EM_X86_64, true);
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "a.ko", &file) }, "target.format",
		       "module");
	lade_strbuf_clear(&file);
	put_vmlinux(&file, ET_REL, EM_BPF, true);
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "a.bpf.o", &file) }, "target.format",
		       "BPF object");
	lade_strbuf_clear(&file);
	put_vmlinux(&file, ET_DYN, EM_X86_64, false);
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "ls", &file) }, "target.format",
		       "no kernel");
	lade_strbuf_clear(&file);
}

static void files_that_are_no_kernel_are_refused(void **state)
{
	struct made *made = *state;
	struct strbuf nothing = { 0 }, packed = { 0 };
	assert_refused(made, (struct lade_target_opts){ .kernels = made_text(made, "a.txt", "some text\n") },
		       "target.format", "no kernel");
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "empty", &nothing) },
		       "target.format", "empty");
	put_zeros(&nothing, 100000);
	put_packed(&packed, XZ, &nothing);
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "zeros.xz", &packed) },
		       "target.format", "no kernel");
	assert_refused(made, (struct lade_target_opts){ .kernels = "/dev/null" }, "target.file", "device");
	assert_refused(made, (struct lade_target_opts){ .kernels = "/tmp/" }, "target.file", "directory");
	lade_strbuf_clear(&nothing);
	lade_strbuf_clear(&packed);
}

static void kernel_that_is_cut_short_is_damaged(void **state)
{
	struct made *made = *state;
	struct strbuf kernel = raw_kernel(), image = { 0 };
	put_packed(&image, ZSTD, &kernel);
	image.length /= 2;
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "Image.zst", &image) },
		       "target.damaged", "cut short");
	lade_strbuf_clear(&image);
	lade_strbuf_clear(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(raw_image_of_arm64_has_types_configuration_and_symbols),
		TEST(image_packed_as_a_whole_is_unpacked),
		TEST(image_of_x86_is_unpacked_by_its_header),
		TEST(image_for_efi_is_unpacked_by_its_header),
		TEST(packed_kernel_is_found_where_no_header_tells),
		TEST(kernel_packed_in_a_way_without_a_library_names_what_is_missing),
		TEST(vmlinux_has_types_symbols_and_release_in_its_sections),
		TEST(function_that_the_compiler_renamed_is_near),
		TEST(elf_files_that_are_no_kernel_are_refused),
		TEST(files_that_are_no_kernel_are_refused),
		TEST(kernel_that_is_cut_short_is_damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
