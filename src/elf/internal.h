/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this room share. Nothing here is seen outside. */
#ifndef LADE_ELF_INTERNAL_H
#define LADE_ELF_INTERNAL_H

#include <libelf.h>

#include "elf/elf.h"

struct elf_range {
	size_t start, end; /* bytes of the file */
};
struct elf_ranges {
	struct elf_range *items; /* ascending, apart from each other */
	size_t count, capacity;
};

/* Behind elf_image.private_handle. */
struct lade_elf_index {
	uint32_t symbol_table; /* section index; 0: none */
	/* Chains of the relocation sections of each section; 0 ends a chain. section_count items each. */
	uint32_t *first_relocation, *next_relocation;
	int fd;                   /* of a file of which only parts are read; -1: of none */
	struct elf_ranges ranges; /* those parts */
};

static inline struct lade_elf_index *lade_elf_index(const struct elf_image *image)
{
	return image->private_handle;
}

/*
 * parts.c: reads what a loader looks at into bytes, which are size zeros. False: the file is not taken apart easily, or
 * has changed meanwhile; then all of it is to be read.
 */
bool lade_elf_read_parts(int fd, uint8_t *bytes, size_t size, struct elf_ranges *ret_ranges);
/* All besides these ranges. False: cannot be read, or the file is shorter now. */
bool lade_elf_read_rest(int fd, uint8_t *bytes, size_t size, const struct elf_ranges *ranges);

/* Checks what can be said from the first 64 bytes; fills byte order, machine and type. */
int lade_elf_check_header(struct elf_image *image, Elf64_Ehdr *ret_header, struct lade_error **error);
int lade_elf_read_sections(struct elf_image *image, const Elf64_Ehdr *header, struct lade_error **error);
int lade_elf_read_symbols(struct elf_image *image, struct lade_error **error);

/* "an x86-64", "a RISC-V"; NULL: no name for it. */
const char *lade_elf_machine_name(uint16_t machine);

/*
 * Copies size bytes at offset of the file into ret_records and brings them into native byte order; false
 * when they do not lie in the file. libelf only swaps bytes here: it never sees the file.
 */
bool lade_elf_translate(const struct elf_image *image, uint64_t offset, size_t size, Elf_Type type, void *ret_records);

/* The string at this offset of a string table; NULL when it does not end inside the table. */
const char *lade_elf_string(const struct elf_section *table, uint64_t offset);

#endif
