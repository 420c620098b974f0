/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated from data/explain/asked.csv. */
#ifndef LADE_EXPLAIN_SETTLE_ASKED_TABLE_H
#define LADE_EXPLAIN_SETTLE_ASKED_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are offsets into lade_asked_text; 0 is "". */
struct asked {
	uint32_t words[2];  /* that the text has; "": whatever */
	uint32_t code;      /* begins that of the item */
	uint32_t operation; /* of its rule; "": whatever */
	uint32_t line;      /* that its line has; "": whatever */
	uint32_t cause;     /* "": the one that is there */
	uint32_t fix;
	uint16_t before; /* the kernel that it is not about any more; 0: it is of all */
	int errnum;      /* 0: whatever */
	bool is_error;   /* what else is only worth a note */
	bool is_note;    /* what else is an error: the text says that it was got over */
};
extern const char lade_asked_text[];
extern const struct asked lade_asked[];
extern const size_t lade_asked_count;

#endif
