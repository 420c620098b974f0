/* SPDX-License-Identifier: BSD-2-Clause */
/* A small valid object whose every part a test may spoil before it is written out. */
#ifndef TESTS_ELF_BUILDER_H
#define TESTS_ELF_BUILDER_H

#include <libelf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "elf/elf.h"

enum { NONE, TEXT, STRINGS, SYMBOLS, RELOCATIONS, BSS, SECTION_COUNT };

/* Also the layout of the file. */
struct builder {
	Elf64_Ehdr header;
	uint8_t text[32];
	char strings[96];
	Elf64_Sym symbols[4];
	Elf64_Rel relocations[2];
	Elf64_Shdr sections[SECTION_COUNT];
};

static const char builder_strings[] = "\0.text\0.strtab\0.symtab\0.rel.text\0.bss\0main\0counter\0";

static inline uint32_t builder_name(const char *name)
{
	for (uint32_t at = 0; at < sizeof builder_strings - 1; at += (uint32_t)strlen(builder_strings + at) + 1)
		if (!strcmp(builder_strings + at, name))
			return at;
	abort();
}

static inline Elf64_Shdr builder_section(const char *name, uint32_t type, size_t offset, size_t size)
{
	return (Elf64_Shdr){
		.sh_name = builder_name(name), .sh_type = type, .sh_offset = offset, .sh_size = size, .sh_addralign = 8
	};
}

static inline void builder_fill_sections(struct builder *b)
{
	b->sections[TEXT] = builder_section(".text", SHT_PROGBITS, offsetof(struct builder, text), sizeof b->text);
	b->sections[TEXT].sh_flags = SHF_ALLOC | SHF_EXECINSTR;
	b->sections[STRINGS] =
		builder_section(".strtab", SHT_STRTAB, offsetof(struct builder, strings), sizeof b->strings);
	b->sections[SYMBOLS] =
		builder_section(".symtab", SHT_SYMTAB, offsetof(struct builder, symbols), sizeof b->symbols);
	b->sections[SYMBOLS].sh_link = STRINGS;
	b->sections[SYMBOLS].sh_entsize = sizeof(Elf64_Sym);
	b->sections[RELOCATIONS] =
		builder_section(".rel.text", SHT_REL, offsetof(struct builder, relocations), sizeof b->relocations);
	b->sections[RELOCATIONS].sh_link = SYMBOLS;
	b->sections[RELOCATIONS].sh_info = TEXT;
	b->sections[RELOCATIONS].sh_entsize = sizeof(Elf64_Rel);
	b->sections[BSS] = builder_section(".bss", SHT_NOBITS, sizeof *b, 4096);
}

static inline struct builder builder_make(void)
{
	struct builder b = { 0 };
	memcpy(b.header.e_ident, ELFMAG, SELFMAG);
	b.header.e_ident[EI_CLASS] = ELFCLASS64;
	b.header.e_ident[EI_DATA] = ELFDATA2LSB;
	b.header.e_ident[EI_VERSION] = EV_CURRENT;
	b.header.e_type = ET_REL;
	b.header.e_machine = EM_BPF;
	b.header.e_version = EV_CURRENT;
	b.header.e_ehsize = sizeof b.header;
	b.header.e_shoff = offsetof(struct builder, sections);
	b.header.e_shentsize = sizeof(Elf64_Shdr);
	b.header.e_shnum = SECTION_COUNT;
	b.header.e_shstrndx = STRINGS;
	for (size_t i = 0; i < sizeof b.text; i++)
		b.text[i] = (uint8_t)i;
	memcpy(b.strings, builder_strings, sizeof builder_strings);
	b.symbols[1] = (Elf64_Sym){ builder_name("main"), ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, TEXT, 0, 32 };
	b.symbols[2] =
		(Elf64_Sym){ builder_name("counter"), ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), STV_HIDDEN, BSS, 8, 4 };
	b.symbols[3] = (Elf64_Sym){ 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), 0, SHN_ABS, 0, 0 };
	b.relocations[0] = (Elf64_Rel){ 16, ELF64_R_INFO(2, 1) };
	b.relocations[1] = (Elf64_Rel){ 0, ELF64_R_INFO(1, 10) };
	builder_fill_sections(&b);
	return b;
}

static inline void builder_encode(uint8_t *bytes, size_t size, Elf_Type type)
{
	Elf_Data data = { .d_buf = bytes, .d_type = type, .d_version = EV_CURRENT, .d_size = size };
	assert_non_null(elf64_xlatetof(&data, &data, ELFDATA2MSB));
}

/* The bytes of the file, in the byte order that its header names. */
static inline void builder_write(const struct builder *b, uint8_t bytes[static sizeof *b])
{
	memcpy(bytes, b, sizeof *b);
	if (b->header.e_ident[EI_DATA] != ELFDATA2MSB)
		return;
	assert_int_equal(elf_version(EV_CURRENT), EV_CURRENT);
	builder_encode(bytes, sizeof b->header, ELF_T_EHDR);
	builder_encode(bytes + offsetof(struct builder, symbols), sizeof b->symbols, ELF_T_SYM);
	builder_encode(bytes + offsetof(struct builder, relocations), sizeof b->relocations, ELF_T_REL);
	builder_encode(bytes + offsetof(struct builder, sections), sizeof b->sections, ELF_T_SHDR);
}

static inline int builder_parse(const struct builder *b, struct elf_image **ret_image, struct lade_error **error)
{
	uint8_t bytes[sizeof *b];
	builder_write(b, bytes);
	return lade_elf_parse(bytes, sizeof bytes, "test.o", ret_image, error);
}

/* Whole of a file; the caller frees. */
static inline uint8_t *read_test_file(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "rbe");
	if (!file)
		fail_msg("cannot open %s", path);
	(void)fseek(file, 0, SEEK_END);
	*ret_size = (size_t)ftell(file);
	rewind(file);
	uint8_t *bytes = malloc(*ret_size);
	assert_int_equal(fread(bytes, 1, *ret_size, file), *ret_size);
	(void)fclose(file);
	return bytes;
}

/* The first finding has this code and says this; frees the error. */
static inline void assert_finding(struct lade_error *error, const char *code, const char *text)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (lade_error_finding_count(error) != 1)
		fail_msg("%zu findings instead of %s", lade_error_finding_count(error), code);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
	assert_true(info.cause && *info.cause && info.fix && *info.fix);
	if (!strstr(info.message, text))
		fail_msg("\"%s\" does not say \"%s\"", info.message, text);
	lade_error_free(error);
}

/* One of the first finding's pieces of evidence, its cause or its fix says this. */
static inline bool finding_mentions(const struct lade_error *error, const char *text)
{
	struct lade_finding_info info = { .size = sizeof info };
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	for (size_t i = 0; i < info.evidence_count; i++)
		if (strstr(info.evidence[i], text))
			return true;
	return (info.fix && strstr(info.fix, text)) || (info.cause && strstr(info.cause, text));
}

#endif
