/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a map's record, by name: BTF gives them, and DWARF where BTF is missing. */
#ifndef LADE_DIALECT_MEMBERS_H
#define LADE_DIALECT_MEMBERS_H

#include "dialect/dialect.h"

struct record_member {
	const char *name; /* lives as long as the source */
	uint64_t offset;  /* bytes in the record */
	uint64_t bytes;
};

struct record_members {
	struct record_member *items;
	size_t count, capacity;
	const char *struct_name; /* "" when it has none */
	const char *origin;      /* "BTF" or "DWARF": static text; NULL: nothing is known */
};

struct dwarf;

/* What knows the types of variables. */
struct member_source {
	const struct lade_btf *btf;
	uint32_t datasec; /* of the section that is asked about; 0: none */
	struct dwarf *dwarf;
	uint32_t next;   /* variables and records lie in one order: where the next is likely to be */
	unsigned budget; /* comparisons of names, for hostile files */
};

/* -ENOMEM. Reads DWARF only where BTF says nothing about the section. */
int lade_member_source_open(const struct source *source, const char *section, struct member_source *ret_source);
void lade_member_source_clear(struct member_source *source);
/* Members of the struct of this variable; ret_members->origin is NULL when nothing is known. -ENOMEM. */
int lade_members_read(struct member_source *source, const char *variable, struct record_members *ret_members);
void lade_members_clear(struct record_members *members);
/* NULL: no such member. */
const struct record_member *lade_members_find(const struct record_members *members, const char *name);

/* ---- dwarf.c ---- */
/* *ret_dwarf is NULL when the file has none that can be read. -ENOMEM. */
int lade_dwarf_open(const struct elf_image *elf, struct dwarf **ret_dwarf);
struct dwarf *lade_dwarf_free(struct dwarf *dwarf);
int lade_dwarf_members(struct dwarf *dwarf, const char *variable, struct record_members *ret_members);

#endif
