/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables generated from data/ at build time. */
#ifndef LADE_OBJECT_SECTIONS_TABLE_H
#define LADE_OBJECT_SECTIONS_TABLE_H

#include "object/sections.h"

extern const struct section_row lade_section_rows[];
extern const size_t lade_section_row_count;

/* Where the rows of a dialect stand. */
struct section_range {
	const char *dialect;
	size_t first, count;
	const char *letters; /* of each row, what its prefix begins with: most lookups need no more of most rows */
};
extern const struct section_range lade_section_ranges[];
extern const size_t lade_section_range_count;

/* Index is the kernel's number; NULL where there is none. */
extern const char *const lade_map_names[];
extern const char *const lade_program_names[];
extern const char *const lade_attach_names[];
extern const char *const lade_command_names[];
extern const size_t lade_map_name_count, lade_program_name_count, lade_attach_name_count, lade_command_name_count;

#endif
