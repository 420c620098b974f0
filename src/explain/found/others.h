/* SPDX-License-Identifier: BSD-2-Clause */
/* The causes that a finding only lists, of which the text leaves some out. */
#ifndef LADE_EXPLAIN_FOUND_OTHERS_H
#define LADE_EXPLAIN_FOUND_OTHERS_H

#include "base/array.h"

/* "it may be: …" that has the part; NULL: all of them, and what tells which it is. */
void lade_drop_others(struct strings *evidence, const char *part);

#endif
