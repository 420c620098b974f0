/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the dialects before and beside libbpf share: map records of plain words in sections whose names begin
 * with `maps`. Their programs, global variables and subprograms take the road of dialect btf.
 */
#ifndef LADE_DIALECT_LEGACY_H
#define LADE_DIALECT_LEGACY_H

#include "dialect/fill.h"
#include "dialect/members.h"

enum record_field {
	RECORD_TYPE,
	RECORD_KEY,
	RECORD_VALUE,
	RECORD_MAX,
	RECORD_FLAGS,
	RECORD_INNER, /* index of the template among the object's records */
	RECORD_NUMA,
	RECORD_ID,
	RECORD_PINNING,
	RECORD_SPACE, /* text: name of a directory */
	RECORD_FIELDS,
};

struct record_words {
	uint32_t numbers[RECORD_FIELDS];
	bool given[RECORD_FIELDS];
	bool by_name;      /* BTF or DWARF names them */
	const char *space; /* RECORD_SPACE; not terminated */
	size_t space_bytes;
};

/* Where the words lie when nothing names them. */
struct record_layout {
	uint64_t bytes; /* of the record; 0: any from 16 on */
	uint8_t fields[8];
	unsigned count; /* four bytes each, but RECORD_SPACE takes the rest */
};

enum tail_rule { TAIL_MUST_BE_ZERO, TAIL_IS_IGNORED };

struct legacy_rules {
	const struct record_layout *layouts; /* the first that fits */
	size_t layout_count;
	enum tail_rule tail;
	bool named_by_section; /* maps/NAME is the map NAME */
	/* What the words mean beyond the definition: pins. NULL: nothing. */
	int (*apply)(struct filling *filling, struct lade_map *map, const struct record_words *words);
};

/* Reads all sections whose names begin with `maps` into the object. Findings: dialect.maps.*, dialect.record.* */
int lade_legacy_maps_read(struct filling *filling, const struct legacy_rules *rules);
/* The name as bpffs takes it: neither dots nor slashes, so that no path leads out of it. */
void lade_legacy_add_pin_name(struct strbuf *path, const char *name, size_t length);
/* Could this section hold map records? */
bool lade_legacy_is_maps(const struct elf_section *section);

/* The struct of the kernel's old samples, which many projects took over. */
extern const struct legacy_rules lade_legacy_samples_rules;

#endif
