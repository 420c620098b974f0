/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of lade map share. */
#ifndef LADE_CLI_MAP_H
#define LADE_CLI_MAP_H

#include "cli.h"

struct map_verb {
	struct cli *cli;
	const char *which; /* as it was named */
	struct lade_live_map *map;
	struct lade_live_map_info info;
	int cpu; /* LADE_ALL_CPUS */
	uint64_t flags;
	struct lade_error *error;
};

/* Opens; -1, or the exit code. */
int map_open(struct map_verb *verb, const char *which, enum lade_map_access access);
void map_close(struct map_verb *verb);
bool map_has_keys(const struct map_verb *verb);

/* "1: 42", or {"key":1,"value":42} without more; false without memory. key NULL: it has none. */
bool map_print_entry(const struct map_verb *verb, FILE *file, const void *key, const void *value);

/* One file each. Operands begin behind the word. */
int map_list(struct map_verb *verb, int argc, char **argv);
int map_set(struct map_verb *verb, int argc, char **argv);
int map_watch(struct map_verb *verb, int argc, char **argv);

#endif
