/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two halves of the DWARF reader share. */
#ifndef LADE_DIALECT_DWARF_H
#define LADE_DIALECT_DWARF_H

#include "dialect/members.h"

#define MAX_PAIRS 64

/* A stretch of bytes that is read once; after the first read beyond its end it stays failed. */
struct cursor {
	const uint8_t *bytes;
	uint64_t size, at;
	bool big_endian, failed;
};

struct text {
	uint8_t *bytes; /* relocated copy, owned */
	uint64_t size;
};

struct abbreviation {
	uint64_t code;
	uint32_t tag;
	bool has_children;
	unsigned count;
	struct {
		uint32_t attribute, form;
		uint64_t constant;
	} pairs[MAX_PAIRS];
};

struct unit {
	uint64_t start, end, first; /* offsets in .debug_info; first: of the first entry */
	uint64_t abbreviations;     /* offset in .debug_abbrev */
	uint64_t strings;           /* base in .debug_str_offsets */
	unsigned version, address_bytes, offset_bytes;
};

/* What of an entry anybody asks for. */
struct entry {
	const struct abbreviation *kind; /* NULL: the end of a list of children */
	const char *name;
	uint64_t type; /* offset in .debug_info; 0: none */
	uint64_t location, bytes, base;
	uint64_t sibling;
};

struct variable {
	const char *name;
	uint64_t type;
	uint32_t unit;
};

struct dwarf {
	const struct elf_image *elf;
	struct text info, offsets;
	const struct elf_section *abbrev, *strings;
	ARRAY_OF(struct unit) units;
	ARRAY_OF(struct variable) variables;
	/* of the unit that is being read */
	ARRAY_OF(struct abbreviation) kinds;
	uint32_t kinds_unit;
	unsigned budget;
};

struct value {
	uint64_t number;
	const char *text; /* never NULL */
};

/* ---- dwarf_value.c ---- */
struct cursor lade_dwarf_cursor(const struct dwarf *dwarf, const uint8_t *bytes, uint64_t size, uint64_t at);
uint64_t lade_dwarf_number(struct cursor *cursor, unsigned bytes);
uint64_t lade_dwarf_uleb(struct cursor *cursor);
void lade_dwarf_skip(struct cursor *cursor, uint64_t count);
void lade_dwarf_value(const struct dwarf *dwarf, const struct unit *unit, uint32_t form, struct cursor *cursor,
		      struct value *value);

#endif
