/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file shows of its dialect, gathered before anything is decided. */
#ifndef LADE_DIALECT_FACTS_H
#define LADE_DIALECT_FACTS_H

#include "dialect/legacy.h"

struct facts {
	const struct source *source;
	struct lade_object *object;
	const struct elf_section *btf_maps;   /* .maps */
	const struct elf_section *maps;       /* maps */
	const struct elf_section *named_maps; /* first maps/NAME */
	const struct elf_section *other_maps; /* first section that begins with maps in another way */
	struct map_records records;           /* of section maps; empty when it is malformed */
	uint64_t stride;                      /* bytes of a record; 0: unknown or not one size */
	struct member_source types;
	struct record_members members; /* of the first record of section maps */
	bool words_are_named;          /* … name type, sizes and entries */
	bool has_version;
	/* Sections with code, .text apart. */
	size_t code_sections;
	size_t in_samples; /* names that the samples table knows */
	size_t in_libbpf;  /* names that today's libbpf knows */
	size_t in_libbpf0; /* … and libbpf before 1.0, prog included */
	size_t in_aya, in_redbpf;
	size_t only_libbpf0;          /* known there and not to the samples table */
	const char *iproute2_section; /* first classifier, action, prog or ID/SLOT of a prog array; NULL: none */
};

int lade_facts_gather(const struct source *source, struct lade_object *object, struct facts *ret_facts);
void lade_facts_clear(struct facts *facts);

/* Word n of the i-th map record; 0 where the record is shorter. */
uint32_t lade_facts_word(const struct facts *facts, size_t record, unsigned n);
/* Is word n zero in every record? */
bool lade_facts_word_zero(const struct facts *facts, unsigned n);
/* Has a section with code the name ID/SLOT with this id? */
bool lade_facts_has_tail(const struct facts *facts, uint32_t id);
/* Does every program section get the same type and attach type in both section tables? */
bool lade_facts_same_types(const struct facts *facts, const char *table, const char *other);
/* Has the struct of section maps' first record this member? */
bool lade_facts_has_member(const struct facts *facts, const char *name);
/* "42/0", "0xabccba/0": what iproute2 reads with %i/%i. */
bool lade_facts_is_tail(const char *section, uint32_t *ret_id);
/* Every program section in turn: those with code, .text apart. Index 0 begins; 0 ends. */
uint32_t lade_facts_next_program(const struct facts *facts, uint32_t section);

#endif
