/* SPDX-License-Identifier: BSD-2-Clause */
/* What every judge is linked with one of: a loader. */
#ifndef JUDGE_LOADER_H
#define JUDGE_LOADER_H

#include <stddef.h>
#include <stdio.h>

struct loaded_thing {
	const char *name;
	int fd; /* below 0: not in the kernel */
};

struct loaded {
	struct loaded_thing *programs, *maps;
	size_t program_count, map_count;
	char message[1024]; /* why not */
};

/* "libbpf 1.7.0" */
void loader_name(FILE *out);

/*
 * Loads the object as the loader does by default; with `only`, that program alone; with `btf`, relocated against the
 * types of that file. 0 or a negative errno with a message. The descriptors stay open until the process ends.
 */
int loader_load(const char *path, const char *only, const char *btf, struct loaded *loaded);

/* The names of all programs of the object, one a line. */
int loader_list(const char *path, FILE *out);

#endif
