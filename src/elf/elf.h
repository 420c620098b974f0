/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bounds-checked view of an ELF object: sections, symbols, relocations. libelf translates the records;
 * nothing outside this room sees a libelf type. Whatever the bytes say, every pointer given out lies
 * inside the image and every name is a NUL-terminated string.
 */
#ifndef LADE_ELF_ELF_H
#define LADE_ELF_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"

struct elf_section {
	const char *name; /* "" when unnamed or when the name lies outside the string table */
	uint32_t index, type;
	uint64_t flags;
	uint32_t link, info;
	uint64_t size; /* bytes, also of SHT_NOBITS */
	uint64_t entry_size;
	uint64_t alignment;
	const uint8_t *bytes; /* size bytes; NULL for SHT_NOBITS and empty sections */
};

struct elf_symbol {
	const char *name; /* "" when it has none */
	uint64_t value, size;
	uint32_t index;
	uint16_t section; /* SHN_UNDEF, SHN_ABS … or a section index; one beyond the table is refused on reading */
	uint8_t bind, type, visibility;
};

struct elf_relocation {
	uint64_t offset; /* bytes in the relocated section */
	uint32_t type;   /* R_BPF_… */
	uint32_t symbol; /* index into symbols, checked */
	bool has_addend; /* SHT_RELA */
	int64_t addend;
};

struct elf_relocations {
	struct elf_relocation *items; /* sorted by offset */
	size_t count, capacity;
};

struct elf_image {
	char *file;
	bool big_endian;
	uint16_t machine, type;
	struct elf_section *sections; /* [0] is the null section */
	size_t section_count;
	struct elf_symbol *symbols; /* [0] is the null symbol; empty without a symbol table */
	size_t symbol_count;
	uint8_t *bytes; /* as long as the file, owned; see lade_elf_need_debug() */
	size_t size;
	void *private_handle; /* this room's index, owned */
};

/*
 * Reads a BPF object: ELF64, relocatable, e_machine EM_BPF or 0. Anything else gets a finding:
 * elf.open, elf.permission, elf.not-elf, elf.machine, elf.class, elf.not-relocatable, elf.header,
 * elf.truncated (a header, section or table beyond the file), elf.too-large, elf.strings, elf.symbols,
 * elf.relocation.
 * max_bytes 0: 256 MiB. Only regular files: others may block or have no end. Values and sizes of symbols
 * are as the file gives them, and are not checked against their sections.
 */
int lade_elf_read(const char *path, uint64_t max_bytes, struct elf_image **ret_image, struct lade_error **error);
/* The same from memory; copies the bytes. */
int lade_elf_parse(const void *bytes, size_t size, const char *file, struct elf_image **ret_image,
		   struct lade_error **error);
struct elf_image *lade_elf_free(struct elf_image *image);

/*
 * Of a large file the sections .debug_… and their relocations are not read, which can be most of it: they are zeros
 * until this is called. -EIO: they cannot be read any more.
 */
int lade_elf_need_debug(const struct elf_image *image);

/* First section with exactly this name; NULL: none. */
const struct elf_section *lade_elf_section(const struct elf_image *image, const char *name);

/*
 * All relocations that apply to a section (its SHT_REL and SHT_RELA sections), sorted by offset. An
 * entry whose symbol or offset is out of range is refused with elf.relocation.
 */
int lade_elf_relocations(const struct elf_image *image, uint32_t section, struct elf_relocations *ret_relocations,
			 struct lade_error **error);

DEFINE_CLEANUP(struct elf_image, elf_image, lade_elf_free)

#endif
