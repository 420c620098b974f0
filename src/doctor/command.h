/* SPDX-License-Identifier: BSD-2-Clause */
/* Other programs, run for what they print: found in PATH and nowhere else, and given little time. */
#ifndef LADE_DOCTOR_COMMAND_H
#define LADE_DOCTOR_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

/* CLOCK_MONOTONIC */
uint64_t lade_command_now_ns(void);

/*
 * The first executable file of that name in the absolute directories of PATH (none of a set-user-ID program's). false:
 * there is none.
 */
bool lade_command_find(const char *name, char *path, size_t size);
/* The same for NAME, else NAME-30 down to NAME-10, as distributions call several versions. */
bool lade_command_find_versioned(const char *name, char *path, size_t size);

struct command {
	const char *const *words; /* the first is its path; NULL ends them */
	const char *input;        /* NULL: none */
	uint64_t until_ns;        /* then it is killed, with its children that stay in its process group */
	size_t most_bytes;        /* of what it prints; then, too */
};
/*
 * Runs it; output (may be NULL) gets what it prints, standard error only with errors. Exit status, 128 + signal, or
 * -errno: -ETIMEDOUT, -EFBIG, what starting it failed with.
 */
int lade_command_run(const struct command *command, bool errors, struct strbuf *output);

#endif
