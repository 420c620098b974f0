/* SPDX-License-Identifier: BSD-2-Clause */
/* What one loader does in a bench; main() and the clock are the same for all. */
#ifndef LADE_BENCH_CONTENDER_H
#define LADE_BENCH_CONTENDER_H

#include <stdbool.h>

/* What a loader keeps for all objects of one thread; NULL: nothing, or it failed. */
void *contender_begin(void);
void contender_end(void *state);

/* Opens and loads an object, neither pinned nor attached; NULL: refused, after its error text was made. */
void *contender_load(void *state, const char *path, unsigned jobs);
void contender_unload(void *loaded);
/* Why the last load failed; "" when the loader keeps no text. */
const char *contender_error(void);

#endif
