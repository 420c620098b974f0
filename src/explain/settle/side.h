/* SPDX-License-Identifier: BSD-2-Clause */
/* For whom a source is compiled of which a compiler complains: for the machine, or for BPF. */
#ifndef LADE_EXPLAIN_SETTLE_SIDE_H
#define LADE_EXPLAIN_SETTLE_SIDE_H

#include "explain/text.h"

enum compiled_side {
	SIDE_UNKNOWN,
	SIDE_HOST, /* a loader, a library, a tool: vmlinux.h is nothing for it */
	SIDE_BPF,
	SIDE_KERNEL, /* its own build, or that of a module */
};

/* What a compiler complains of, and nothing in the text has told yet what it means? */
bool lade_is_open_complaint(const struct explained *item);
/* "PATH:12:5: error: …": the path; false: the line names no place. */
bool lade_place_of(const struct span *line, struct span *path);
enum compiled_side lade_side_of(const struct explained *item, const struct span *text);
/* Of the path alone. */
enum compiled_side lade_side_of_path(const struct span *path);
/* Has the path this part, or (`is_end`) does it end so? */
bool lade_path_has(const struct span *path, const char *part);
bool lade_path_ends(const struct span *path, const char *end);

#endif
