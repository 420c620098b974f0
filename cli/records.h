/* SPDX-License-Identifier: BSD-2-Clause */
/* What run and watch do with records: one line each, and a summary at the end. */
#ifndef LADE_CLI_RECORDS_H
#define LADE_CLI_RECORDS_H

#include "cli.h"
#include "lines.h"

struct record_note {
	char *map;
	char *why; /* last reason why records could not be decoded: said once */
	enum lade_type_source source;
	char *type; /* the type that was named last */
};

struct records {
	const struct cli *cli;
	struct lines lines;
	uint64_t count_limit, count; /* --count; 0: none */
	bool is_last;                /* what is left is printed, whatever asks to stop */
	bool no_memory;
	struct record_note *notes;
	size_t note_count;
};

void records_clear(struct records *records);
/* A lade_record_fn; userdata is the struct. */
int records_print(void *userdata, const struct lade_record *record);
/* "events: 12 records, 3 lost" on stderr. */
void records_summary(const struct records *records, const struct lade_stream *stream);

#endif
