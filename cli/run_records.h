/* SPDX-License-Identifier: BSD-2-Clause */
/* What run does with records: one line each, and a count per map. */
#ifndef LADE_CLI_RUN_RECORDS_H
#define LADE_CLI_RUN_RECORDS_H

#include "cli.h"

struct run_count {
	char *map;
	uint64_t records, lost;
	char *why; /* last reason why records could not be decoded: said once */
};

struct run_records {
	const struct cli *cli;
	struct run_count *counts;
	size_t count;
	bool (*must_stop)(void);
	bool no_memory;
	int output_errno; /* why stdout could not be written; 0: it could */
};

/* One count for each buffer of the instance. False without memory. */
bool run_records_init(struct run_records *records, const struct cli *cli, const struct lade_instance *instance);
void run_records_clear(struct run_records *records);
/* A lade_record_fn; userdata is the struct. */
int run_records_print(void *userdata, const struct lade_record *record);
/* "events: 12 records, 3 lost" on stderr. */
void run_records_summary(const struct run_records *records);

#endif
