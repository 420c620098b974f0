/* SPDX-License-Identifier: BSD-2-Clause */
/* Options that run and watch share: what is printed of records, and for how long. */
#ifndef LADE_CLI_WATCH_OPTIONS_H
#define LADE_CLI_WATCH_OPTIONS_H

#include "cli.h"

/* Rows of a verb's option table. */
#define WATCH_OPTIONS                                                                                                  \
	{ 0, "for", "SECONDS", "end after this time; default: on Ctrl-C" },                                            \
		{ 0, "count", "N", "end after this many records" },                                                    \
		{ 0, "record", "[MAP=]STRUCT", "show records (of MAP) as this struct of the BTF; may be repeated" },   \
		{ 0, "fields", "A,B.C", "show only these fields, in this order: pid, inner.x, list[2].y" },            \
		{ 0, "hex", NULL, "show records as bytes" },                                                           \
		{ 0, "buffer", "SIZE", "bytes of a perf buffer on each CPU; K, M; default: 256K" },                    \
		{ 0, "unordered", NULL, "leave perf records as each CPU wrote them" },                                 \
	{                                                                                                              \
		0, "every", "SECONDS", "print what iterators write again and again; default: once"                     \
	}

struct watch_options {
	struct lade_stream_opts stream;
	struct lade_record_type *types;
	char **type_maps; /* owned names that types points to */
	char **fields;    /* owned */
	uint64_t count;   /* 0: no limit */
	double seconds;   /* 0: no end */
	double every;     /* 0: once */
};

/* -1 to go on, else the exit code. Free with watch_options_clear() in both cases. */
int watch_options_read(struct cli *cli, struct watch_options *options);
void watch_options_clear(struct watch_options *options);

#endif
