/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated from data/errno_table.csv. */
#ifndef LADE_DIAGNOSE_ERRNO_TABLE_H
#define LADE_DIAGNOSE_ERRNO_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct errno_row {
	uint32_t operation; /* "BPF_MAP_CREATE": offset into lade_errno_text */
	int errnum;
	uint32_t cause;        /* offset */
	uint32_t probe;        /* offset: what tells this cause from the others */
	uint32_t since, until; /* offsets: first and last kernel that has it; "": no bound */
};
extern const char lade_errno_text[];
extern const struct errno_row lade_errno_rows[]; /* most likely cause first */
extern const size_t lade_errno_row_count;

#endif
