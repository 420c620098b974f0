/* SPDX-License-Identifier: BSD-2-Clause */
/* Which functions and maps a program reaches, itself and its subprograms. */
#ifndef LADE_OBJECT_REACH_H
#define LADE_OBJECT_REACH_H

#include "object/model.h"

/*
 * Fills reach_functions (subprograms in the order in which they are first called) and reach_maps once; the
 * program is const for callers because its meaning does not change. -ENOMEM.
 */
int lade_program_reach(const struct lade_program *program);

#endif
