/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An executable or shared library as a tracer sees it: any machine, ELF32 or ELF64, either byte order. Such files are
 * large and may be changed while they are read, so nothing is mapped: what is needed is read with pread(2), and every
 * range is checked against the file first.
 */
#ifndef LADE_SYMBOLS_BINARY_H
#define LADE_SYMBOLS_BINARY_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"

struct lade_binary_section {
	const char *name; /* "" where the file does not say */
	uint32_t type, link, info;
	uint64_t flags, address, offset, size, entry_size;
};

struct lade_binary_segment {
	uint32_t type, flags;
	uint64_t offset, address, file_size;
};

struct lade_binary {
	char *path;
	int fd;          /* -1: in memory */
	uint8_t *memory; /* owned */
	uint64_t size;   /* bytes of the file */
	bool is_64, big_endian;
	uint16_t machine, type;
	ARRAY_OF(struct lade_binary_section) sections;
	ARRAY_OF(struct lade_binary_segment) segments;
	char *names;            /* of the sections, ends with NUL */
	struct strings damages; /* what of the file could not be read, in words: evidence for findings */
};

/* Bytes that were read, owned. A NUL follows them. */
struct lade_blob {
	uint8_t *bytes;
	uint64_t size;
};

/* Findings: attach.uprobe.file. Only ET_EXEC and ET_DYN, whose sections may be gone; only regular files. */
int lade_binary_open(const char *path, struct lade_binary **ret_binary, struct lade_error **error);
/* A file that came out of another; takes the memory, also on failure. */
int lade_binary_in_memory(uint8_t *memory, uint64_t size, const char *path, struct lade_binary **ret_binary,
			  struct lade_error **error);
struct lade_binary *lade_binary_free(struct lade_binary *binary);

/* First of this name, or of this type; NULL: none. */
const struct lade_binary_section *lade_binary_section(const struct lade_binary *binary, const char *name);
const struct lade_binary_section *lade_binary_section_of_type(const struct lade_binary *binary, uint32_t type);

/* -EBADMSG: not in the file (or not in it any more); -E2BIG: more than a tracer wants; -ENOMEM, -EIO. */
int lade_binary_read(const struct lade_binary *binary, uint64_t offset, uint64_t size, struct lade_blob *ret_blob);
/* The same of a section; what cannot be read goes into damages. SHT_NOBITS is -EBADMSG. */
int lade_binary_content(struct lade_binary *binary, const struct lade_binary_section *section,
			struct lade_blob *ret_blob);
void lade_blob_clear(struct lade_blob *blob);

/* File offset of an address by the PT_LOAD segment that holds it. needed_flags: PF_X, PF_W or 0. */
bool lade_binary_offset(const struct lade_binary *binary, uint64_t address, uint32_t needed_flags,
			uint64_t *ret_offset);

/* A number of 1, 2, 4 or 8 bytes in the file's byte order. */
uint64_t lade_binary_number(const struct lade_binary *binary, const uint8_t *at, unsigned width);
/* The same at an offset of a blob; false: not inside. */
bool lade_blob_number(const struct lade_binary *binary, const struct lade_blob *blob, uint64_t offset, unsigned width,
		      uint64_t *ret_number);
/* The string at an offset of a blob; NULL: not inside, or without end. */
const char *lade_blob_string(const struct lade_blob *blob, uint64_t offset);

static inline unsigned lade_binary_word(const struct lade_binary *binary)
{
	return binary->is_64 ? 8 : 4;
}

/* A member of an ELF record that differs between the classes. */
#define BINARY_FIELD(binary, record, type, member)                                                                     \
	((binary)->is_64 ? lade_binary_number((binary), (record) + offsetof(Elf64_##type, member),                     \
					      sizeof(((Elf64_##type *)0)->member))                                     \
			 : lade_binary_number((binary), (record) + offsetof(Elf32_##type, member),                     \
					      sizeof(((Elf32_##type *)0)->member)))
#define BINARY_RECORD(binary, type) ((binary)->is_64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

DEFINE_CLEANUP(struct lade_binary, lade_binary, lade_binary_free)

#endif
